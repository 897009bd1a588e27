#!/usr/bin/env bash
# How sql/migrate.sh behaves, on the empty scratch database; run.sh calls it first and provides
# report, MIGRATE, SCRATCH and WORK.
set -uo pipefail

echo "== migrations.sh"

query()
{
    psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

refuses_without_power()
{
    query -c "CREATE ROLE dossier_test_weak LOGIN" || return 1
    PGOPTIONS='-c role=dossier_test_weak' "$MIGRATE" # who may log in is not the point
    local status=$?
    query -c "DROP ROLE dossier_test_weak"
    ((status == 1)) && grep -q 'superuser' "$WORK/output"
}

# Five at once on an empty database: all succeed, each file is applied once.
five_at_once()
{
    local i pids=()

    for i in 1 2 3 4 5; do
        "$MIGRATE" >"$WORK/migrate.$i" 2>&1 &
        pids+=($!)
    done
    for i in "${pids[@]}"; do
        wait "$i" || { cat "$WORK"/migrate.*; return 1; }
    done
    [[ $(cat "$WORK"/migrate.* | grep -c 'applied migrations/001_') == 1 ]]
}

second_is_no_op()
{
    local before after

    before=$(query -c "SELECT md5(string_agg(m::text, '' ORDER BY name)) FROM dossier_data.migration m")
    [[ -z $("$MIGRATE" 2>&1) ]] || return 1
    after=$(query -c "SELECT md5(string_agg(m::text, '' ORDER BY name)) FROM dossier_data.migration m")
    [[ $before == "$after" ]]
}

copy()
{
    rm -rf -- "$WORK/sql"
    cp -r "${MIGRATE%/*}" "$WORK/sql"
}

changed_migration_is_refused()
{
    copy
    echo "-- changed" >>"$WORK/sql/migrations/002_facilities_and_patients.sql"
    ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        grep -q '002_facilities_and_patients.sql was applied and has changed' "$WORK/migrate.1"
}

# What changed, what is new, the grants behind them; a new function is not open to everybody.
changed_function_is_applied()
{
    copy
    echo "-- changed" >>"$WORK/sql/functions/notice.sql"
    cat >"$WORK/sql/functions/extra.sql" <<'SQL'
CREATE OR REPLACE FUNCTION dossier.extra(p jsonb) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$ SELECT p $$;
SQL
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    cat "$WORK/migrate.1"
    [[ $(tr '\n' ' ' <"$WORK/migrate.1") == "applied functions/extra.sql applied functions/notice.sql applied functions/grants.sql " ]] &&
        [[ $(query -c "SELECT has_function_privilege('dossier_app', 'dossier.extra(jsonb)', 'EXECUTE'), proacl::text ~ '[{,]=X' FROM pg_proc WHERE oid = 'dossier.extra'::regproc") == "t|f" ]] &&
        query -c "DROP FUNCTION dossier.extra" -c "DELETE FROM dossier_data.migration WHERE name = 'functions/extra.sql'" &&
        "$MIGRATE"
}

# A file that fails leaves nothing of itself; mended, it is applied.
failed_file_leaves_nothing()
{
    copy
    printf 'CREATE TABLE dossier_data.half (i int);\nSELECT 1/0;\n' >"$WORK/sql/migrations/999_half.sql"
    ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    [[ $(query -c "SELECT to_regclass('dossier_data.half') IS NULL, count(*) FROM dossier_data.migration WHERE name LIKE '%half%' GROUP BY 1") == "" ]] &&
        [[ $(query -c "SELECT to_regclass('dossier_data.half') IS NULL") == t ]] || return 1
    printf 'CREATE TABLE dossier_data.half (i int);\n' >"$WORK/sql/migrations/999_half.sql"
    "$WORK/sql/migrate.sh" && query -c "DROP TABLE dossier_data.half" \
        -c "DELETE FROM dossier_data.migration WHERE name = 'migrations/999_half.sql'"
}

stranger_is_told()
{
    query -c "CREATE ROLE dossier_test_weak LOGIN CREATEROLE" || return 1
    PGOPTIONS='-c role=dossier_test_weak' "$MIGRATE"
    local status=$?
    query -c "DROP ROLE dossier_test_weak"
    ((status == 1)) && grep -q 'no member of dossier_owner' "$WORK/output"
}

# CREATEROLE and the database are enough, where the roles are not there yet or its own.
first_run_without_superuser()
{
    [[ $(query -c "SELECT count(*) FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid AND rolname = 'dossier_owner' JOIN pg_database b ON b.oid = d.dbid AND b.datname <> '$SCRATCH'") == 0 ]] || {
        echo "another database of this server uses the roles"
        return 0
    }
    query -c "CREATE ROLE dossier_test_admin LOGIN CREATEROLE" -c "GRANT dossier_owner TO dossier_test_admin" \
        -c "CREATE DATABASE ${SCRATCH}_b OWNER dossier_test_admin" || return 1
    PGOPTIONS='-c role=dossier_test_admin' PGDATABASE=${SCRATCH}_b "$MIGRATE" &&
        PGOPTIONS='-c role=dossier_test_admin' PGDATABASE=${SCRATCH}_b "$MIGRATE"
    local status=$?
    query -c "DROP DATABASE ${SCRATCH}_b" -c "DROP ROLE dossier_test_admin"
    return $status
}

report "a role without power is told what it needs" refuses_without_power
report "five migrations at once apply each file once" five_at_once
report "the second migration does nothing" second_is_no_op
report "a migration that changed after it was applied is refused" changed_migration_is_refused
report "changed and new function files are applied, with their grants" changed_function_is_applied
report "a file that fails leaves nothing behind" failed_file_leaves_nothing
report "a role that does not own the schemas is told so" stranger_is_told
report "CREATEROLE and owning the database are enough" first_run_without_superuser
