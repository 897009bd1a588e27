# shellcheck shell=bash
# Answers: columns or a sentence for people, one JSON document for programs, both made of the same query by PostgreSQL.

json_wanted()
{
    [[ -n ${OPTIONS[json]:-} ]]
}

# many NAME QUERY [psql option...]: any number of rows
many()
{
    if json_wanted; then
        ask -A -t "${@:3}" <<<"SELECT json_build_object('$1', coalesce(json_agg(r), '[]')) FROM ($2) r"
    else
        ask -P footer=off "${@:3}" <<<"$2"
    fi
}

# one QUERY [psql option...]: one row, a line for each column
one()
{
    if json_wanted; then
        ask -A -t "${@:2}" <<<"SELECT row_to_json(r) FROM ($1) r"
    else
        ask -x "${@:2}" <<<"$1"
    fi
}

# done_with SENTENCE QUERY [psql option...]: what was done; the sentence is SQL on the row's columns
done_with()
{
    local what='row_to_json(r)'

    json_wanted || what=$1
    ask -A -t "${@:3}" <<<"SELECT $what FROM ($2) r"
}
