# shellcheck shell=bash
# A private PostgreSQL cluster in VAR/pg that only a Unix socket leads to.

SOCK=     # the socket's directory
POSTGRES= # the directory of its programs

# The version that made the cluster, else the newest installed.
postgres_bin()
{
    local version

    if [[ -r $VAR/pg/PG_VERSION ]] && read -r version <"$VAR/pg/PG_VERSION"; then
        [[ -x /usr/lib/postgresql/$version/bin/postgres ]] ||
            fail "$VAR/pg was made by PostgreSQL $version, which is not installed: install postgresql-$version, or move VAR away"
        printf '%s\n' "/usr/lib/postgresql/$version/bin"
    else
        postgres_newest || fail "PostgreSQL is not installed"
    fi
}

postgres_process()
{
    [[ $1/cwd -ef $VAR/pg ]]
}

postmaster_id()
{
    local id

    { read -r id <"$VAR/pg/postmaster.pid"; } 2>/dev/null || return 1
    process_is "$id" postgres postgres_process && printf '%s\n' "$id"
}

postgres_running()
{
    [[ -d $VAR/pg ]] && postmaster_id >/dev/null && socket_known
}

socket_known()
{
    { read -r SOCK <"$VAR/run/sock"; } 2>/dev/null && [[ -d $SOCK ]]
}

# The kernel takes 107 bytes for a socket's path, and libpq dislikes blanks and commas in it.
socket_choose()
{
    SOCK=$VAR/sock
    if (($(printf %s "$SOCK" | wc -c) > 100)) || [[ ! $SOCK =~ ^[A-Za-z0-9/._+-]+$ ]]; then
        { socket_known && [[ $SOCK == /tmp/dossier-sock.* ]]; } ||
            SOCK=$(as_service mktemp -d /tmp/dossier-sock.XXXXXX)
    fi
    [[ -d $SOCK ]] || as_service mkdir -m 0700 "$SOCK"
    printf '%s\n' "$SOCK" >"$VAR/run/sock.new"
    mv -f -- "$VAR/run/sock.new" "$VAR/run/sock"
}

postgres_create()
{
    local scratch=$VAR/pg.new

    POSTGRES=$(postgres_bin)
    [[ ! -d $VAR/pg ]] || return 0
    rm -rf -- "$scratch"
    as_service "$POSTGRES/initdb" --pgdata="$scratch" --username=dossier_admin --auth=reject \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$VAR/log/initdb.log" 2>&1 ||
        fail "initdb failed: $(tail -n 5 "$VAR/log/initdb.log")"
    printf "include 'dossier.conf'\n" >>"$scratch/postgresql.conf"
    mv -- "$scratch" "$VAR/pg"
}

# Written again at each start: the directories may have moved, another user may have taken over.
postgres_configure()
{
    local user

    keep_secret "$VAR/pg/dossier.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$SOCK'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 64MB
random_page_cost = 1.1
timezone = 'Europe/Rome'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %a '
# nothing of a patient may reach the log: neither statements nor the values in a message's details
log_min_error_statement = panic
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
log_error_verbosity = terse
CONF
    keep_secret "$VAR/pg/pg_hba.conf" <<'CONF'
local  all      dossier_admin  peer map=dossier
local  dossier  dossier_app    peer map=dossier
CONF
    for user in "$SERVICE_USER" root; do
        printf 'dossier "%s" dossier_admin\ndossier "%s" dossier_app\n' "$user" "$user"
    done | sort -u | keep_secret "$VAR/pg/pg_ident.conf"
}

# What a killed server left: backends that outlived it, and lock files whose process id may be another's by now.
postgres_clear()
{
    if ! no_processes postgres postgres_process; then
        signal_all QUIT postgres postgres_process
        wait_until 10 no_processes postgres postgres_process ||
            signal_all KILL postgres postgres_process
        wait_until 5 no_processes postgres postgres_process ||
            fail "an old PostgreSQL process in $VAR/pg does not end: $(processes postgres postgres_process)"
    fi
    rm -f -- "$VAR/pg/postmaster.pid" "$SOCK"/.s.PGSQL.5432 "$SOCK"/.s.PGSQL.5432.lock
}

postgres_start()
{
    postgres_running && return
    postgres_create
    socket_choose
    postgres_clear
    postgres_configure
    without_locks "${SERVICE[@]}" "$POSTGRES/pg_ctl" --pgdata="$VAR/pg" \
        --log="$VAR/log/postgres.log" --wait --timeout=60 --silent start >/dev/null 2>&1 || {
        tail -n 20 "$VAR/log/postgres.log" >&2
        fail "PostgreSQL did not start; its log: $VAR/log/postgres.log"
    }
}

as_admin()
{
    PGHOST=$SOCK PGPORT=5432 PGUSER=dossier_admin PGDATABASE=${database:-dossier} \
        PGOPTIONS='' PGCONNECT_TIMEOUT=10 "$@"
}

# sql STATEMENT: its one value, unaligned
sql()
{
    as_admin psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"
}

database_create()
{
    local database=postgres

    [[ $(sql "SELECT 1 FROM pg_database WHERE datname = 'dossier'") == 1 ]] ||
        sql "CREATE DATABASE dossier"
}

database_migrate()
{
    local log=$VAR/log/migrate.log

    database_create
    [[ -x $ROOT/sql/migrate.sh ]] || fail "sql/migrate.sh is missing"
    as_admin "$ROOT/sql/migrate.sh" >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "the migrations failed; their log: $log"
    }
}

postgres_stop()
{
    local id signal

    if [[ -d $VAR/pg ]]; then
        for signal in INT QUIT; do
            id=$(postmaster_id) || break
            kill -s "$signal" "$id" 2>/dev/null || true
            wait_until 20 no_processes postgres postgres_process && break
        done
        socket_known || SOCK=$VAR/sock
        postgres_clear
    fi
    if socket_known; then
        rmdir -- "$SOCK" 2>/dev/null || true
    fi
    rm -f -- "$VAR/run/sock"
}
