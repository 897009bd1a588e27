# shellcheck shell=bash
# The roles of PostgreSQL and the database itself: what installing and restoring need.

offer "role create" "" <<'TEXT'
Makes the roles dossier_owner and dossier_app where they are missing.

Before a dump is restored onto another server: no dump holds them. migrate does the same by itself. It asks the database
postgres. Answers: roles.
TEXT
role_create()
{
    database_of_server
    ask <<'SQL'
SELECT format('CREATE ROLE %s NOINHERIT', wanted) FROM unnest('{dossier_owner NOLOGIN,dossier_app LOGIN}'::text[]) wanted
WHERE split_part(wanted, ' ', 1) NOT IN (SELECT rolname FROM pg_roles) \gexec
SQL
    done_with "'there are dossier_owner and dossier_app'" "SELECT '{dossier_owner,dossier_app}'::text[] AS roles"
}

offer "role password" "" <<'TEXT'
Asks for the password of dossier_app, twice, and sets it.

From a pipe or file it reads it as two lines; an empty one is refused. The server is given its SCRAM hash, never the password. The password goes into
the file that passfile= of DBDParams names. Answers: role.
TEXT
role_password()
{
    local first said

    ask <<<'' # whether it can be asked
    if [[ -t 0 ]]; then
        said=$(password_put)
    else # psql would ask the terminal
        IFS= read -r first || true
        [[ -n $first ]] || fail 1 "the password was not set: it is empty"
        said=$({ printf '%s\n' "$first" && cat; } | password_put setsid --wait)
    fi || case $said in
    *ERROR:*) ask_failed "$said" ;;
    *) fail 1 "the password was not set: ${said##*$'\n'}" ;;
    esac
    # the server takes an empty one, typed at a terminal, for none
    [[ $said != *NOTICE:* ]] || fail 1 "dossier_app has no password now, for it was empty: it cannot log in with one"
    done_with "'dossier_app has this password now'" "SELECT 'dossier_app' AS role"
}

# password_put [COMMAND...]: has psql ask for it, below that command
password_put()
{
    (cd / && "${AS[@]}" "$@" psql -X -q -v ON_ERROR_STOP=1 -v VERBOSITY=verbose "${TARGET[@]}" -c '\password dossier_app' 2>&1)
}

offer "database rename" "NAME NEW-NAME" <<'TEXT'
Sets a database aside under another name, or brings it back.

Before a copy is restored in its place: nobody may be connected, so stop httpd first. It asks the database postgres.
Answers: database.
TEXT
database_rename()
{
    database_of_server
    ask -v name="${WORDS[0]}" -v new="${WORDS[1]}" <<<'ALTER DATABASE :"name" RENAME TO :"new"'
    done_with "'it is ' || database" "SELECT :'new' AS database" -v new="${WORDS[1]}"
}
