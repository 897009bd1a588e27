#!/usr/bin/env bash
# The operator's command, tools/mantova-dossier, on the scratch database. run.sh calls it and provides report.
set -uo pipefail

ROOT=$(cd "$HERE/../.." && pwd -P)
OPERATOR=$ROOT/tools/mantova-dossier
export TIME='^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$'

commands()
{
    "$OPERATOR" --help | sed -n 's/^  \([a-z]\{1,\}\( [a-z-]\{1,\}\)\{0,1\}\)  .*/\1/p'
}

# answers STATUS ARGUMENT...: ends with it. A mistake is one line on standard error and nothing on the other.
answers()
{
    local status=0

    "$OPERATOR" "${@:2}" >"$WORK/out" 2>"$WORK/err" || status=$?
    ((status == $1)) || {
        printf 'status %s of "%s": ' "$status" "${*:2}"
        cat "$WORK/out" "$WORK/err"
        return 1
    }
    ((status == 0)) || [[ ! -s $WORK/out && $(wc -l <"$WORK/err") == 1 && $(<"$WORK/err") == "mantova-dossier: "* ]] || {
        printf 'said of "%s": ' "${*:2}"
        cat "$WORK/out" "$WORK/err"
        return 1
    }
}

# says WORDS: what the last one said
says()
{
    cat "$WORK/out" "$WORK/err" | grep -qF -- "$1" || {
        printf 'wanted "%s", got ' "$1"
        cat "$WORK/out" "$WORK/err"
        return 1
    }
}

# json FILTER ARGUMENT...: its answer is one document, and the filter is true of it
json()
{
    answers 0 --json "${@:2}" || return 1
    jq -s -e "length == 1 and (.[0] | $1)" "$WORK/out" >"$WORK/judged" || {
        printf 'not %s of "%s": ' "$1" "${*:2}"
        cat "$WORK/out"
        return 1
    }
}

every_command_has_help()
{
    local name words

    (($(commands | wc -l) > 20)) || return 1
    while read -r name; do
        read -r -a words <<<"$name"
        PGHOST=$WORK/nowhere answers 0 "${words[@]}" --help || return 1
        says "usage: mantova-dossier $name" && says "Answers:" && says "Exit status: 0" || return 1
        [[ $name != *" "* ]] || { answers 0 "${words[0]}" --help && says "$name"; } || return 1
    done < <(commands)
}

wrong_calls_are_told()
{
    local -x PGHOST=$WORK/nowhere # the database is not asked

    answers 2 faciltiy && says "did you mean facility?" || return 1
    answers 2 integrator lst && says "did you mean list?" || return 1
    answers 2 integrator 'x.*\q' && says 'integrator x.*' || return 1
    answers 2 facility add only-an-id && says "NAME is missing" || return 1
    answers 2 facility add an-id "" && says "an argument is empty" || return 1
    answers 2 facility list more && says "too many arguments" || return 1
    answers 2 facility list --days 3 && says "there is no option --days" || return 1
    answers 2 facility list --nothing && says "there is no option --nothing" || return 1
    answers 2 facility list --json=yes && says "--json takes no value" || return 1
    answers 2 integrator new-key LIS --days && says "--days needs a value" || return 1
    answers 2 integrator new-key LIS --days --json && says "--days needs a value" || return 1
    answers 2 facility add an-id $'\xe0' && says "not UTF-8" || return 1
    answers 2 integrator new-key LIS --name $'\xe0' && says "not UTF-8" || return 1
    answers 2 integrator end-key a-key --days "" && says "the value of --days is empty" || return 1
    answers 2 banner remove --facility= && says "the value of --facility is empty" || return 1
    answers 2 outbox requeue && says "or --all" || return 1
    answers 2 outbox requeue --all x && says "or --all" || return 1
    answers 2 audit verify 3 && says "HASH is missing" || return 1
    ! "$OPERATOR" >"$WORK/out" 2>"$WORK/err" && [[ ! -s $WORK/out ]] && says "integrator add" || return 1
    ! "$OPERATOR" integrator >"$WORK/out" 2>"$WORK/err" && [[ ! -s $WORK/out ]] && says "integrator add"
}

