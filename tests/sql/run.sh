#!/usr/bin/env bash
# The SQL tests: a scratch database on an existing server (PGHOST, PGPORT, PGUSER, PGDATABASE: a
# superuser), migrated twice, tested, dropped. Each file below runs in it; the last line counts.
set -uo pipefail
export LC_ALL=C.UTF-8

# Debian's psql is a script that looks for the real one first; fifty clients at once feel that
for bin in /usr/lib/postgresql/*/bin; do
    PATH=$bin:$PATH
done

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
MIGRATE=$HERE/../../sql/migrate.sh
export HERE MIGRATE
export ADMIN_DATABASE=${PGDATABASE:-postgres}
export SCRATCH=dossier_test_$$
WORK=$(mktemp -d)
export WORK

admin()
{
    PGOPTIONS='-c client_min_messages=warning' PGDATABASE=$ADMIN_DATABASE psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# Roles are the server's, not the database's: only those that came with these tests go again.
roles()
{
    admin -c "SELECT rolname FROM pg_roles WHERE rolname IN ('dossier_app', 'dossier_owner')"
}

clean()
{
    local database role

    for database in "$SCRATCH" "$SCRATCH"_{growth,b,operator,other,plans}; do
        admin -c "DROP DATABASE IF EXISTS $database WITH (FORCE)"
    done
    for role in dossier_app dossier_owner; do
        [[ $roles_before == *$role* ]] || admin -c "DROP ROLE IF EXISTS $role"
    done
    rm -rf -- "$WORK"
}

roles_before=$(roles) || exit 2
trap clean EXIT
trap 'exit 130' INT TERM HUP
admin -c "CREATE DATABASE $SCRATCH" || exit 2
export PGDATABASE=$SCRATCH
unset PGOPTIONS

# one line for a test written in the shell: report NAME COMMAND...
report()
{
    local name=$1

    shift
    if "$@" >"$WORK/output" 2>&1; then
        printf 'ok      %s\n' "$name"
    else
        printf 'FAILED  %s: %s\n' "$name" "$(tr '\n' ' ' <"$WORK/output")"
    fi
}
export -f report

run_all()
{
    local file

    bash "$HERE/migrations.sh"
    psql -X -q -v ON_ERROR_STOP=1 -f "$HERE/lib/fixture.sql" || echo "FAILED  lib/fixture.sql"
    for file in "$HERE"/*.sql; do
        echo "== ${file##*/}"
        psql -X -q -A -t -v ON_ERROR_STOP=1 -f "$file" || echo "FAILED  ${file##*/} stopped"
    done
    echo "== functions.sh"
    bash "$HERE/functions.sh"
    echo "== operator.sh"
    # on a database of its own: what it lists is what it has made
    admin -c "CREATE DATABASE ${SCRATCH}_operator"
    PGDATABASE=${SCRATCH}_operator "$MIGRATE" >"$WORK/migrated"
    PGDATABASE=${SCRATCH}_operator bash "$HERE/operator.sh"
    echo "== plans.sh"
    admin -c "CREATE DATABASE ${SCRATCH}_plans"
    bash "$HERE/plans.sh"
    admin -c "DROP DATABASE ${SCRATCH}_plans WITH (FORCE)"
    echo "== unhindered.sh"
    bash "$HERE/unhindered.sh"
    echo "== concurrency.sh"
    bash "$HERE/concurrency.sh" || echo "FAILED  concurrency.sh stopped"
}

run_all 2>&1 | tee "$WORK/log"
passed=$(grep -c '^ok ' "$WORK/log")
failed=$(grep -c '^FAILED ' "$WORK/log")
echo "sql: $passed passed, $failed failed"
((failed == 0 && passed > 0))
