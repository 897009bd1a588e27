#!/usr/bin/env bash
# Fills a database that sql/migrate.sh has made with as much as a portal of two years has: load.sh DOCUMENTS.
# Host, user and database come from PG*, the user being a superuser. Indexes and keys are taken away and made again
# behind the rows, so every row is held against every constraint.
set -euo pipefail
export LC_ALL=C.UTF-8

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
documents=$1

run_psql()
{
    PGOPTIONS="-c client_min_messages=warning -c jit=off -c synchronous_commit=off -c maintenance_work_mem=${MAINTENANCE:-256MB}" \
        psql -X -q -A -t -v ON_ERROR_STOP=1 -v documents="$documents" "$@"
}

# part NAME: the rows of one file, with triggers off: what they would do the rows bring along
part()
{
    printf 'SET session_replication_role = replica;\n\\i %s/%s.sql\n' "$HERE" "$1" | run_psql
}

# what depends on other indexes comes back behind them: unique ones, the rest, foreign keys
take_away()
{
    run_psql <<'SQL'
CREATE TABLE growth.made AS
SELECT CASE contype WHEN 'f' THEN 3 ELSE 1 END AS turn, conrelid AS relation,
    format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS back
FROM pg_constraint
WHERE connamespace = 'dossier_data'::regnamespace AND contype IN ('f', 'p', 'u') AND conrelid IN (SELECT growth.grows())
UNION ALL
SELECT 2, indrelid, format('DROP INDEX %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
FROM pg_index WHERE indrelid IN (SELECT growth.grows())
    AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'));
SELECT away FROM growth.made ORDER BY turn DESC \gexec
SQL
}

# bring_back TURN
bring_back()
{
    run_psql <<SQL
SELECT back FROM growth.made WHERE turn = $1 ORDER BY relation \gexec
SQL
}

run_psql -f "$HERE/shape.sql"
take_away
part patients &
part audit
wait $!
part documents
for turn in 1 2 3; do
    bring_back "$turn"
done
run_psql -c "DROP TABLE growth.made" -c "VACUUM (ANALYZE)"
