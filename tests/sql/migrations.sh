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
    [[ $(cat "$WORK"/migrate.* | grep -cE 'applied (tables/01_|functions)') == 2 ]]
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

# with functions of its own, which must not be written
later_database_is_refused()
{
    copy
    function_put api extra "dossier.extra(p jsonb) RETURNS jsonb" "SELECT p"
    rm -- "$WORK/sql/migrations/"*_statements_not_compiled.sql
    ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        grep -q 'a later version has migrated this database (sql/migrations/.*_statements_not_compiled.sql)' "$WORK/migrate.1" &&
        [[ -z $(rights extra) ]]
}

changed_table_is_refused()
{
    copy
    echo "-- changed" >>"$WORK/sql/tables/03_patient.sql"
    ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        grep -q '03_patient.sql was applied and has changed' "$WORK/migrate.1"
}

# A migration of the copy, which is applied once, by itself and before the functions; changed afterwards it is refused.
migration_is_applied_once()
{
    local file=$WORK/sql/migrations/998_shoe_size.sql

    copy
    echo "ALTER TABLE dossier_data.patient ADD COLUMN shoe_size int;" >"$file"
    function_put lib extra "dossier_lib.extra() RETURNS int" "SELECT max(shoe_size) FROM dossier_data.patient"
    [[ $("$WORK/sql/migrate.sh" 2>&1 | tr '\n' ' ') == "applied migrations/998_shoe_size.sql applied functions " ]] &&
        [[ -z $("$WORK/sql/migrate.sh" 2>&1) ]] &&
        echo "-- changed" >>"$file" &&
        ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        grep -q '998_shoe_size.sql was applied and has changed' "$WORK/migrate.1" &&
        query -c "ALTER TABLE dossier_data.patient DROP COLUMN shoe_size" \
            -c "DELETE FROM dossier_data.migration WHERE name LIKE '%shoe_size.sql'" && "$MIGRATE"
}

# function_put FOLDER FILE SIGNATURE BODY: another function in the copy
function_put()
{
    printf 'CREATE OR REPLACE FUNCTION %s\nLANGUAGE sql SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$ %s $$;\n' \
        "$3" "$4" >"$WORK/sql/$1/$2.sql"
}

# "<may the web server> <may everybody>", for each function of that name
rights()
{
    query -c "SELECT has_function_privilege('dossier_app', oid, 'EXECUTE'), proacl::text ~ '[{,]=X' FROM pg_proc WHERE proname = '$1'"
}

# What is new is there with its rights, and nobody else's; what is in the tree no more is gone, however it came.
functions_are_those_of_the_tree()
{
    copy
    function_put api extra "dossier.extra(p jsonb) RETURNS jsonb" "SELECT p"
    function_put lib extra "dossier_lib.shared(p jsonb) RETURNS jsonb" "SELECT p"
    query -c "CREATE FUNCTION dossier.planted() RETURNS int LANGUAGE sql AS 'SELECT 1'" \
        -c "GRANT EXECUTE ON FUNCTION dossier.planted() TO dossier_app" &&
        [[ $("$WORK/sql/migrate.sh" 2>&1) == "applied functions" ]] &&
        [[ $(rights extra) == "t|f" && $(rights shared) == "f|f" && -z $(rights planted) ]] &&
        [[ $("$MIGRATE" 2>&1) == "applied functions" ]] &&
        [[ -z $(rights extra) && -z $(rights shared) ]] &&
        [[ $(query -c "SELECT count(*) FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace") -gt 70 ]]
}

# Another result, other names of arguments, other defaults: what CREATE OR REPLACE refuses. All others keep their oid.
functions_change_their_shape()
{
    local before

    copy
    function_put lib extra "dossier_lib.extra(a int, b int DEFAULT 1) RETURNS int" "SELECT a + b"
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    before=$(query -c "SELECT md5(string_agg(oid::text, ' ' ORDER BY oid)) FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'dossier%' AND proname <> 'extra'")
    function_put lib extra "dossier_lib.extra(x int, y int) RETURNS TABLE (z text)" "SELECT x::text || y"
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        [[ $(query -c "SELECT z FROM dossier_lib.extra(1, 2)") == 12 ]] &&
        [[ $(query -c "SELECT md5(string_agg(oid::text, ' ' ORDER BY oid)) FROM pg_proc WHERE pronamespace::regnamespace::text LIKE 'dossier%' AND proname <> 'extra'") == "$before" ]] &&
        "$MIGRATE" && [[ -z $(rights extra) ]]
}

