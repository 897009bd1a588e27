#!/usr/bin/env bash
# What the watchdog does waits for nobody, and nobody waits for it: its transactions stay open while people read, and the
# other way round. lock_timeout tells who waits. run.sh calls it and provides report and WORK.
# shellcheck disable=SC2034 # beside() takes arrays by their names
set -uo pipefail

query()
{
    PGOPTIONS='-c client_min_messages=warning' psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# What is to go: a document past its time, files that were replaced and destroyed, a slip, sessions, attempts to log in,
# counts, and lines of the audit that are older than its months. All of the person who will read, and of the account.
fill()
{
    query <<'SQL'
CREATE TABLE t.reader AS SELECT r.* FROM t.active(1) r;
CREATE TABLE t.over (at timestamptz); -- a row: the open transaction may end
CREATE FUNCTION t.me(p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.mine((r.n, r.account, r.patient, r.session)::t.person, p_change) FROM t.reader r
$$;
CREATE FUNCTION t.document_id(p_external text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.me(jsonb_build_object('document_id', (SELECT id FROM dossier_data.document WHERE external_id = p_external)))
$$;
SELECT t.expect('created', 'publication_complete', t.document(1, 'bytes ' || id, '{}', jsonb_build_object('external_id', id)))
FROM unnest('{kept,unread,expired}'::text[]) id;
SELECT t.expect('ok', 'publication_complete', t.document(1, 'corrected ' || id, '{}', jsonb_build_object('external_id', id)))
FROM unnest('{kept,expired}'::text[]) id;
SELECT t.expect('ok', 'document_open', t.document_id(id) || '{"read": true}') FROM unnest('{kept,expired}'::text[]) id;
SELECT t.login('mobile', t.mobile(1), right_one) FROM unnest('{t,f}'::bool[]) right_one;
SELECT t.expect('created', 'acceptance_put', t.acceptance(1, '{"external_id": "V-2", "activation": {"key_id": "k1", "mac": "second"}}'));
SELECT t.expect('ok', 'audit_seal', '{"limit": 10000, "months": 24}');
UPDATE dossier_data.throttle_limit SET value = 0 WHERE name LIKE 'code_pause_%';
SET session_replication_role = replica;
UPDATE dossier_data.document SET expires_at = now() WHERE external_id = 'expired';
UPDATE dossier_data.destroyed_object SET at = now() - interval '91 days', told = true;
UPDATE dossier_data.activation_code SET expires_at = now(), sealed = 'k1:code' WHERE used_at IS NULL;
UPDATE dossier_data.session SET created_at = now() - interval '9 days' WHERE id::text <> (SELECT session FROM t.reader);
UPDATE dossier_data.login_attempt SET created_at = now() - interval '9 days';
UPDATE dossier_data.registration SET expires_at = now() - interval '9 days';
UPDATE dossier_data.outbox SET state = 'sent', sealed = NULL, ended_at = now() - interval '31 days' WHERE account_id IS NULL;
-- of others: who logs in with what is just going waits until it has gone
UPDATE dossier_data.throttle SET subject = t.sha('another ' || subject), touched_at = now() - interval '9 days', tat = now() - interval '9 days';
INSERT INTO dossier_data.audit_count (hour, action, outcome, count) VALUES (date_trunc('hour', now()) - interval '1 hour', 'login', 'login_failed', 3);
ALTER TABLE dossier_data.audit DISABLE TRIGGER audit_append_only;
UPDATE dossier_data.audit SET at = at - interval '25 months';
ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_append_only;
ALTER TABLE dossier_data.audit_seal DISABLE TRIGGER audit_seal_append_only;
UPDATE dossier_data.audit_seal SET newest_at = newest_at - interval '25 months';
ALTER TABLE dossier_data.audit_seal ENABLE ALWAYS TRIGGER audit_seal_append_only;
SQL
}

WATCHDOG=(
    "t.expect('ok', 'purge', '{\"limit\": 100}')"
    "t.expect('ok', 'audit_seal', '{\"limit\": 10000, \"months\": 24}')"
)
READERS=(
    "t.expect('ok', 'session_load', jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session WHERE id::text = (SELECT session FROM t.reader))))"
    "t.expect('ok', 'session_get', t.me())"
    "t.expect('ok', 'session_list', t.me())"
    "t.expect('ok', 'patient_list', t.me())"
    "t.expect('ok', 'document_list', t.me())"
    "t.expect('ok', 'document_get', t.document_id('kept'))"
    "t.expect('ok', 'document_open', t.document_id('kept') || '{\"read\": true}')"
    "t.expect('ok', 'document_open', t.document_id('unread') || '{\"read\": true}')"
    "t.expect('ok', 'document_open', t.document_id('unread') || '{\"exported\": true}')"
    "t.expect('document_expired', 'document_open', t.document_id('expired') || '{\"read\": true}')"
    "t.expect('ok', 'activity_list', t.me())"
    "t.expect('ok', 'pickup_list', t.me())"
    "t.expect('ok', 'profile_get', t.me())"
    "t.eq('login', t.login('mobile', t.mobile(1), true) ->> 'outcome', 'ok')"
    "t.eq('login from a new device', t.login('mobile', t.mobile(1), true, '192.0.2.9', t.sha('a new one')) ->> 'outcome', 'ok')"
    "t.expect('ok', 'password_reset_start', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'language', 'it', 'code', t.code()))"
    "t.expect('ok', 'registration_start', t.registration(5))"
    "t.eq('wrong login', t.login('mobile', t.mobile(1), false) ->> 'outcome', 'login_failed')"
    "t.expect('ok', 'status', '{}')"
)

# beside HELD FREE: names of arrays of calls; the first are done in one transaction, which is open while the others are
# done, each in one of its own
beside()
{
    local -n held=$1 free=$2
    local call holder status=0

    query -c "TRUNCATE t.over"
    {
        echo "BEGIN;"
        printf 'SELECT %s \\g /dev/null\n' "${held[@]}"
        cat <<'SQL'
SELECT pg_advisory_xact_lock(4712) \g /dev/null
DO $$ BEGIN
    FOR i IN 1..600 LOOP
        EXIT WHEN EXISTS (SELECT FROM t.over);
        PERFORM pg_sleep(0.1);
    END LOOP;
END $$;
ROLLBACK;
SQL
    } | query -v ON_ERROR_STOP=1 >"$WORK/holder" 2>&1 &
    holder=$!
    until [[ $(query -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 4712
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())") == 1 ]]; do
        kill -0 "$holder" || break
        sleep 0.05
    done 2>/dev/null
    for call in "${free[@]}"; do
        PGOPTIONS='-c lock_timeout=200ms' psql -X -q -A -t -v ON_ERROR_STOP=1 -c "SELECT $call" >/dev/null 2>"$WORK/waits" || {
            echo "$call: $(head -n 3 "$WORK/waits")"
            status=1
        }
    done
    query -c "INSERT INTO t.over VALUES (now())"
    wait "$holder" || status=1
    cat "$WORK/holder"
    return "$status"
}

went()
{
    query <<'SQL'
CREATE FUNCTION t.due() RETURNS TABLE (what text, rows bigint) LANGUAGE sql VOLATILE AS $$
    SELECT 'document', count(*) FROM dossier_data.document WHERE expires_at <= now() AND wrapped_key IS NOT NULL
    UNION ALL SELECT 'session', count(*) FROM dossier_data.session WHERE created_at < now() - interval '8 days'
    UNION ALL SELECT 'login', count(*) FROM dossier_data.login_attempt WHERE created_at < now() - interval '8 days'
    UNION ALL SELECT 'registration', count(*) FROM dossier_data.registration WHERE expires_at < now() - interval '8 days'
    UNION ALL SELECT 'throttle', count(*) FROM dossier_data.throttle WHERE touched_at < now() - interval '8 days'
    UNION ALL SELECT 'message', count(*) FROM dossier_data.outbox WHERE ended_at < now() - interval '30 days'
    UNION ALL SELECT 'slip', count(*) FROM dossier_data.activation_code WHERE sealed IS NOT NULL
    UNION ALL SELECT 'file', count(*) FROM dossier_data.destroyed_object WHERE at < now() - interval '90 days'
    UNION ALL SELECT 'count', count(*) FROM dossier_data.audit_count WHERE hour < date_trunc('hour', now())
    UNION ALL SELECT 'audit', count(*) FROM dossier_data.audit WHERE at < now() - interval '24 months'
$$;
BEGIN;
SELECT t.eq('missing', (SELECT string_agg(what, ' ') FROM t.due() WHERE rows = 0), NULL) \g /dev/null
SELECT t.expect('ok', 'purge', '{"limit": 100}'), t.expect('ok', 'audit_seal', '{"limit": 10000, "months": 24}') \g /dev/null
SELECT t.eq('left', (SELECT string_agg(what, ' ') FROM t.due() WHERE rows > 0), NULL) \g /dev/null
ROLLBACK;
SQL
}

report "there is something of each kind that purge and audit removal take" fill
report "purge and audit removal take it all" went
# a lock that is waited for is seen: whoever logs in with what is being counted waits
HELD=("t.login('mobile', t.mobile(1))")
LOGIN=("t.login('mobile', t.mobile(1))")
sees_who_waits()
{
    ! beside HELD LOGIN && grep -q 'lock timeout' "$WORK/waits"
}

report "who waits is seen" sees_who_waits
report "nobody who reads or logs in waits for an open purge and audit removal" beside WATCHDOG READERS
report "purge and audit removal wait for nobody who reads or logs in" beside READERS WATCHDOG
