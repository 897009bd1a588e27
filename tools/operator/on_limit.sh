# shellcheck shell=bash
# How often, how long, how many.

offer "limit list" "" <<'TEXT'
Every limit in force, and what it is for.

Answers: limits, each with name, value, purpose.
TEXT
limit_list()
{
    many limits 'SELECT * FROM dossier_admin.limits()'
}

offer "limit set" "NAME VALUE" <<'TEXT'
Changes a limit; it holds from the next request on.

VALUE is a whole number. What was changed, and from what, is a line of the audit.
Answers: name, value, before.
TEXT
limit_set()
{
    done_with "format('%s: %s, before %s', name, value, before)" \
        "SELECT :'name' AS name, :'value'::int AS value, dossier_admin.limit_set(:'name', :'value'::int) AS before" \
        -v name="${WORDS[0]}" -v value="${WORDS[1]}"
}
