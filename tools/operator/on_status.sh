# shellcheck shell=bash
# How the portal is doing, and bringing its database up to date.

offer "status" "" <<'TEXT'
How the portal is doing, and what waits for you.

Answers: database, facilities, integrators (that work), accounts, documents (that can be opened), messages_waiting,
oldest_message_due_at, messages_given_up, audit_sealed_at, and problems: a line each, with what to do. If there is one the
exit status is 1. It asks the database; what httpd says of itself is at /api/v1/status.
TEXT
status()
{
    local problems='ARRAY(SELECT p FROM dossier_admin.portal_problems() p)'

    json_wanted || problems="array_to_string($problems, E'\n')"
    one "SELECT s.*, $problems AS problems FROM dossier_admin.portal_state() s"
    ask -A -t <<'SQL'
SELECT count(*) > 0 AS wrong FROM dossier_admin.portal_problems() \gset
\if :wrong
    DO $$ BEGIN RAISE EXCEPTION 'something waits for you: see problems'; END $$;
\endif
SQL
}

offer "migrate" "" <<'TEXT'
Brings the database up to this version: tables and functions.

The first run makes the roles dossier_owner (owns everything, logs in nowhere) and dossier_app (the web server: it may call
the functions of the schema dossier, and has no right on any table), and needs a superuser, or a role with CREATEROLE that
owns the database. A second run does nothing. Two at once wait for each other.
Answers: applied, the files that were. If one fails, it says which, and those before it stay; run it again when it is mended.
TEXT
migrate()
{
    local said

    # whether it can be asked, and by this role
    ask <<'SQL'
SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'dossier_data' AND NOT pg_has_role(nspowner, 'MEMBER')) AS stranger \gset
\if :stranger
    DO $$ BEGIN RAISE insufficient_privilege USING MESSAGE = 'it is not a member of dossier_owner'; END $$;
\endif
SQL
    said=$(cd / && "${AS[@]}" "$SQL/migrate.sh" "${TARGET[@]}" 2>&1) ||
        fail 1 "$(sed -n 's/^psql:\([^ ]*\) ERROR: */\1 /p; s/^migrate\.sh: //p' <<<"$said" | paste -s -d ' ')"
    # a hardened server may have taken this from everybody; the vault knows the database by it
    ask <<'SQL'
SELECT has_function_privilege('dossier_owner', 'pg_catalog.pg_control_system()', 'EXECUTE') AS knows \gset
\if :knows
\else
    GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO dossier_owner;
\endif
SQL
    said=$(sed -n 's/^applied //p' <<<"$said")
    if json_wanted; then
        done_with '' "SELECT array_remove(string_to_array(:'files', E'\n'), '') AS applied" -v files="$said"
    else
        printf '%s\n' "${said:-Nothing to do: the database is of this version.}"
    fi
}
