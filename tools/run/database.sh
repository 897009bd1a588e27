# shellcheck shell=bash
# Which database the operator's scripts speak to: the one that PGHOST, PGDATABASE, PGUSER and so on name, as an
# owner of it; without PGHOST the one of `./apxs-build.sh start` (VAR as there).
# To be read by a script that lies beside it.

if [[ -z ${PGHOST:-} ]]; then
    VAR=${VAR:-$(dirname "${BASH_SOURCE[0]}")/../../var}
    [[ -r $VAR/run/sock ]] || {
        printf '%s: set PGHOST, or start the portal first\n' "$0" >&2
        exit 1
    }
    PGHOST=$(cat "$VAR/run/sock")
    export PGHOST PGUSER=dossier_admin PGDATABASE=dossier
fi
