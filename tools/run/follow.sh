# shellcheck shell=bash
# Shows each message as it leaves, as a phone or a mailbox would.

follow_outbox()
{
    local file
    declare -A shown=()

    for file in "$VAR"/outbox/*.json; do
        shown[$file]=yes
    done
    say ""
    say "Messages appear here as they leave. Ctrl-C stops everything."
    while apache_running; do
        for file in "$VAR"/outbox/*.json; do
            [[ -e $file && -z ${shown[$file]:-} ]] || continue
            shown[$file]=yes
            message_show "$file"
        done
        sleep 0.3
    done
    say "Apache has ended: somebody stopped it, or $(apache_file log error log) says why."
    exit 1
}

message_show()
{
    jq -r '"\n" + (if .channel == "sms" then "SMS" else "Mail" end) + " to " + .to + "  (" + .sent_at + ")",
        (select(.subject) | "  Subject: " + .subject),
        (.text | split("\n")[] | "  " + .)' "$1" || say "cannot read $1"
}
