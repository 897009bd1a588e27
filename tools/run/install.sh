# shellcheck shell=bash
# `install`: the module, its pages, SQL and configuration into the Apache of this machine. DESTDIR stages a package.

SHARE=/usr/share/mantova-dossier

install_module()
{
    local to=${DESTDIR:-} modules

    packages_need run
    build_module
    build_pages
    modules=$(apxs -q LIBEXECDIR)
    install_file 644 "$MODULE" "$to$modules/mod_mantova_dossier.so"
    install_tree build/htdocs "$to$SHARE/htdocs"
    install_tree conf/gateways "$to$SHARE/gateways"
    install_tree docs "$to$SHARE/docs"
    install_operator
    install_file 644 "$ROOT/conf/monitoring/alerts.yml" "$to$SHARE/alerts.yml"
    install_file 644 "$ROOT/conf/portal.conf" "$to$SHARE/portal.conf"
    install_config "$ROOT/conf/mantova-dossier.load" "/etc/apache2/mods-available/mantova-dossier.load"
    install_config "$ROOT/conf/mantova-dossier.conf" "/etc/apache2/sites-available/mantova-dossier.conf"
    say ""
    say "Next (docs/operators.md, \"Installing\"):"
    say "  1. the database:  mantova-dossier migrate"
    say "  2. the settings:  /etc/apache2/sites-available/mantova-dossier.conf"
    say "  3. a2enmod mantova-dossier && a2ensite mantova-dossier && apachectl configtest"
    say "  4. systemctl restart apache2"
}

# The operator's command, with the SQL that it applies and verifies with.
install_operator()
{
    install_whole sql "${DESTDIR:-}$SHARE/sql"
    install_whole tools/operator "${DESTDIR:-}$SHARE/operator"
    install_file 755 "$ROOT/tools/mantova-dossier" "${DESTDIR:-}/usr/sbin/mantova-dossier"
}

install_root()
{
    if [[ -n ${DESTDIR:-} ]]; then
        "$@"
    else
        as_root "$@"
    fi
}

# install_file MODE FROM TO
install_file()
{
    install_root install -D -m "$1" "$2" "$3"
    say "$3"
}

install_tree()
{
    install_root mkdir -p "$2"
    install_root cp -R --no-preserve=ownership "$ROOT/$1/." "$2/"
    install_root chmod -R u+w,go+rX "$2"
    say "$2/"
}

# What the version before had and this one has not goes: migrate would apply it.
install_whole()
{
    install_root rm -rf -- "$2"
    install_tree "$1" "$2"
}

# A configuration the sysadmin has changed stays; the new one is laid beside it. What was installed last time
# is kept, to tell a changed file from an old one.
install_config()
{
    local from=$1 to=${DESTDIR:-}$2 pristine=${DESTDIR:-}$SHARE/conf/${2##*/}

    if [[ ! -e $to ]] || cmp -s "$to" "$pristine" || cmp -s "$to" "$from"; then
        install_file 644 "$from" "$to"
        install_root install -D -m 644 "$from" "$pristine"
    else
        install_file 644 "$from" "$to.new"
        say "  $to was changed here and stays; compare it with $to.new"
    fi
}
