#!/usr/bin/env bash
# What store/ calls and what schema dossier offers are the same names. run.sh calls it and provides report.
set -uo pipefail

STORE=${STORE:-$HERE/../../mod_mantova_dossier/store}

called()
{
    grep -oE '^F\([a-z_]+' "$STORE/functions.def" | cut -c3- | sort -u
}

offered()
{
    psql -X -q -A -t -v ON_ERROR_STOP=1 \
        -c "SELECT proname FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace" | sort -u
}

every_call_is_answered()
{
    (($(called | wc -l) > 20)) || return 1
    [[ -z $(comm -23 <(called) <(offered)) ]] || {
        comm -23 <(called) <(offered)
        return 1
    }
}

every_function_is_called()
{
    [[ -z $(comm -13 <(called) <(offered)) ]] || {
        comm -13 <(called) <(offered)
        return 1
    }
}

report "every SQL function that store/ calls exists" every_call_is_answered
report "every function of the API is called by store/" every_function_is_called
