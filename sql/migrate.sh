#!/usr/bin/env bash
# Brings a database up to date: migrations once each, function files again whenever they changed.
# Usage: sql/migrate.sh [psql arguments]. Host, user and database come from them or from PG*.
#
# Each file is one transaction. An advisory lock lets one run at a time in, and the next one finds
# nothing left to do. The first run needs a superuser, or a role with CREATEROLE that owns the database.
set -euo pipefail
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

# In the order they are applied: what others are built from first, the grants last.
files=(migrations/[0-9][0-9][0-9]_*.sql functions/shared.sql)
for file in functions/*.sql; do
    [[ $file == */shared.sql || $file == */grants.sql ]] || files+=("$file")
done
files+=(functions/grants.sql)

declare -A wanted=() applied=()
while read -r sum file; do
    [[ $file =~ ^[a-z]+/[a-z0-9_]+\.sql$ ]] || fail "sql/$file: only a-z, 0-9 and _ in the names of files"
    wanted[$file]=$sum
done < <(sha256sum -- "${files[@]}")

# What the ledger says; before the first run there is none, and who runs may not be able to make it.
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
stranger) fail "this role is no member of dossier_owner: run it as a superuser or as the role of the first run, or GRANT dossier_owner to this role" ;;
esac
while read -r file sum; do
    [[ -z $file ]] || applied[$file]=$sum
done <<<"$state"

todo=()
functions_changed=
for file in "${files[@]}"; do
    [[ ${applied[$file]:-} != "${wanted[$file]}" ]] || continue
    if [[ $file == migrations/* && -n ${applied[$file]:-} ]]; then
        fail "sql/$file was applied and has changed since: put it back, and write a new migration"
    fi
    [[ $file != functions/* ]] || functions_changed=yes
    [[ $file == functions/grants.sql ]] || todo+=("$file")
done
[[ -z $functions_changed ]] || todo+=(functions/grants.sql)
((${#todo[@]})) || exit 0

# Under the lock the ledger is asked again: another run may have been here meanwhile.
script()
{
    local file condition

    echo "SELECT pg_advisory_lock(hashtextextended('mantova-dossier:migrate', 0)) \\g /dev/null"
    for file in "${todo[@]}"; do
        condition="name = '$file' AND sha256 = '${wanted[$file]}'"
        # when any function was applied here the grants must follow, whatever the ledger says
        [[ $file != functions/grants.sql ]] || condition="false"
        cat <<SQL
\\set migrated false
SELECT to_regclass('dossier_data.migration') IS NOT NULL AS ledger \\gset
\\if :ledger
    SELECT EXISTS (SELECT FROM dossier_data.migration WHERE $condition) AS migrated \\gset
\\endif
\\if :migrated
\\else
    BEGIN;
    \\if :ledger
        SET LOCAL ROLE dossier_owner;
    \\endif
    \\i $file
    SET LOCAL ROLE dossier_owner;
    INSERT INTO dossier_data.migration AS m (name, sha256) VALUES ('$file', '${wanted[$file]}')
    ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, applied_at = now()
    WHERE m.name LIKE 'functions/%';
    COMMIT;
    \\echo applied $file
\\endif
SQL
    done
}

script | run_psql "$@" || fail "stopped at the first error; files applied before it stay applied, run it again when it is mended"
