# shellcheck shell=bash
# Includes point downward only, never sideways between portal/, integration/ and operator/, nor between http/ and
# outbound/; no circle among files; domain/, base/, vault/ and paper/ know nothing of httpd.

height()
{
    case "$1" in
    base/*) echo 1 ;;
    domain/*) echo 2 ;;
    vault/* | paper/*) echo 3 ;;
    store/*) echo 4 ;;
    config/*) echo 5 ;;
    http/* | outbound/*) echo 6 ;;
    portal/* | integration/* | operator/*) echo 7 ;;
    *) echo 8 ;;
    esac
}

# "from to", a line per include of a file of ours, in quotes or not; what is named from beside it by its whole name
includes()
{
    local from to

    grep -rHE '^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' --include='*.[ch]' . |
        sed -E 's|^\./([^:]+):[^"<]*["<]([^">]+)[">].*|\1 \2|' |
        while read -r from to; do
            [[ $from != */* || ! -e ${from%/*}/$to ]] || to=${from%/*}/$to
            while [[ $to =~ ^(.*/)?[^/.]+/\.\./(.*)$ ]]; do to=${BASH_REMATCH[1]}${BASH_REMATCH[2]}; done
            [[ ! -e $to ]] || echo "$from $to"
        done
}

violations()
{
    local from to

    cd mod_mantova_dossier || return
    while read -r from to; do
        [[ $from == */* ]] || continue
        if [[ ${from%/*} != "${to%/*}" ]] && (($(height "$to") >= $(height "$from"))); then
            echo "$from includes $to: only what stands below"
        fi
    done < <(includes)
    # a unit is a header with its source; vault/ is one library with a private header of its own
    includes | sed -E 's/\.[ch]( |$)/\1/g' | awk '$1 != $2 && $1 !~ /^vault/' | tsort 2>&1 >/dev/null |
        sed -n 's/^tsort: /a circle of includes: /p' || true
    grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](httpd|http_[a-z]+|ap_[a-z_]+|mod_[a-z_]+|util_[a-z_]+|unixd|apr_dbd)\.h' \
        base domain vault paper | sed 's/$/: no httpd below store\//' || true
}

breach()
{
    sed -i '1i #include <store/db.h>' mod_mantova_dossier/domain/date.c
}
