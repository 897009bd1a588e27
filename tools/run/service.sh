# shellcheck shell=bash
# Who runs PostgreSQL and Apache: never root. As root it is www-data, else whoever calls.

SERVICE_USER=
SERVICE=() # what stands before a command to run it as that user

service_choose()
{
    SERVICE=()
    SERVICE_USER=$(id -un)
    ((EUID == 0)) || return 0
    SERVICE_USER=www-data
    getent passwd www-data >/dev/null || fail "there is no user www-data to run the servers as"
    SERVICE=(setpriv --reuid=www-data --regid=www-data --init-groups)
    service_reaches && return
    # a checkout below /root, say: that user may not walk through it. This one capability is all it keeps.
    SERVICE+=(--inh-caps=+dac_override --ambient-caps=+dac_override)
    service_reaches || fail "www-data cannot read $ROOT or $VAR: put them where it can, or give it a way there"
}

service_reaches()
{
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_service sh -c 'cd / && test -x "$1" && test -r "$2/conf/run.conf" && test -x "$2/htdocs" &&
        { test ! -e "$3" || test -r "$3"; }' sh "$VAR" "$ROOT" "$MODULE"
}

as_service()
{
    "${SERVICE[@]}" "$@"
}

# VAR may be an empty directory or one of ours; a directory with somebody's files in it is not taken over.
service_var()
{
    [[ -d $VAR/run || ! -e $VAR || -z $(ls -A --ignore=screenshots -- "$VAR") ]] ||
        fail "VAR=$VAR holds other files: name a directory that is empty or does not exist"
    mkdir -p -- "$VAR"
}

# All but the certificate's folder are the service user's alone.
service_folders()
{
    local name folders=()

    [[ ! -d $VAR/run ]] || return 0
    for name in log keys vault outbox run; do # run last: it says that the others are there
        folders+=("$VAR/$name")
    done
    service_install -m 0755 "$VAR" "$VAR/tls"
    service_install -m 0700 "${folders[@]}"
}

service_install()
{
    install -d -o "$SERVICE_USER" -g "$(id -gn "$SERVICE_USER")" "$@"
}
