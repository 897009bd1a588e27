# shellcheck shell=bash
# The portal as a whole: build, start in order, stop in the reverse order.

portal_build()
{
    packages_need run
    build_module
    say "$MODULE"
}

build_module()
{
    build_part "$ROOT/build/.lock" make_module "the module does not build"
}

# Apart from the module: npm may need a minute, and another's build of the module need not wait for it.
build_pages()
{
    build_part "$ROOT/build/.lock-pages" make_pages "the pages do not build; if npm could not reach its registry: README.md, \"What must be reachable\""
}

# build_part LOCK COMMAND WHAT: its output is shown when it fails
build_part()
{
    local log

    [[ -e $MODULE ]] || say "Building the module: a minute ..."
    mkdir -p "$ROOT/build"
    log=$(mktemp)
    with_lock "$1" "$2" >"$log" 2>&1 || {
        cat "$log" >&2
        rm -f "$log"
        fail "$3"
    }
    rm -f "$log"
}

make_module()
{
    (umask 022 && without_locks make --no-print-directory -C "$ROOT" -j"$(nproc)" build)
}

make_pages()
{
    (umask 022 && without_locks make --no-print-directory -C "$ROOT" pages)
}

portal_url()
{
    printf 'https://localhost:%s' "$(apache_port)"
}

portal_running()
{
    postgres_running && apache_running
}

# What has to stand before anything starts.
portal_prepare()
{
    [[ -z $GATEWAYS || -r $GATEWAYS ]] || fail "GATEWAYS=$GATEWAYS cannot be read"
    packages_need run
    build_module
    build_pages
    service_var
    service_choose
    service_folders
}

portal_up()
{
    apache_alive || port_free
    tls_make
    keys_make
    postgres_start
    [[ $APACHE_NODE != main ]] || {
        database_migrate
        database_facilities
    }
    apache_start
    [[ $APACHE_NODE != main || $SAMPLE == no ]] || sample_load
}

# Another node joins what runs already.
portal_node_needs_first()
{
    [[ $APACHE_NODE == main ]] || postgres_running ||
        fail "APACHE_NODE=$APACHE_NODE joins a portal that runs: start one without APACHE_NODE first, with the same VAR"
}

portal_start()
{
    portal_prepare
    portal_node_needs_first
    if portal_running; then
        say "Running already: $(portal_url)"
        return
    fi
    # a start that fails leaves nothing behind, unless others were there before
    [[ $APACHE_NODE != main ]] || postgres_running || trap portal_end EXIT
    with_lock "$VAR/run/lock" portal_up
    trap - EXIT
    say "The portal runs: $(portal_url)"
}

portal_down()
{
    local status=0

    apache_stop || status=1
    postgres_stop || status=1
    rm -f -- "$VAR/run/follow.pid"
    return "$status"
}

portal_stop()
{
    [[ -d $VAR/run ]] || {
        say "Nothing to stop in $VAR"
        return
    }
    service_choose
    if with_lock "$VAR/run/lock" portal_down; then
        say "Stopped."
    else
        fail "some processes did not end: $(processes apache2 apache_process) $(processes postgres postgres_process)"
    fi
}

portal_status()
{
    local file asked=$APACHE_NODE

    [[ -d $VAR/run ]] || {
        say "Nothing runs in $VAR"
        return 3
    }
    if postgres_running; then
        say "PostgreSQL: process $(postmaster_id), socket in $SOCK"
    else
        say "PostgreSQL: not running"
    fi
    for file in "$VAR"/run/port-*; do
        [[ -e $file ]] || continue
        APACHE_NODE=${file#"$VAR"/run/port-}
        say "Apache $APACHE_NODE: $(apache_parent || say not running), $(portal_url)"
    done
    APACHE_NODE=$asked
    apache_running || return 3
    say "$(portal_url)/api/v1/status:"
    curl -q -sS --max-time 10 --cacert "$VAR/tls/cert.pem" --noproxy '*' "$(portal_url)/api/v1/status"
    say ""
}

portal_run()
{
    [[ $APACHE_NODE == main ]] || fail "run is for the whole portal; APACHE_NODE=$APACHE_NODE goes with start"
    portal_prepare
    with_lock "$VAR/run/lock" portal_up_or_leave
    say ""
    say "The portal runs: $(portal_url)"
    say "  second facility:  https://citta-di-suzzara.localhost:$(apache_port)"
    say "  the certificate was made here, so a browser asks once; curl takes --cacert $VAR/tls/cert.pem"
    sample_show
    follow_outbox
}

# What runs already belongs to somebody else's run or start, and is not ours to end.
portal_up_or_leave()
{
    if portal_running; then
        say "Running already: $(portal_url) (./apxs-build.sh stop ends it)"
        exit 1
    fi
    trap portal_end EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    trap 'exit 129' HUP
    portal_up
}

# Nobody may interrupt the end; the terminal may be gone already.
portal_end()
{
    local status=$?

    trap '' INT TERM HUP PIPE
    trap - EXIT
    { say "" && say "Stopping ..."; } 2>/dev/null || true
    if portal_down; then
        say "Stopped." 2>/dev/null || true
    else
        say "Some processes did not end: $0 stop" >&2 2>/dev/null || true
    fi
    exit "$status"
}
