#!/usr/bin/env bash
# What patients are told on every screen, before the login too: plain text, for a while.
#   tools/run/banner.sh                                              what is shown now
#   tools/run/banner.sh ITALIAN ENGLISH "2026-11-29 18:00" [FACILITY]  shows it until then, by Italian clocks
#   tools/run/banner.sh remove [FACILITY]                            takes it away before
# Without FACILITY it is that of all facilities. Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"
run_psql()
{
    PGTZ=Europe/Rome psql -X -q -v ON_ERROR_STOP=1 "$@"
}
if (($# == 0)); then
    run_psql <<<'SELECT * FROM dossier_admin.banners()'
elif [[ $1 == remove ]] && (($# <= 2)); then
    run_psql -A -t -v facility="${2:-}" <<<"SELECT dossier_admin.banner_remove(nullif(:'facility', ''))" >/dev/null
elif (($# == 3 || $# == 4)); then
    run_psql -A -t -v it="$1" -v en="$2" -v ends="$3" -v facility="${4:-}" >/dev/null <<'SQL'
SELECT dossier_admin.banner_put(:'it', :'en', :'ends', nullif(:'facility', ''));
SQL
else
    sed -n '2,6s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