# A call that is amid one whose arguments get other names ends as it began, and then nothing of the former one is left.
calls_end_as_they_began()
{
    copy
    function_put lib extra "dossier_lib.extra(a int) RETURNS int" "SELECT a"
    function_put api extra "dossier.extra(p jsonb) RETURNS jsonb" \
        "SELECT to_jsonb(dossier_lib.extra(count(query_to_xml(q, true, true, ''))::int))
            FROM unnest(ARRAY['SELECT pg_sleep(3)', 'TABLE dossier_data.facility']) q"
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    query -c "SELECT dossier.extra('{}')" >"$WORK/called" 2>&1 &
    until [[ $(query -c "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") == 1 ]]; do
        kill -0 $! || return 1
    done
    function_put lib extra "dossier_lib.extra(b int) RETURNS int" "SELECT b"
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    wait $!
    [[ $(cat "$WORK/called") == 2 && $(query -c "SELECT count(*) FROM pg_proc WHERE proname LIKE 'old %'") == 0 ]] &&
        "$MIGRATE" && [[ -z $(rights extra) ]]
}

# An error anywhere, also in a body that nobody has called yet, leaves all functions as they were.
broken_function_changes_none()
{
    local body

    for body in "SELECT nothing_like_it(1)" "SELECT 1; SELEKT 2" "SELECT a FROM dossier_data.patient"; do
        copy
        sed -i "s/'YYYY-MM-DD\"T\"HH24/'YYYY HH24/" "$WORK/sql/lib/shared.sql"
        function_put lib zz_last "dossier_lib.broken() RETURNS int" "$body"
        ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
        [[ $(query -c "SELECT dossier_lib.rfc3339('2026-01-02T03:04:05Z'), to_regprocedure('dossier_lib.broken()') IS NULL") == "2026-01-02T03:04:05Z|t" ]] ||
            return 1
    done
    [[ -z $("$MIGRATE" 2>&1) ]]
}

