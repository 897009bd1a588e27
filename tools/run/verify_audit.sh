#!/usr/bin/env bash
# Whether the audit is as it was written: one line for each thing that is wrong, and then exit status 1.
#   tools/run/verify_audit.sh [NUMBER HASH]
# NUMBER and HASH are those of a seal noted down before, from this script's last line or from DOS0480 in
# httpd's log: whoever rules over the database could have sealed everything anew, but not what you noted.
# Which database it speaks to is said in database.sh, beside it.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
sql=$here/../../sql
[[ -d $sql/lib ]] || sql=$here/sql # installed
# shellcheck source=tools/run/database.sh
source "$(dirname "${BASH_SOURCE[0]}")/database.sh"

# The functions in the database may have been changed together with the lines: it is asked with those
# beside this script, in a transaction that is taken back.
found=$(
    psql -X -q -A -t -F ': ' -v ON_ERROR_STOP=1 -v number="${1:-}" -v hash="${2:-}" <<SQL
SET client_min_messages = warning;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL ROLE dossier_owner;
SET LOCAL statement_timeout = 0;
\\i '$sql/lib/audit_seal.sql'
\\i '$sql/admin/audit.sql'
SELECT 'seal ' || coalesce(seal::text, '-'), problem
FROM dossier_admin.audit_verify(nullif(:'number', '')::bigint, nullif(:'hash', ''));
SELECT format('audit: %s lines, %s in %s seals; last seal: %s', (SELECT count(*) FROM dossier_data.audit),
    coalesce(sum(count) FILTER (WHERE removed_at IS NULL), 0), count(*),
    coalesce((SELECT number || ' ' || hash FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1), 'none'))
FROM dossier_data.audit_seal;
ROLLBACK;
SQL
) || exit 2
printf '%s\n' "$found"
[[ $found == audit:* ]]
