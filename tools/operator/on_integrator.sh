# shellcheck shell=bash
# Hospital systems and their keys. A key is printed once: the database keeps only its SHA-256.

offer "integrator list" "" <<'TEXT'
Hospital systems and their keys, and when each was last used.

Answers: integrators, a row for each key: system (its id), name, facilities, key (its id), key_name, created_at,
last_used_at, expires_at, revoked_at, ended (when the whole system has).
TEXT
integrator_list()
{
    many integrators 'SELECT * FROM dossier_admin.integrator_keys()'
}

offer "integrator add" "NAME FACILITY..." <<'TEXT'
Registers a hospital system and prints its key, once.

It may write for these facilities. Never register a system a second time to give it a new key: the second knows nothing of
what the first has published. That is what new-key is for.
Answers: the key alone; with --json system (its id), name, facilities, key.
TEXT
integrator_add()
{
    key_print "SELECT dossier_admin.integrator_put(:'name', :'hash', array_remove(string_to_array(:'facilities', ' '), '')) AS system,
        :'name' AS name, array_remove(string_to_array(:'facilities', ' '), '') AS facilities" \
        -v name="${WORDS[0]}" -v facilities="${WORDS[*]:1}"
}

offer "integrator rename" "SYSTEM NAME" <<'TEXT'
Gives a system another name; its keys and what it has published stay its own.

SYSTEM is its name or id. Answers: system (its id), name.
TEXT
integrator_rename()
{
    done_with "format('%s: %s', system, name)" "SELECT i.system, :'name' AS name
        FROM dossier_admin.integrator_id(:'system') i (system), dossier_admin.integrator_rename(i.system, :'name')" \
        -v system="${WORDS[0]}" -v name="${WORDS[1]}"
}

offer "integrator new-key" "SYSTEM [--name NAME] [--days DAYS]" <<'TEXT'
Prints one more key for a system, once; its other keys go on.

SYSTEM is its name or id. NAME is the key's, DAYS how long it is good (without: until end-key). In its last two weeks a key
that ends by itself is called to mind each day (DOS0306). A system that was revoked works again, with this key alone.
Answers: the key alone; with --json key_id, key.
TEXT
integrator_new_key()
{
    key_print "SELECT dossier_admin.integrator_key_add(:'system', :'hash', :'name', nullif(:'days', '')::int) AS key_id" \
        -v system="${WORDS[0]}" -v name="${OPTIONS[name]:-}" -v days="${OPTIONS[days]:-}"
}

offer "integrator end-key" "KEY [--days DAYS]" <<'TEXT'
Ends one key of a system, now or in so many days.

KEY is its id, as integrator list has it. The end of a key is never moved to later.
Answers: key (its id).
TEXT
integrator_end_key()
{
    done_with "'ended, or to end then: ' || key" "SELECT :'key'::uuid AS key FROM dossier_admin.integrator_key_end(:'key'::uuid, :'days'::int)" \
        -v key="${WORDS[0]}" -v days="${OPTIONS[days]:-0}"
}

offer "integrator revoke" "SYSTEM" <<'TEXT'
Ends a whole system with all its keys.

SYSTEM is its name or id. Patients go on reading what it has published, and nobody else can correct or withdraw that: so
withdraw before it ends what should not stay. Where that comes too late, new-key has it work again; its old keys stay ended.
Answers: system (its id).
TEXT
integrator_revoke()
{
    done_with "'ended: ' || system" "SELECT i.system
        FROM dossier_admin.integrator_id(:'system') i (system), dossier_admin.integrator_revoke(i.system)" -v system="${WORDS[0]}"
}

# key_print QUERY [psql option...]: makes a key, tells the database its hash, :'hash', and prints it. It passes through
# builtins and pipes only, so that no other user of this machine can see it.
key_print()
{
    local key hash row

    key=$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=\n')
    hash=$(printf %s "$key" | openssl dgst -sha256 -r)
    row=$(done_with "''" "$1" -v hash="${hash%% *}" "${@:2}")
    if json_wanted; then
        printf '%s,"key":"%s"}\n' "${row%\}}" "$key"
    else
        printf '%s\n' "$key"
    fi
}