# Nor can a function go that another calls.
missed_function_does_not_go()
{
    copy
    function_put lib extra "dossier_lib.extra() RETURNS int" "SELECT 1"
    function_put lib caller "dossier_lib.caller() RETURNS int" "SELECT dossier_lib.extra()"
    "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 || return 1
    rm "$WORK/sql/lib/extra.sql"
    ! "$WORK/sql/migrate.sh" >"$WORK/migrate.1" 2>&1 &&
        grep -q 'dossier_lib.extra() does not exist' "$WORK/migrate.1" &&
        [[ $(query -c "SELECT dossier_lib.caller()") == 1 ]] && "$MIGRATE" && [[ -z $(rights extra) ]]
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

# sql/schema.sql is what a database comes to. Other versions of PostgreSQL write it down in other words.
schema_is_noted()
{
    [[ $(query -c "SHOW server_version_num") == 15* ]] || {
        echo "not PostgreSQL 15"
        return 0
    }
    "$HERE/../../tools/schema.sh" print | diff - "${MIGRATE%/*}/schema.sql"
}

# former_database NAMES: a database that these migrations have made, as far as their functions and the ledger go.
former_database()
{
    local names=$1 file owner=

    query -c "CREATE DATABASE ${SCRATCH}_b" || return 1
    for file in "${MIGRATE%/*}"/tables/*.sql; do
        PGDATABASE=${SCRATCH}_b query -1 ${owner:+-c "$owner"} -f "$file" || return 1
        owner='SET LOCAL ROLE dossier_owner'
    done
    PGDATABASE=${SCRATCH}_b query -v names="$names" <<'SQL'
DROP SCHEMA dossier_lib;
SET ROLE dossier_owner;
CREATE FUNCTION dossier_data.document_destroyed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER document_removed AFTER DELETE ON dossier_data.document FOR EACH ROW EXECUTE FUNCTION dossier_data.document_destroyed();
CREATE FUNCTION dossier.status(p jsonb) RETURNS jsonb LANGUAGE sql AS 'SELECT p';
INSERT INTO dossier_data.migration (name, sha256)
SELECT n, repeat('0', 64) FROM regexp_split_to_table(:'names', '\s+') n;
SQL
}

# what migrate.sh says at last of such a database
former_database_migrated()
{
    former_database "$1" || return 1
    PGDATABASE=${SCRATCH}_b "$MIGRATE" 2>&1 | tail -1
}

# The ledger names the functions, and else files of this tree.
only_what_is_here()
{
    local name

    while read -r name; do
        [[ $name == functions || -f ${MIGRATE%/*}/$name ]] || { echo "the ledger has $name"; return 1; }
    done < <(PGDATABASE=$1 query -c "SELECT name FROM dossier_data.migration")
}

former_database_is_taken_over()
{
    local names said

    names=$(cat "$HERE/lib/former_migrations.txt")
    said=$(former_database_migrated "$names functions/shared.sql")
    [[ $said == "applied functions" ]] && [[ -z $(PGDATABASE=${SCRATCH}_b "$MIGRATE" 2>&1) ]] &&
        only_what_is_here "${SCRATCH}_b" &&
        [[ $(PGDATABASE=${SCRATCH}_b query -c "SELECT count(*) FROM pg_proc WHERE pronamespace = 'dossier_data'::regnamespace") == 0 ]] &&
        [[ $(PGDATABASE=${SCRATCH}_b "$HERE/../../tools/schema.sh" print) == "$("$HERE/../../tools/schema.sh" print)" ]]
    local status=$?
    query -c "DROP DATABASE ${SCRATCH}_b"
    return $status
}

# Stopped in the middle it is as it was, and the next run takes it over.
former_database_is_taken_over_whole()
{
    former_database "$(cat "$HERE/lib/former_migrations.txt")" &&
        PGDATABASE=${SCRATCH}_b query -c "ALTER TABLE dossier_data.migration ADD CONSTRAINT stop CHECK (name NOT LIKE 'tables/05%')" &&
        ! PGDATABASE=${SCRATCH}_b "$MIGRATE" 2>&1 &&
        PGDATABASE=${SCRATCH}_b query -c "ALTER TABLE dossier_data.migration DROP CONSTRAINT stop" &&
        PGDATABASE=${SCRATCH}_b "$MIGRATE"
    local status=$?
    query -c "DROP DATABASE ${SCRATCH}_b"
    return $status
}

unfinished_former_database_is_refused()
{
    local said

    said=$(former_database_migrated "$(sed '$d' "$HERE/lib/former_migrations.txt")")
    query -c "DROP DATABASE ${SCRATCH}_b"
    [[ $said == *"begin with an empty database" ]]
}

stranger_is_told()
{
    query -c "CREATE ROLE dossier_test_weak LOGIN CREATEROLE" || return 1
    PGOPTIONS='-c role=dossier_test_weak' "$MIGRATE"
    local status=$?
    query -c "DROP ROLE dossier_test_weak"
    ((status == 1)) && grep -q 'not a member of dossier_owner' "$WORK/output"
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
report "a database that a later version has migrated is refused" later_database_is_refused
report "a file of tables/ that changed after it was applied is refused" changed_table_is_refused
report "a migration is applied once, and refused when it has changed" migration_is_applied_once
report "the functions are those of the tree, with their grants, and no others" functions_are_those_of_the_tree
report "functions change their arguments and results, and others keep their identity" functions_change_their_shape
report "calls end as they began, whatever is written meanwhile" calls_end_as_they_began
report "a function that is broken changes none" broken_function_changes_none
report "a function that another calls does not go" missed_function_does_not_go
report "a file that fails leaves nothing behind" failed_file_leaves_nothing
report "sql/schema.sql is what a database comes to" schema_is_noted
report "a database of the former migrations is taken over" former_database_is_taken_over
report "a database of the former migrations is taken over whole" former_database_is_taken_over_whole
report "a database of some of the former migrations is refused" unfinished_former_database_is_refused
report "a role that does not own the schemas is told so" stranger_is_told
report "CREATEROLE and owning the database are enough" first_run_without_superuser
