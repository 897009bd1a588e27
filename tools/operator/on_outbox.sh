# shellcheck shell=bash
# SMS and mails on their way.

offer "outbox list" "" <<'TEXT'
The messages that were given up, with the last error.

They stay for 30 days (the limit outbox_keep_days).
Answers: messages, each with id, channel, template, given_up_at, tries, error, requeue (whether it can be put back).
TEXT
outbox_list()
{
    many messages 'SELECT * FROM dossier_admin.outbox_dead()'
}

offer "outbox requeue" "[MESSAGE...] [--all]" <<'TEXT'
Puts messages that were given up back into the queue.

MESSAGE is an id, as outbox list has it: all that are named, or none if one cannot be; --all: all that can. A code cannot:
it has expired. Answers: requeued, how many.
TEXT
outbox_requeue()
{
    local which="unnest(string_to_array(:'ids', ' ')::uuid[])"

    if [[ -n ${OPTIONS[all]:-} ]]; then
        ((${#WORDS[@]} == 0)) || usage_fail "give ids, or --all"
        which="(VALUES (NULL::uuid))"
    else
        ((${#WORDS[@]})) || usage_fail "give the ids of messages, or --all"
    fi
    done_with "format('%s put back', requeued)" \
        "SELECT sum(dossier_admin.outbox_requeue(m.id))::int AS requeued FROM $which m (id)" -v ids="${WORDS[*]}"
}
