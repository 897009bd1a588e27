# shellcheck shell=bash
# Who did what.

offer "audit verify" "[NUMBER HASH]" <<'TEXT'
Whether the audit is as it was written: a line for each thing that is wrong, and then exit status 1.

NUMBER and HASH are those of a seal noted down before, from this command's last line or from DOS0480 in httpd's log: whoever
rules over the database could have sealed everything again, but not what you noted.
Answers: problems, each with seal and problem; lines, sealed_lines, seals, last_seal (number, hash).
TEXT
# The functions in the database may have been changed together with the lines: it is asked with those that came with
# this command, in a transaction that is taken back.
audit_verify()
{
    ((${#WORDS[@]} != 1)) || usage_fail "HASH is missing"
    ask -A -t -F ': ' -v lib="$SQL/lib/audit_seal.sql" -v admin="$SQL/admin/audit.sql" -v number="${WORDS[0]:-}" -v hash="${WORDS[1]:-}" \
        -v json="$(json_wanted && echo true || echo false)" <<'SQL'
SET client_min_messages = warning;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL ROLE dossier_owner;
SET LOCAL statement_timeout = 0;
\i :lib
\i :admin
SELECT coalesce(json_agg(v), '[]') AS found, count(*) > 0 AS wrong
FROM dossier_admin.audit_verify(nullif(:'number', '')::bigint, nullif(:'hash', '')) v \gset
SELECT (SELECT count(*) FROM dossier_data.audit) AS lines, count(*) AS seals,
    coalesce(sum(count) FILTER (WHERE removed_at IS NULL), 0) AS sealed_lines
FROM dossier_data.audit_seal \gset
\if :json
    SELECT json_build_object('problems', :'found'::json, 'lines', :lines, 'sealed_lines', :sealed_lines, 'seals', :seals,
        'last_seal', (SELECT row_to_json(s) FROM (SELECT number, hash FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1) s));
\else
    SELECT 'seal ' || coalesce(f ->> 'seal', '-'), f ->> 'problem' FROM json_array_elements(:'found') f;
    SELECT format('audit: %s lines, %s in %s seals; last seal: %s', :lines, :sealed_lines, :seals,
        coalesce((SELECT number || ' ' || hash FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1), 'none'));
\endif
ROLLBACK;
\if :wrong
    DO $$ BEGIN RAISE EXCEPTION 'the audit is not as it was written: keep this database as it is, and find out who could write to it'; END $$;
\endif
SQL
}