every_answer_is_json()
{
    json '.facilities == []' facility list || return 1
    json '.id == "san-pellegrino" and .name == "Ospedale"' facility add san-pellegrino Ospedale || return 1
    json '.facilities[0] | .name == "Ospedale" and (.created_at | test(env.TIME))' facility list || return 1
    json '(.key | test("^[A-Za-z0-9_-]{43}$")) and .facilities == ["san-pellegrino"]' integrator add LIS san-pellegrino || return 1
    json '.integrators | length == 1 and (.[0] | .name == "LIS" and .ended == null and (.created_at | test(env.TIME)))' integrator list || return 1
    json '.name == "LIS 2"' integrator rename LIS "LIS 2" || return 1
    json '.key and .key_id' integrator new-key "LIS 2" --name "the next" --days=30 || return 1
    json '.key' integrator end-key "$(jq -r .key_id "$WORK/out")" --days 3 || return 1
    json '.problems == [] and .integrators == 1 and .messages_given_up == 0' status || return 1
    json '.system' integrator revoke "LIS 2" || return 1
    json '.facility == null and (.ends_at | test(env.TIME))' banner add Tardi Late tomorrow || return 1
    json '.banners[0].text_it == "Tardi"' banner list || return 1
    json 'has("facility")' banner remove || return 1
    json '[.limits[].name] | index("code_tries")' limit list || return 1
    json '.value == 4 and .before == 5' limit set code_tries 4 || return 1
    json '.messages == []' outbox list || return 1
    json '.requeued == 0' outbox requeue --all || return 1
    json '.keys == []' key list || return 1
    json '.documents == 0 and .accepted == false' vault show || return 1
    json '.accepted and (.without_documents | not)' vault accept || return 1
    json '.accepted and .without_documents' vault accept --without-documents || return 1
    json '.sweep_allowed' vault sweep || return 1
    json '.problems == [] and .lines > 10 and .seals == 0 and .last_seal == null' audit verify || return 1
    json '.applied == []' migrate || return 1
    json '.roles | length == 2' role create
}

people_are_answered()
{
    answers 0 facility list && says "| Ospedale" || return 1
    answers 0 integrator list && says "LIS 2" || return 1
    answers 0 limit set code_tries 5 && says "code_tries: 5, before 4" || return 1
    answers 0 vault show && says "documents" || return 1
    answers 0 migrate && says "Nothing to do" || return 1
    answers 0 audit verify && says "last seal: none"
}

refusals_are_told()
{
    local nobody=00000000-0000-4000-8000-000000000000 name

    answers 1 facility add "no id" Name && says "the id of a facility" || return 1
    for name in $'two\nlines' "$(printf 'x%.0s' {1..201})" " "; do
        answers 1 facility add an-id "$name" && says "a name is 1 to 200 characters" || return 1
        answers 1 integrator add "$name" san-pellegrino && says "a name is 1 to 200 characters" || return 1
        answers 1 integrator rename "LIS 2" "$name" && says "a name is 1 to 200 characters" || return 1
    done
    answers 1 integrator add System nowhere && says 'no facility "nowhere": mantova-dossier facility add' || return 1
    answers 1 integrator new-key nobody && says 'no system "nobody"' || return 1
    answers 1 integrator end-key $nobody && says "no key has this id" || return 1
    answers 1 integrator end-key x && says "invalid input syntax for type uuid" || return 1
    answers 1 integrator revoke nobody && says 'no system "nobody"' || return 1
    answers 1 integrator rename nobody x && says 'no system "nobody"' || return 1
    answers 1 banner add a b yesterday && says "a time to come" || return 1
    answers 1 banner add a b soon && says "invalid input syntax" || return 1
    answers 1 banner remove && says "no banner is shown" || return 1
    answers 1 limit set code_tries many && says "invalid input syntax" || return 1
    answers 1 limit set code_trys 3 && says 'no limit "code_trys"' || return 1
    answers 1 outbox requeue $nobody && says "no message with this id" || return 1
    answers 1 account set-mobile RSSMRA80A01E897X +393337654321 && says "no account has this codice fiscale" || return 1
    answers 1 patient change-code 01234567897 RSSMRA80A01E897X --papers-seen && says "no patient has the former" || return 1
    answers 1 database rename no_such_database other && says "does not exist"
}

