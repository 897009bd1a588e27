# shellcheck shell=bash
# Includes point downward only, never sideways between portal/, integration/, outbound/ and
# operator/; domain/, vault/ and
# paper/ know nothing of httpd.

height()
{
    case "$1" in
    domain/*) echo 1 ;;
    vault/* | paper/*) echo 2 ;;
    store/*) echo 3 ;;
    http/*) echo 4 ;;
    portal/* | integration/* | outbound/* | operator/*) echo 5 ;;
    *) echo 6 ;;
    esac
}

violations()
{
    local file include from to

    cd mod_mantova_dossier || return
    while IFS=: read -r file include; do
        from=$file
        to=${include#*\"}
        to=${to%%\"*}
        [[ $to == */* ]] || continue # beside it
        if [[ ${from%/*} != "${to%/*}" ]] && (($(height "$to") >= $(height "$from"))); then
            echo "$from includes $to: only what stands below"
        fi
    done < <(grep -rHE '^[[:space:]]*#[[:space:]]*include[[:space:]]+"' --include='*.[ch]' . | sed 's|^\./||')
    grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"](httpd|http_[a-z]+|ap_[a-z_]+|mod_[a-z_]+|util_[a-z_]+|unixd|apr_dbd)\.h' \
        domain vault paper | sed 's/$/: no httpd below http\//' || true
}

breach()
{
    sed -i '1i #include "store/db.h"' mod_mantova_dossier/domain/dates.c
}
