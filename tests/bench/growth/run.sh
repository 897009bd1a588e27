#!/usr/bin/env bash
# How long what people wait for takes in a small database and in a large one: run.sh [DOCUMENTS...], 10000 and 1000000
# unless said otherwise. PG* name a server and a superuser of its own; each database stays as growth_DOCUMENTS, is filled if it
# is not there, and migrated if it is. What is measured is a copy, as measuring changes it. Prints median and 95th percentile in milliseconds, and the last median over the first.
set -euo pipefail
export LC_ALL=C.UTF-8

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
(($#)) || set -- 10000 1000000
for size in "$@"; do
    [[ $size =~ ^[1-9][0-9]{3,8}$ ]] || {
        echo "make growth: SIZES are numbers of documents, 1000 at least: $size" >&2
        exit 2
    }
done
work=$(mktemp -d)
copy=growth_copy
maintenance=${PGDATABASE:-postgres}
trap 'rm -rf -- "$work"; maintain "DROP DATABASE IF EXISTS $copy" || true' EXIT

# jit as dossier_app has it, which SET ROLE does not bring along
query()
{
    PGOPTIONS='-c client_min_messages=warning -c jit=off' psql -X -q -A -t -F ' ' -v ON_ERROR_STOP=1 "$@"
}

maintain()
{
    query -d "$maintenance" -c "$1"
}

for size in "$@"; do
    export PGDATABASE=growth_$size
    if ! query -c '' 2>/dev/null; then
        export PGDATABASE=growth_filling # whole, or not there
        maintain "DROP DATABASE IF EXISTS $PGDATABASE"
        maintain "CREATE DATABASE $PGDATABASE"
        "$HERE/../../../sql/migrate.sh" >/dev/null
        "$HERE/load.sh" "$size"
        maintain "ALTER DATABASE $PGDATABASE RENAME TO growth_$size"
        export PGDATABASE=growth_$size
    fi
    "$HERE/../../../sql/migrate.sh" >/dev/null
    maintain "DROP DATABASE IF EXISTS $copy"
    maintain "CREATE DATABASE $copy TEMPLATE $PGDATABASE STRATEGY file_copy"
    sync # or the kernel writes the copy while it is measured
    export PGDATABASE=$copy
    query -f "$HERE/measure.sql"
    query -c "SELECT replace(what, ' ', '_'), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric, 3),
        round(percentile_cont(0.95) WITHIN GROUP (ORDER BY ms)::numeric, 3)
        FROM growth.timing GROUP BY what ORDER BY what" >"$work/$size"
    maintain "DROP DATABASE $copy"
done

printf '%-24s' documents
for size in "$@"; do
    printf ' %8s %8s' "$size" p95
done
printf ' %8s\n' ratio
join_all=$work/$1
for size in "${@:2}"; do
    join "$join_all" "$work/$size" >"$work/joined"
    mv -- "$work/joined" "$work/all"
    join_all=$work/all
done
awk '{ printf "%-24s", $1; for (i = 2; i <= NF; i++) printf " %8s", $i; printf " %8.2f\n", $(NF - 1) / $2 }' "$join_all"