# Answered first, so that a program can read what it is.
what_is_wrong_is_status_1()
{
    local message

    "$OPERATOR" audit verify 7 abc --json >"$WORK/out" 2>"$WORK/err"
    [[ $? == 1 ]] && says "the audit is not as it was written" && jq -e '.problems == [{"seal": 7, "problem": "this is not the seal that was noted down"}]' "$WORK/out" || return 1
    message=$(psql -X -q -A -t -c "INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
        SELECT 'sms', '+39333', 'new_documents', 'it', 2, at, at, now() + interval '1 hour' FROM (SELECT now() - interval '6 minutes') x (at) RETURNING id")
    "$OPERATOR" status --json >"$WORK/out" 2>"$WORK/err"
    [[ $? == 1 ]] && says "something waits for you" && jq -e '.messages_waiting == 1 and (.problems | length == 1)' "$WORK/out" || return 1
    psql -X -q -c "UPDATE dossier_data.outbox SET state = 'failed', ended_at = now() WHERE id = '$message'"
    json '.messages[0] | .requeue and (.given_up_at | test(env.TIME))' outbox list && json '.requeued == 1' outbox requeue "$message" || return 1
    json '.problems == [] and .messages_waiting == 1' status
}

# Nothing of a value is SQL or an option, and blanks, quotes and accents stay.
values_stay_values()
{
    local name="L'Ospedale \"Città\"; DROP TABLE x; -- :'id' \\q \$1 \`id\`"

    NAME=$name json '.name == env.NAME' facility add quoted "$name" || return 1
    NAME=$name json '.facilities[] | select(.id == "quoted") | .name == env.NAME' facility list || return 1
    json '.name == "--json"' facility add quoted -- --json || return 1
    NAME=$name json '.name == env.NAME' integrator add "$name" quoted || return 1
    NAME=$name json '[.integrators[].name] | index(env.NAME)' integrator list
}

# The key is printed, its hash is kept, and the database has never seen the key.
keys_are_secret()
{
    local key

    answers 0 integrator add "Secret keeper" san-pellegrino san-pellegrino || return 1
    key=$(<"$WORK/out")
    [[ $key =~ ^[A-Za-z0-9_-]{43}$ && ! -s $WORK/err ]] || return 1
    [[ $(psql -X -q -A -t -c "SELECT count(*) FROM dossier_data.integrator_key
        WHERE key_hash = encode(sha256(convert_to('$key', 'UTF8')), 'hex')") == 1 ]] || return 1
    answers 1 integrator add "Secret keeper" san-pellegrino && says "add a key to it with mantova-dossier integrator new-key" || return 1
    "$OPERATOR" integrator revoke "Secret keeper" >"$WORK/out" 2>&1 || return 1
    "$OPERATOR" integrator new-key "Secret keeper" >"$WORK/out" 2>"$WORK/err" && says "mantova-dossier: this system had ended"
}

# at_once ARGUMENT...: three at once; their statuses, the least first
at_once()
{
    local n children=() statuses=()

    for n in 1 2 3; do
        "$OPERATOR" "$@" >"$WORK/at_once.$n" 2>&1 &
        children+=("$!")
    done
    for n in "${children[@]}"; do
        wait "$n"
        statuses+=("$?")
    done
    printf '%s\n' "${statuses[@]}" | sort | paste -s -d ' '
}

several_at_once()
{
    [[ $(at_once integrator add "Of three" san-pellegrino) == "0 1 1" ]] || return 1
    [[ $(at_once facility add of-three Three) == "0 0 0" ]] || return 1
    [[ $(at_once migrate) == "0 0 0" ]] || return 1
    [[ $(at_once limit set code_tries 5) == "0 0 0" ]]
}

without_rights()
{
    local -x PGOPTIONS='-c role=dossier_app'
    local name words

    for name in "facility list" "facility add x y" "integrator list" "limit set code_tries 50" "vault accept" status migrate; do
        read -r -a words <<<"$name"
        answers 3 "${words[@]}" --json && says "GRANT dossier_owner" || return 1
    done
    [[ $(PGOPTIONS='' psql -X -q -A -t -c "SELECT value FROM dossier_data.throttle_limit WHERE name = 'code_tries'") == 5 ]]
}

# What a member of dossier_owner needs no superuser for.
as_a_member()
{
    local -x PGOPTIONS='-c role=dossier_anna'
    local status=0

    PGOPTIONS='' psql -X -q -c 'CREATE ROLE dossier_anna IN ROLE dossier_owner' || return 1
    json '.facilities | length > 1' facility list && json '.problems == []' audit verify &&
        answers 0 limit set code_tries 5 && answers 0 migrate || status=1
    PGOPTIONS='' psql -X -q -c 'DROP ROLE dossier_anna'
    return "$status"
}

database_is_gone()
{
    PGHOST=$WORK/nowhere answers 3 facility list && says "the database cannot be asked: connection" || return 1
    PGHOST=$WORK/nowhere answers 3 migrate && says "the database cannot be asked: connection" || return 1
    PGDATABASE=dossier_no_such answers 3 status --json && says 'database "dossier_no_such" does not exist' || return 1
    answers 3 status --database dossier_no_such || return 1
    PGDATABASE=$ADMIN_DATABASE answers 3 facility list && says "mantova-dossier migrate" || return 1
    PGHOST='' VAR=$WORK answers 3 facility list && says "no portal runs in $WORK"
}

# As `install` lays it down, staged, where another version was: it finds its parts and the SQL by itself, nothing of the
# other version's SQL is left to apply, and root asks as postgres.
installed()
{
    local -x DESTDIR=$WORK/stage ROOT=$ROOT
    local OPERATOR=$DESTDIR/usr/sbin/mantova-dossier SQL=$DESTDIR/usr/share/mantova-dossier/sql

    mkdir -p "$SQL/migrations" "$SQL/api"
    echo 'SELECT 1/0;' | tee "$SQL/migrations/001_former.sql" >"$SQL/api/former.sql"
    # shellcheck disable=SC2016 # for that shell
    bash -c 'for part in common install; do . "$ROOT/tools/run/$part.sh"; done; install_operator' >/dev/null || return 1
    json '.facilities | length > 1' facility list && json '.applied == []' migrate && json '.problems == []' audit verify || return 1
    echo 'SELEKT;' >>"$SQL/lib/code.sql"
    answers 1 migrate && says 'lib/code.sql:' && says 'syntax error at or near "SELEKT"' || return 1
    cp "$ROOT/sql/lib/code.sql" "$SQL/lib/"
    ((EUID == 0)) || return 0
    mkdir "$WORK/bin"
    cat >"$WORK/bin/runuser" <<SH
#!/bin/sh
echo "\$1 \$2 \$3" >>"$WORK/runuser"; shift 3; PGHOST="$PGHOST" PGUSER="${PGUSER:-}" exec "\$@"
SH
    chmod +x "$WORK/bin/runuser"
    (
        PATH=$WORK/bin:$PATH
        unset PGHOST PGUSER
        json '.facilities | length > 1' facility list && json '.applied == []' migrate
    ) && [[ $(sort -u "$WORK/runuser") == "-u postgres --" ]]
}

# What installing and restoring need of the server. Of a server that others use too nothing is changed.
roles_and_databases()
{
    local other=${SCRATCH}_other

    [[ $(admin_value "SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'dossier_app'") == t ]] || return 0
    printf 'a secret\na secret\n' | json '.role == "dossier_app"' role password || return 1
    [[ $(admin_value "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'dossier_app'") == t ]] || return 1
    printf 'a secret\nanother\n' | answers 1 role password && says "match" || return 1
    answers 1 role password </dev/null && says "it is empty" || return 1
    [[ $(admin_value "SELECT rolpassword IS NULL FROM pg_authid WHERE rolname = 'dossier_app'") == f ]] || return 1
    admin_value 'ALTER ROLE dossier_app PASSWORD NULL'
    admin_value "CREATE DATABASE $other"
    json '.database | endswith("Away \"x\"")' database rename "$other" "${other}_Away \"x\"" || return 1
    [[ $(admin_value "SELECT count(*) FROM pg_database WHERE datname = '${other}_Away \"x\"'") == 1 ]] || return 1
    admin_value "DROP DATABASE \"${other}_Away \"\"x\"\"\""
}

# admin_value STATEMENT
admin_value()
{
    PGDATABASE=$ADMIN_DATABASE psql -X -q -A -t -v ON_ERROR_STOP=1 -c "$1"
}

# The database is known by a function that a hardened server takes from everybody.
migrate_gives_the_right_back()
{
    local may="SELECT has_function_privilege('dossier_owner', 'pg_control_system()', 'EXECUTE')"

    psql -X -q -c 'REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC'
    [[ $(psql -X -q -A -t -c "$may") == f ]] || return 1
    answers 0 migrate && [[ $(psql -X -q -A -t -c "$may") == t ]]
}

# mentioned TREE: the commands that its documentation, configuration, log lines and SQL name
mentioned()
{
    (cd "$1" && grep -rhoE '(^|[^/a-z])mantova-dossier [a-z]+( [a-z]+(-[a-z]+)?)?' --exclude-dir=vault README.md ChangeLog.md docs conf sql mod_mantova_dossier) |
        sed 's/^.*mantova-dossier //' | sort -u
}

# unknown TREE: those that there are not; of two words the second may belong to the sentence
unknown()
{
    mentioned "$1" | while read -r name; do
        commands | grep -qxE "$name|${name%% *}" || printf '%s\n' "$name"
    done
}

what_is_mentioned_is_there()
{
    mkdir "$WORK/breach"
    cp -r "$ROOT"/{README.md,ChangeLog.md,docs,conf,sql,mod_mantova_dossier} "$WORK/breach/"
    echo 'mantova-dossier facility remove' >>"$WORK/breach/docs/operators.md"
    [[ $(unknown "$WORK/breach") == "facility remove" ]] || {
        echo "found: $(unknown "$WORK/breach")"
        return 1
    }
    [[ -z $(unknown "$ROOT") ]]
}

report "every command says with --help what it does and answers" every_command_has_help
report "a call that its usage does not have is told, with the nearest words" wrong_calls_are_told
report "every command answers one JSON document" every_answer_is_json
report "people are answered in columns and sentences" people_are_answered
report "what is refused is told in one line, status 1" refusals_are_told
report "what is wrong is answered, and is status 1" what_is_wrong_is_status_1
report "names with quotes, SQL and options in them stay names" values_stay_values
report "a key is printed once and known to nobody else" keys_are_secret
report "several at once are one after the other" several_at_once
report "a role without rights changes nothing, and is told whom to ask, status 3" without_rights
report "a member of dossier_owner may do all of it" as_a_member
report "a database that is not there, or no portal's, is told, status 3" database_is_gone
report "installed it finds its parts, and root asks as postgres" installed
report "roles and databases: a password from a pipe, a database set aside" roles_and_databases
report "migrate gives the right back by which the database is known" migrate_gives_the_right_back
report "what documentation, log lines and refusals name are commands" what_is_mentioned_is_there
