# shellcheck shell=bash
# Apache with conf/run.conf, one per APACHE_NODE, all on the same VAR.

APACHE=/usr/sbin/apache2

# apache_file FOLDER NAME ENDING: a file of this node, run/apache.pid or run/apache-b.pid
apache_file()
{
    local name=$2

    [[ $APACHE_NODE == main ]] || name=$2-$APACHE_NODE
    printf '%s\n' "$VAR/$1/$name.$3"
}

# Any Apache of this VAR, whatever its node.
apache_process()
{
    apache_argument "$1" "Define VAR \"$VAR\""
}

apache_node_process()
{
    apache_process "$1" && apache_argument "$1" "Define APACHE_NODE $APACHE_NODE"
}

# apache_argument PROCESS ARGUMENT
apache_argument()
{
    local argument

    while IFS= read -r -d '' argument; do
        [[ $argument != "$2" ]] || return 0
    done 2>/dev/null <"$1/cmdline"
    return 1
}

apache_parent()
{
    local id

    { read -r id <"$(apache_file run apache pid)"; } 2>/dev/null || return 1
    process_is "$id" apache2 apache_node_process && printf '%s\n' "$id"
}

apache_running()
{
    apache_parent >/dev/null
}

# The port it was started with, which need not be today's PORT.
apache_port()
{
    local kept=$PORT

    { read -r kept <"$VAR/run/port-$APACHE_NODE"; } 2>/dev/null || true
    printf '%s\n' "$kept"
}

port_taken()
{
    (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null
}

port_free()
{
    ! port_taken || fail "port $PORT is taken by another program. Choose another: PORT=8444 ./apxs-build.sh ..."
}

# Answers anything at all over HTTPS. What it says of itself is another matter.
apache_answers()
{
    curl -q -s -o /dev/null --max-time 5 --cacert "$VAR/tls/cert.pem" --noproxy '*' \
        "https://localhost:$PORT/api/v1/status"
}

apache_settled()
{
    apache_answers || ! apache_alive
}

apache_alive()
{
    ! no_processes apache2 apache_node_process
}

apache_program()
{
    local gateways=()

    [[ -z $GATEWAYS ]] || gateways=(-C "Define GATEWAYS \"$GATEWAYS\"")
    without_locks "${SERVICE[@]}" env TZ="${TZ:-Europe/Rome}" LC_ALL=C.UTF-8 \
        "$APACHE" -C "Define ROOT \"$ROOT\"" -C "Define VAR \"$VAR\"" \
        -C "Define SOCK \"$SOCK\"" -C "Define PORT $PORT" \
        -C "Define APACHE_NODE $APACHE_NODE" -C "Define PID_FILE \"$(apache_file run apache pid)\"" \
        -C "Define ERROR_LOG \"$(apache_file log error log)\"" \
        -C "Define ACCESS_LOG \"$(apache_file log access log)\"" \
        -C "Define MODULES \"$(dirname "$(dpkg-query -L apache2-bin | grep -m 1 '/mod_dbd\.so$')")\"" \
        "${gateways[@]}" -f "$ROOT/conf/run.conf" "$@"
}

apache_start()
{
    local log before

    if apache_running; then
        return
    fi
    # children that outlived a killed parent still hold the port
    signal_all KILL apache2 apache_node_process
    wait_until 5 no_processes apache2 apache_node_process ||
        fail "an old Apache process does not end: $(processes apache2 apache_node_process)"
    port_free
    rm -f -- "$(apache_file run apache pid)"
    printf '%s\n' "$PORT" >"$VAR/run/port-$APACHE_NODE"
    log=$(apache_file log error log)
    before=$(stat -c %s -- "$log" 2>/dev/null || echo 0) # the lines of former starts would mislead
    if ! apache_launch; then
        cat "$(apache_file log start log)" >&2
        tail -c "+$((before + 1))" -- "$log" 2>/dev/null | tail -n 20 >&2 || true
        fail "Apache did not start; its log: $log"
    fi
}

apache_launch()
{
    apache_program -k start </dev/null >"$(apache_file log start log)" 2>&1 &&
        wait_until 20 apache_settled && apache_running
}

# Every node of this VAR.
apache_stop()
{
    local signal

    for signal in TERM KILL; do
        signal_all "$signal" apache2 apache_process
        wait_until 20 no_processes apache2 apache_process && break
    done
    rm -f -- "$VAR"/run/apache*.pid "$VAR"/run/port*
    no_processes apache2 apache_process
}
