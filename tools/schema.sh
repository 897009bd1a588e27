#!/usr/bin/env bash
# The schema that sql/tables/ and sql/migrations/ come to, as sql/schema.sql has it. The functions are not in it.
#   tools/schema.sh         writes sql/schema.sql, with a scratch database on the server that tools/mantova-dossier asks
#   tools/schema.sh print   what a database has: the one that PG* name
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# pg_dump without what differs from one server, version or run to the next
schema_print()
{
    echo "-- Written by tools/schema.sh (make schema) with PostgreSQL 15: what tables/, migrations/ and triggers.sql come to."
    echo
    pg_dump --schema-only --schema=dossier_data --no-owner |
        perl -0pe 's/^(--|\\restrict|\\unrestrict|SET |SELECT pg_catalog\.set_config).*\n//mg; s/\A\n+//; s/\n+\z/\n/; s/\n{3,}/\n\n/g;
            s/\n\n(?=COMMENT)/\n/g'
}

if [[ ${1:-} == print ]]; then
    schema_print
    exit
fi
# shellcheck source=tools/operator/command.sh
source "$root/tools/operator/command.sh"
# shellcheck source=tools/operator/database.sh
source "$root/tools/operator/database.sh"
# shellcheck disable=SC2034 # database_find goes by it
CHECKOUT=$root
database_find
scratch=dossier_schema_$$
psql -X -q -d postgres -c "CREATE DATABASE $scratch"
trap 'psql -X -q -d postgres -c "DROP DATABASE $scratch"' EXIT
export PGDATABASE=$scratch
"$root/sql/migrate.sh" >/dev/null
schema_print >"$root/sql/schema.sql.new"
mv "$root/sql/schema.sql.new" "$root/sql/schema.sql"
