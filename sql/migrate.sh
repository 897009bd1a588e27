#!/usr/bin/env bash
# Brings a database up to date: tables/ and migrations/ once each, the functions again whenever one has changed.
# Usage: sql/migrate.sh [psql arguments]. Host, user and database come from them or from PG*.
#
# Each file of tables/ and migrations/ is one transaction, and all functions together are one: a portal that runs
# meanwhile finds every function at every moment, the old one or the new. Only a call that began with the old ones fails
# where it comes to one that is gone or has other types of arguments. An advisory lock lets one run at a time in, and the
# next one finds nothing left to do. The first run needs a superuser, or a role with CREATEROLE that owns the database.
set -euo pipefail
shopt -s nullglob
export LC_ALL=C

cd "$(dirname "${BASH_SOURCE[0]}")"

fail()
{
    printf 'migrate.sh: %s\n' "$*" >&2
    exit 1
}

run_psql()
{
    PGOPTIONS="${PGOPTIONS:-} -c client_min_messages=warning" \
        psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 "$@"
}

files=(tables/[0-9][0-9]_*.sql migrations/[0-9][0-9][0-9]_*.sql)
functions=(lib/*.sql api/*.sql admin/*.sql in_session.sql)

# by the name that the ledger has for it
declare -A wanted=() applied=()
while read -r sum file; do
    [[ $file =~ ^([a-z]+/)?[a-z0-9_]+\.sql$ ]] || fail "sql/$file: only a-z, 0-9 and _ in the names of files"
    wanted[$file]=$sum
done < <(sha256sum -- "${files[@]}" "${functions[@]}" triggers.sql grants.sql)
read -r 'wanted[functions]' _ < <(sha256sum -- "${functions[@]}" triggers.sql grants.sql | sha256sum)

# What the ledger says; before the first run there is none, and the role that runs may not be able to make it.
state=$(
    run_psql "$@" <<'SQL'
SELECT coalesce(has_schema_privilege(n.oid, 'USAGE')
        AND to_regclass('dossier_data.migration') IS NOT NULL, false) AS ledger,
    n.oid IS NULL AND NOT (r.rolsuper OR r.rolcreaterole) AS powerless,
    n.oid IS NOT NULL AND NOT pg_has_role(n.nspowner, 'MEMBER') AS stranger
FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = 'dossier_data'
WHERE r.rolname = current_user \gset
\if :powerless
    \echo powerless
\elif :stranger
    \echo stranger
\elif :ledger
    SELECT name, sha256 FROM dossier_data.migration;
\endif
SQL
) || fail "the database cannot be asked"
case $state in
powerless) fail "the first run makes the roles dossier_owner and dossier_app: run it as a superuser, or as a role with CREATEROLE that owns the database" ;;
stranger) fail "this role is not a member of dossier_owner: run it as a superuser or as the role of the first run, or GRANT dossier_owner to this role" ;;
esac
while read -r file sum; do
    [[ -z $file ]] || applied[$file]=$sum
done <<<"$state"

# A database made by the migrations there were before tables/: it has the same tables if it has had all of them.
ALL_FORMER=9e6233c212181a02a29a35c386af9092533cedc0523e01d4bf70a04f62cb684d
former=
if [[ -n ${applied[migrations/001_roles_and_schemas.sql]:-} ]]; then
    read -r former _ < <(printf '%s\n' "${!applied[@]}" | grep '^migrations/' | sort | sha256sum)
    [[ $former == "$ALL_FORMER" ]] ||
        fail "an unfinished version made this database, and this one does not know its tables: begin with an empty database"
fi

# An older tree would write its functions over those of a later one, whose tables they do not know.
for file in "${!applied[@]}"; do
    [[ -n $former || -n ${wanted[$file]:-} || $file != @(tables|migrations)/* ]] ||
        fail "a later version has migrated this database (sql/$file), and this one does not know it: migrate with that version, and restart the httpd of this one with its module"
done

todo=()
for file in "${files[@]}"; do
    [[ ${applied[$file]:-} != "${wanted[$file]}" ]] || continue
    if [[ -n ${applied[$file]:-} ]]; then
        fail "sql/$file was applied and has changed since: put it back, and write a new migration"
    fi
    todo+=("$file")
done
[[ ${#todo[@]} -gt 0 || ${applied[functions]:-} != "${wanted[functions]}" ]] || exit 0

# note NAME: it is applied
note()
{
    printf "SET LOCAL ROLE dossier_owner;
    INSERT INTO dossier_data.migration (name, sha256) VALUES ('%s', '%s')
    ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now();\n" "$1" "${wanted[$1]}"
}

# unless NAME: what comes from standard input, if the ledger does not have NAME as it is wanted. Under the lock it is asked
# again, since another run may have been here meanwhile.
unless()
{
    cat <<SQL
\\set done false
SELECT to_regclass('dossier_data.migration') IS NOT NULL AS ledger \\gset
\\if :ledger
    SELECT EXISTS (SELECT FROM dossier_data.migration WHERE name = '$1' AND sha256 = '${wanted[$1]}') AS done \\gset
\\endif
\\if :done
\\else
    BEGIN;
$(cat)
$(note "$1")
    COMMIT;
    \\echo applied $1
\\endif
SQL
}

# Takes a former database's tables for those of tables/, all or none: half of them in the ledger would be made again.
take_over()
{
    local file

    {
        echo "    \\i from_former.sql"
        for file in tables/*.sql; do note "$file"; done
    } | unless tables/01_schemas.sql
}

once()
{
    printf '    \\if :ledger\n        SET LOCAL ROLE dossier_owner;\n    \\endif\n    \\i %s\n' "$1" | unless "$1"
}

# CREATE OR REPLACE keeps a function's identity, which sessions go by while a call runs, but it cannot change names
# of arguments or results. So the functions are written twice: first with the old ones out of the way and then taken
# back, to see which of them must be retired before. What is left over at the end is in the tree no more, and is retired.
write_functions()
{
    cat <<SQL
    SET LOCAL ROLE dossier_owner;
    SET LOCAL check_function_bodies = off; -- they call each other
    SELECT format('DROP ROUTINE %s', oid::regprocedure) FROM pg_proc WHERE :retired \\gexec
    SAVEPOINT trial;
    SELECT format('ALTER ROUTINE %s RENAME TO %I', oid::regprocedure, 'old ' || proname)
    FROM pg_proc WHERE :ours AND proowner = 'dossier_owner'::regrole \\gexec
$(printf '    \\i %s\n' "${functions[@]}")
    SELECT string_agg(format(:retire, o.pronamespace::regnamespace, n.proname,
        pg_get_function_identity_arguments(o.oid), o.proname), '; ') AS irreplaceable
    FROM pg_proc o JOIN pg_proc n ON o.pronamespace = n.pronamespace AND o.proname = 'old ' || n.proname
        AND o.proargtypes = n.proargtypes
    WHERE (pg_get_function_arguments(o.oid), pg_get_function_result(o.oid), o.prokind)
        IS DISTINCT FROM (pg_get_function_arguments(n.oid), pg_get_function_result(n.oid), n.prokind) \\gset
    ROLLBACK TO trial;
    RELEASE trial;
    \\if :{?irreplaceable}
        :irreplaceable;
    \\endif
$(printf '    \\i %s\n' "${functions[@]}")
    SELECT NOT EXISTS (SELECT FROM dossier_data.migration WHERE name = 'triggers.sql' AND sha256 = '${wanted[triggers.sql]}')
        AS triggers_changed \\gset
    \\if :triggers_changed
        \\i triggers.sql
        $(note triggers.sql)
    \\endif
    SELECT format(:retire, pronamespace::regnamespace, proname, pg_get_function_identity_arguments(oid), 'old ' || proname)
    FROM pg_proc o WHERE :ours AND xmin <> pg_current_xact_id()::xid \\gexec
    -- now that all are there, and no others, their bodies are looked at
    SET LOCAL check_function_bodies = on;
    SET LOCAL search_path TO DEFAULT;
    SELECT CASE lanname WHEN 'sql' THEN fmgr_sql_validator(p.oid) ELSE plpgsql_validator(p.oid) END
    FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE :written AND proconfig IS NULL \\g /dev/null
    SET LOCAL search_path = dossier_data, dossier_lib, pg_temp;
    SELECT CASE lanname WHEN 'sql' THEN fmgr_sql_validator(p.oid) ELSE plpgsql_validator(p.oid) END
    FROM pg_proc p JOIN pg_language l ON l.oid = prolang WHERE :written AND proconfig IS NOT NULL \\g /dev/null
    \\i grants.sql
SQL
}

# Drops what was retired when the calls have ended that may be running it; dossier_app's statement_timeout is 10 seconds.
drop_retired()
{
    cat <<'SQL'
SELECT count(*) > 0 AS any FROM pg_proc WHERE :retired \gset
\if :any
    BEGIN;
    SET LOCAL statement_timeout = 0;
    DO $$
    DECLARE
        v_running text[] := ARRAY(SELECT virtualtransaction FROM pg_locks WHERE locktype = 'virtualxid'
            AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()));
    BEGIN
        FOR i IN 1 .. 150 LOOP
            EXIT WHEN NOT EXISTS (SELECT FROM pg_locks
                WHERE locktype = 'virtualxid' AND virtualtransaction = ANY (v_running));
            PERFORM pg_sleep(0.1);
        END LOOP;
    END
    $$;
    SET LOCAL ROLE dossier_owner;
    SELECT format('DROP ROUTINE %s', oid::regprocedure) FROM pg_proc WHERE :retired \gexec
    COMMIT;
\endif
SQL
}

script()
{
    cat <<'SQL'
SELECT pg_advisory_lock(hashtextextended('mantova-dossier:migrate', 0)) \g /dev/null
\set ours 'pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname IN (\'dossier\', \'dossier_lib\', \'dossier_admin\', \'dossier_data\'))'
\set retired 'pronamespace IN (SELECT oid FROM pg_namespace WHERE nspname = \'dossier_lib\') AND proname LIKE \'old %\''
-- A function of the library stays, by a name that nobody calls, until the calls have ended that may be running it.
SELECT $sql$ CASE WHEN o.pronamespace = 'dossier_lib'::regnamespace
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = o.oid)
    THEN 'ALTER ROUTINE %s.%I(%s) RENAME TO %I' ELSE 'DROP ROUTINE %s.%I(%s)' END $sql$ AS retire \gset
\set written :ours ' AND p.xmin = pg_current_xact_id()::xid AND NOT (' :retired ')'
SQL
    [[ -z $former ]] || take_over
    for file in "${todo[@]}"; do
        once "$file"
    done
    write_functions | unless functions
    drop_retired
}

script | run_psql "$@" ||
    fail "stopped at the first error; what was applied before it stays applied, run it again when it is mended"
