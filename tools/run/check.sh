# shellcheck shell=bash
# All tests, a line per part, on servers and directories of its own.

check_all()
{
    CHECK=$(mktemp -d "${TMPDIR:-/tmp}/dossier-check.XXXXXX")
    PASSED=0
    FAILED=0
    trap check_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    chmod 711 "$CHECK" # the servers' user walks through it
    mkdir -m 711 "$CHECK/tmp"

    check_part packages packages_need check
    check_part build make_module
    check_part pages make_pages
    check_part "npm packages" check_make tests/node_modules/.package-lock.json
    for part in clang format cppcheck shell tidy pages; do
        check_part "lint: $part" check_make "lint-$part"
    done
    check_part guards check_make guards
    check_part "unit tests" check_make unit-plain
    check_part "unit tests under sanitizers" check_make unit-asan
    check_part "codici fiscali against two others" "$ROOT/tests/unit/crosscheck/run.sh" "$CHECK/crosscheck"
    check_part "fuzzing, briefly" check_in_root tests/fuzz/run.sh 5
    check_part "openapi.yaml" check_in_tests npm run --silent lint:openapi
    check_part "configuration mistakes" "$ROOT/tests/config/run.sh"
    check_part "SQL functions" check_sql
    check_part "HTTP journeys" check_in_tests npm run --silent e2e
    check_part "faults" check_in_tests npm run --silent faults
    check_part "benchmark, briefly" check_make bench SHORT=1
    printf 'check: %d passed, %d failed\n' "$PASSED" "$FAILED"
    ((FAILED == 0))
}

# check_part NAME COMMAND...: its output is shown when it fails, with what failed before all the rest
check_part()
{
    local name=$1 log=$CHECK/log began=$SECONDS child

    shift
    # in the background, so that a signal ends the wait, and with a shell of its own: its exit is not ours
    (set -e && TMPDIR=$CHECK/tmp && export TMPDIR && "$@") </dev/null >"$log" 2>&1 &
    child=$!
    if wait "$child"; then
        PASSED=$((PASSED + 1))
        say "passed  $name ($((SECONDS - began)) s)"
    else
        FAILED=$((FAILED + 1))
        say "FAILED  $name ($((SECONDS - began)) s)"
        grep -E '^ *(FAILED|not ok|✖)' "$log" | cut -c1-300 | sed 's/^ */        /' | head -n 5 || true
        echo '        ---'
        sed 's/^/        /' "$log"
    fi
}

# Kills what an interrupted part left, stops its servers, removes its directories.
check_end()
{
    local status=$? child run

    trap '' INT TERM HUP PIPE
    trap - EXIT
    for child in $(jobs -p); do
        kill_tree "$child"
    done
    for run in "$CHECK"/run "$CHECK"/*/run "$CHECK"/tmp/*/run; do
        [[ -d $run ]] || continue
        VAR=${run%/run}
        portal_down || printf 'check: processes of %s did not end\n' "$VAR" >&2
    done
    rm -rf -- "$CHECK"
    exit "$status"
}

# A process and all below it, the leaves last: a parent that is gone starts no more.
kill_tree()
{
    local children child

    children=$(cat "/proc/$1/task/"*/children 2>/dev/null) || true
    kill -s TERM "$1" 2>/dev/null || true
    for child in $children; do
        kill_tree "$child"
    done
}

check_in_root()
{
    cd "$ROOT"
    "$@"
}

check_in_tests()
{
    cd "$ROOT/tests"
    "$@"
}

check_make()
{
    umask 022
    make --no-print-directory -C "$ROOT" -j"$(nproc)" -k "$@"
}

check_sql()
{
    VAR=$CHECK/sql
    service_var
    service_choose
    service_folders
    postgres_start
    database=postgres as_admin "$ROOT/tests/sql/run.sh" # the tests make databases of their own
    postgres_stop
}
