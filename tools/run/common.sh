# shellcheck shell=bash
# What every part uses: the settings, messages, waiting, processes.

PORT=${PORT:-8443}
VAR=${VAR:-$ROOT/var}
SAMPLE=${SAMPLE:-yes}
GATEWAYS=${GATEWAYS:-}
APACHE_NODE=${APACHE_NODE:-main}
# shellcheck disable=SC2034 # the other parts use it
MODULE=$ROOT/build/mod_mantova_dossier.so

say()
{
    printf '%s\n' "$*"
}

fail()
{
    printf 'apxs-build.sh: %s\n' "$*" >&2
    exit 1
}

settings_check()
{
    [[ $PORT =~ ^[1-9][0-9]{3,4}$ ]] || fail "PORT=$PORT: give a number from 1025 to 65535"
    ((PORT > 1024 && PORT < 65536)) ||
        fail "PORT=$PORT: give a number from 1025 to 65535"
    [[ $SAMPLE == yes || $SAMPLE == no ]] || fail "SAMPLE=$SAMPLE: give yes or no"
    [[ $APACHE_NODE =~ ^[a-z0-9]{1,16}$ ]] || fail "APACHE_NODE=$APACHE_NODE: give up to 16 of a-z and 0-9"
    [[ $VAR == /* ]] || VAR=$PWD/$VAR
    VAR=$(realpath -m -- "$VAR")
    [[ -z $GATEWAYS || $GATEWAYS == /* ]] || GATEWAYS=$PWD/$GATEWAYS
    # these would end a string in httpd's or PostgreSQL's configuration
    case "$ROOT$VAR$GATEWAYS" in
    *[\"\'\$\\]* | *$'\n'*) fail "the directories may not have quotes, \$ or \\ in their names: $ROOT, $VAR $GATEWAYS" ;;
    esac
}

# wait_until SECONDS COMMAND...: until the command succeeds; 1 when it never did
wait_until()
{
    local tries=$(($1 * 20))

    shift
    until "$@"; do
        ((tries-- > 0)) || return 1
        sleep 0.05
    done
}

# Ids of our processes with this command name that a test accepts: processes NAME TEST
processes()
{
    local folder name

    for folder in /proc/[0-9]*; do
        { read -r name <"$folder/comm"; } 2>/dev/null || continue
        if [[ $name == "$1" ]] && "$2" "$folder"; then
            printf '%s\n' "${folder#/proc/}"
        fi
    done
}

# process_is ID NAME TEST
process_is()
{
    local name

    [[ $1 =~ ^[0-9]+$ ]] && { read -r name <"/proc/$1/comm"; } 2>/dev/null && [[ $name == "$2" ]] &&
        "$3" "/proc/$1"
}

# no_processes NAME TEST
no_processes()
{
    [[ -z $(processes "$1" "$2") ]]
}

# signal_all SIGNAL NAME TEST
signal_all()
{
    local ids

    mapfile -t ids < <(processes "$2" "$3")
    ((${#ids[@]} == 0)) || kill -s "$1" "${ids[@]}" 2>/dev/null || true
}

# One command at a time on a directory; the lock goes with the process. with_lock FILE COMMAND...
with_lock()
{
    local fd file=$1 status

    shift
    exec {fd}>"$file"
    flock -w 300 "$fd" || fail "another command holds $file since five minutes: see what it does"
    LOCKS+=("$fd")
    "$@" # without ||: that would switch set -e off in all it calls
    status=$?
    exec {fd}>&-
    unset 'LOCKS[-1]'
    return "$status"
}
LOCKS=()

# Runs a program that stays: it must not inherit our locks.
without_locks()
{
    (
        local fd
        for fd in "${LOCKS[@]}"; do
            exec {fd}>&-
        done
        exec "$@"
    )
}
