#!/usr/bin/env bash
# Hospital systems and their keys. A key is printed once: the database keeps only its SHA-256.
#   tools/run/integrator.sh "LIS of San Pellegrino" san-pellegrino [more facilities]   a new system, and its key
#   tools/run/integrator.sh --list                         systems and keys, and when each was last used;
#                                                         which systems have ended
#   tools/run/integrator.sh --renew SYSTEM [NAME [DAYS]]   one more key for a system (its name or id), good for so many
#                                                         days; the others go on. A system that has ended works again,
#                                                         with this key alone
#   tools/run/integrator.sh --end KEY [DAYS]               that key (its id) ends now, or after so many days
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

usage()
{
    printf 'usage: %s NAME FACILITY... | --list | --renew SYSTEM [NAME [DAYS]] | --end KEY [DAYS]\n' "$0" >&2
    exit 2
}

# query [psql options]: a statement on standard input
query()
{
    psql -X -q -v ON_ERROR_STOP=1 "$@"
}

# Makes a key: $key, and $hash, which is all that the database is told of it.
make_key()
{
    key=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
    hash=$(printf %s "$key" | openssl dgst -sha256 -r)
    hash=${hash%% *}
}

case ${1:-} in
--list) least=1 most=1 ;;
--renew) least=2 most=4 ;;
--end) least=2 most=3 ;;
-* | "") usage ;;
*) least=2 most=$# ;;
esac
if (($# < least || $# > most)) || [[ $1 != --list && -z $2 ]]; then
    usage
fi
# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"

case $1 in
--list)
    query <<<'SELECT * FROM dossier_admin.integrator_keys()'
    ;;
--renew)
    make_key
    query -v system="$2" -v hash="$hash" -v name="${3:-}" -v days="${4:-}" >/dev/null <<'SQL'
SELECT dossier_admin.integrator_key_add(:'system', :'hash', :'name', nullif(:'days', '')::int);
SQL
    printf '%s\n' "$key"
    ;;
--end)
    query -v key="$2" -v days="${3:-0}" >/dev/null <<<"SELECT dossier_admin.integrator_key_end(:'key', :'days')"
    ;;
*)
    make_key
    query -v name="$1" -v hash="$hash" -v facilities="${*:2}" >/dev/null <<'SQL'
SELECT dossier_admin.integrator_put(:'name', :'hash', string_to_array(:'facilities', ' '));
SQL
    printf '%s\n' "$key"
    ;;
esac
