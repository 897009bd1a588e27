#!/usr/bin/env bash
# No function reads through a table that grows: each is called on a database as large as a portal of years, and the plan
# of each of its statements is looked at, as planned for the values and as planned for any. run.sh calls it and provides
# report, WORK and SCRATCH; PLAN_DOCUMENTS is how many documents there are.
set -uo pipefail

export PGDATABASE=${SCRATCH}_plans

fill()
{
    "$MIGRATE" && psql -X -q -v ON_ERROR_STOP=1 -f "$HERE/lib/fixture.sql" &&
        "$HERE/../bench/growth/load.sh" "${PLAN_DOCUMENTS:-100000}"
}

# names KIND: what the check is about, as words
names()
{
    case $1 in
    tables) psql -X -A -t -c "SELECT string_agg(relname, ' ') FROM pg_class WHERE oid IN (SELECT growth.grows())" ;;
    functions) psql -X -A -t -c "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace" ;;
    esac
}

# frugal PLANS: plan_cache_mode
frugal()
{
    local functions

    mapfile -t functions < <(names functions)
    psql -X -q -v ON_ERROR_STOP=1 -v plans="$1" -f "$HERE/lib/plans.sql" >"$WORK/plans" 2>&1 || {
        grep -A 3 ERROR "$WORK/plans"
        return 1
    }
    node "$HERE/plans.mjs" "$(names tables)" "${functions[@]}" <"$WORK/plans"
}

# found PATTERN: without an index the same is seen to read through its table
found()
{
    frugal force_custom_plan >"$WORK/found"
    grep -E "$1" "$WORK/found"
}

report "a database as large as a portal of years is filled" fill
report "no statement reads through a table that grows, planned for its values" frugal force_custom_plan
report "no statement reads through a table that grows, planned for any" frugal force_generic_plan
psql -X -q -c "DROP INDEX dossier_data.session_account, dossier_data.outbox_ended, dossier_data.audit_account"
report "a sequential scan is seen" found "^purge: a sequential scan of outbox"
report "so are rows that are thrown away" found "^session_list: [0-9]+ rows thrown away of session"
report "so is a long audit that is not walked by its index" found "^activity_list: .* of audit"
