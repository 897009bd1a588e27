# shellcheck shell=bash
# Which database is asked, as whom, and what becomes of its errors.

AS=()     # runs a program as who is let in
TARGET=() # psql's option that names the database

database_find()
{
    local name=${OPTIONS[database]:-}

    export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-10} PGAPPNAME=mantova-dossier
    [[ -z $name ]] || TARGET=(-d "$name")
    if [[ -n ${PGHOST:-}${PGHOSTADDR:-}${PGSERVICE:-} || $name == *=* || $name == *://* ]]; then
        database_default
    elif [[ -n $CHECKOUT ]]; then
        database_private "${VAR:-$CHECKOUT/var}"
    else
        [[ $EUID != 0 || -n ${PGUSER:-} ]] || AS=(runuser -u postgres --)
        database_default
    fi
}

database_default()
{
    [[ -n ${PGSERVICE:-} ]] || export PGDATABASE=${PGDATABASE:-dossier}
}

# database_private VAR
database_private()
{
    [[ -r $1/run/sock ]] || fail 3 "no portal runs in $1: start it with ./apxs-build.sh start, or name a database (PGHOST, PGSERVICE)"
    PGHOST=$(cat "$1/run/sock")
    export PGHOST PGPORT=5432 PGUSER=dossier_admin PGDATABASE=dossier
}

# For what is done to the server rather than in the portal's database.
database_of_server()
{
    [[ -n ${OPTIONS[database]:-} ]] || TARGET=(-d postgres)
}

# ask [psql option...] <SQL: its answer. Values go in as -v name=value, and stand in the SQL as :'name'. Times are
# those of Italian clocks, read and written.
ask()
{
    local errors status=0

    {
        errors=$(cd / && PGTZ=Europe/Rome PGCLIENTENCODING=UTF8 "${AS[@]}" psql -X -q -v ON_ERROR_STOP=1 -v VERBOSITY=verbose \
            "${TARGET[@]}" "$@" 2>&1 1>&4 4>&-) || status=$?
    } 4>&1
    ((status < 128)) || exit "$status" # nobody reads the answer any more, as with | head
    sed -n 's/^\(psql:.*: \)\{0,1\}NOTICE:  [0-9A-Z]*: /mantova-dossier: /p' <<<"$errors" >&2
    ((status == 0)) || ask_failed "$errors"
}

# ask_failed ERRORS: psql's. Those of our functions say what to do.
ask_failed()
{
    local error state text

    error=$(sed -n '/ERROR:  [0-9A-Z]\{5\}: /{s/^.*ERROR:  \([0-9A-Z]\{5\}: .*\)/\1/p;q}' <<<"$1")
    state=${error%%: *} text=${error#*: }
    case $state in
    "") fail 3 "the database cannot be asked: $(sed -n 's/^psql: error: //; /./{p;q}' <<<"$1"); mantova-dossier --help says which it is" ;;
    42501) fail 3 "this role may not do that ($text): run it as postgres, or GRANT dossier_owner TO the role that asks" ;;
    42883 | 42P01 | 3F000) fail 3 "this is not a portal's database of this version ($text): mantova-dossier migrate, or name another with PGDATABASE" ;;
    25006) fail 3 "the database is read-only ($text): name the primary, if this is a standby" ;;
    *) fail 1 "$text" ;;
    esac
}
