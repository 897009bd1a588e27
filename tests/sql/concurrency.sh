#!/usr/bin/env bash
# Fifty clients at once, each its own connection; run.sh calls it and provides report and WORK.
set -uo pipefail

CLIENTS=50

query()
{
    psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# barrier EXPRESSION: of the locks at the barrier in this database. The server may be shared with others.
barrier()
{
    query -c "SELECT $1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 4711
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
}

# barrier_until N EXPRESSION: a minute is long for fifty clients, and shorter than a run that hangs
barrier_until()
{
    local deadline=$((SECONDS + 60))

    until [[ $(barrier "$2") == "$1" ]]; do
        ((SECONDS < deadline)) || {
            echo "not $1 at the barrier within a minute: $(barrier "$2")" >>"$WORK/errors"
            return 1
        }
        sleep 0.05
    done
}

# all_at_once STATEMENT: fifty psql, :n is 1 to 50; they connect, wait for each other, then run it.
# The answers' outcomes are in $WORK/outcomes, what went wrong in $WORK/errors.
all_at_once()
{
    local n holder clients=()

    rm -f "$WORK"/client.* "$WORK/errors"
    barrier_until 0 "count(*)" # psql is gone before its session is
    query -c "SELECT pg_advisory_lock(4711), pg_sleep(600)" >/dev/null 2>&1 &
    holder=$!
    barrier_until 1 "count(*) FILTER (WHERE granted)"
    for ((n = 1; n <= CLIENTS; n++)); do
        printf 'SELECT pg_advisory_lock_shared(4711) \\g /dev/null\n%s\n' "$1" |
            query -v n="$n" >"$WORK/client.$n" 2>>"$WORK/errors" &
        clients+=($!)
    done
    barrier_until "$CLIENTS" "count(*) FILTER (WHERE NOT granted)"
    barrier "pg_terminate_backend(max(pid) FILTER (WHERE mode = 'ExclusiveLock'))" >/dev/null
    wait "${clients[@]}" "$holder"
    cat "$WORK"/client.* | jq -r '.outcome + (if .changed then " " + (.changed | tostring) else "" end)' |
        sort | uniq -c | sed 's/^ *//' | paste -sd ' ' >"$WORK/outcomes"
}

# while_it_waits FIRST SECOND: two statements; the first is not over before the second waits for it
while_it_waits()
{
    local first

    rm -f "$WORK"/client.* "$WORK/errors"
    query >/dev/null 2>>"$WORK/errors" <<SQL &
BEGIN;
$1;
SELECT pg_advisory_xact_lock(4711);
DO \$\$ BEGIN
    FOR i IN 1..600 LOOP
        EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)));
        PERFORM pg_sleep(0.1);
    END LOOP;
END \$\$;
COMMIT;
SQL
    first=$!
    barrier_until 1 "count(*) FILTER (WHERE granted)" && query -c "$2" >/dev/null 2>>"$WORK/errors"
    wait "$first"
}

# is WHAT VALUE WANTED
is()
{
    [[ $2 == "$3" ]] || {
        echo "$1: $2, wanted: $3"
        return 1
    }
}

no_errors()
{
    [[ ! -s $WORK/errors ]] || {
        sort "$WORK/errors" | uniq -c
        return 1
    }
}

# what earlier rounds left is none of the next one's business; the audit alone stays
clean_slate()
{
    query >/dev/null <<'SQL'
SET client_min_messages = warning;
TRUNCATE dossier_data.outbox, dossier_data.document, dossier_data.document_reading, dossier_data.acceptance,
    dossier_data.patient, dossier_data.account, dossier_data.dossier, dossier_data.activation_code,
    dossier_data.registration, dossier_data.verification_code, dossier_data.consent, dossier_data.session,
    dossier_data.login_attempt, dossier_data.throttle CASCADE;
SQL
}

# fifty accounts that all keep one more patient, whose slip has one code
one_code_fifty_accounts()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.expect('created', 'acceptance_put', t.acceptance(100));
SELECT count(t.account(n)) FROM generate_series(1, 50) n;
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role)
SELECT a.id, t.id, 'relative', 'delegate' FROM dossier_data.account a, dossier_data.patient t WHERE t.codice_fiscale = t.cf(100);
SQL
    all_at_once "SELECT t.call('activation_complete', jsonb_build_object('account_id', (SELECT id FROM dossier_data.account WHERE mobile = t.mobile(:n)),
        'patient_id', (SELECT id FROM dossier_data.patient WHERE codice_fiscale = t.cf(100)), 'consent', '{\"notice\": \"dossier\", \"version\": \"2026-01\"}'::jsonb,
        'codice_fiscale', t.cf(100), 'macs', '{\"k1\": \"activation 100\"}'::jsonb));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "49 activation_used 1 ok" &&
        is "active dossiers" "$(query -c "SELECT count(*) FROM dossier_data.dossier WHERE state = 'active'")" 1 &&
        is consents "$(query -c "SELECT count(*) FROM dossier_data.consent WHERE kind = 'dossier'")" 1
}

# one person activates the own dossier while forty-nine holders activate or add it, each with an acceptance of their own
take_over_among_fifty()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.account(n) FROM generate_series(1, 50) n;
SELECT t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'H-' || n, 'mobile', t.mobile(n),
    'activation', jsonb_build_object('key_id', 'k1', 'mac', 'of holder ' || n)))) FROM generate_series(2, 50) n;
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role)
SELECT a.id, t.id, 'relative', 'delegate' FROM dossier_data.account a, dossier_data.patient t
WHERE t.codice_fiscale = t.cf(1) AND a.mobile IN (SELECT t.mobile(n) FROM generate_series(2, 30) n);
SQL
    all_at_once "SELECT CASE WHEN :n <= 30 THEN t.call('activation_complete', t.activation((1, a.id, p.id, NULL)::t.person,
            CASE WHEN :n > 1 THEN jsonb_build_object('macs', jsonb_build_object('k1', 'of holder ' || :n)) ELSE '{}' END))
        ELSE t.call('relative_add', jsonb_build_object('account_id', a.id, 'relative', jsonb_build_object('codice_fiscale', t.cf(1),
            'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'role', 'delegate'))) END
        FROM dossier_data.account a, dossier_data.patient p WHERE a.mobile = t.mobile(:n) AND p.codice_fiscale = t.cf(1);"
    no_errors && is "accounts with the dossier" "$(query -c "SELECT string_agg(a.mobile || ' ' || d.state, ', ') FROM dossier_data.dossier d
        JOIN dossier_data.account a ON a.id = d.account_id JOIN dossier_data.patient p ON p.id = d.patient_id WHERE p.codice_fiscale = t.cf(1)")" "$(query -c "SELECT t.mobile(1)") active" &&
        is "everybody who lost it was told" "$(query -c "SELECT count(*) = count(DISTINCT account_id) AND count(*) >= 29 FROM dossier_data.outbox WHERE template = 'relative_taken_over'")" t
}

one_code_one_account()
{
    clean_slate
    query -c "SELECT t.account(1)" >/dev/null || return 1
    all_at_once "SELECT t.call('activation_complete', t.activation((1, (SELECT id FROM dossier_data.account), (SELECT id FROM dossier_data.patient), NULL)::t.person));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "50 ok" &&
        is consents "$(query -c "SELECT count(*) FROM dossier_data.consent WHERE kind = 'dossier'")" 1 &&
        is "audit lines" "$(query -c "SELECT count(*) FROM dossier_data.audit WHERE action = 'dossier_activated' AND outcome = 'ok' AND account_id = (SELECT id FROM dossier_data.account)")" 1
}

five_tries_of_fifty()
{
    clean_slate
    query -c "SELECT t.account(1)" >/dev/null || return 1
    all_at_once "SELECT t.call('activation_begin', jsonb_build_object('account_id', (SELECT id FROM dossier_data.account), 'patient_id', (SELECT id FROM dossier_data.patient)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "5 ok 45 throttled"
}

# fifty people of one family: one number, one right code each
fifty_completions_of_one_mobile()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.limit_to('code_pause_' || n || '_seconds', 0) FROM generate_series(1, 4) n;
SELECT t.limit_to('code_sends_per_day', 1000), t.limit_to('code_wrong_per_day', 1000);
CREATE TABLE IF NOT EXISTS t.proofs (n int, body jsonb);
TRUNCATE t.proofs;
SELECT t.expect('created', 'acceptance_put', t.acceptance(n, jsonb_build_object('mobile', t.mobile(1)))) FROM generate_series(1, 50) n;
INSERT INTO t.proofs SELECT n, t.proof(t.expect('ok', 'registration_start', t.registration(n, jsonb_build_object('mobile', t.mobile(1)))) ->> 'id')
FROM generate_series(1, 50) n;
SQL
    all_at_once "SELECT t.call('registration_complete', body) FROM t.proofs WHERE n = :n;"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "1 created 49 mobile_taken" &&
        is accounts "$(query -c "SELECT count(*) || ' ' || (SELECT count(*) FROM dossier_data.session) || ' ' || (SELECT count(*) FROM dossier_data.dossier) FROM dossier_data.account")" "1 1 1"
}

# one right code, fifty times: counted one by one, compared one by one, used once
fifty_completions_of_one_code()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.limit_to('code_tries', 50);
TRUNCATE t.proofs;
SELECT t.expect('created', 'acceptance_put', t.acceptance(1));
SELECT t.expect('ok', 'registration_start', t.registration(1));
INSERT INTO t.proofs SELECT n, t.proof((SELECT id::text FROM dossier_data.registration)) FROM generate_series(1, 50) n;
SELECT t.limit_to('code_tries', 5);
SQL
    all_at_once "SELECT t.call('registration_complete', body) FROM t.proofs WHERE n = :n;"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "49 code_used 1 created"
}

five_codes_of_fifty()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.expect('created', 'acceptance_put', t.acceptance(1));
SELECT t.expect('ok', 'registration_start', t.registration(1));
SQL
    all_at_once "SELECT t.call('registration_try', jsonb_build_object('id', (SELECT id FROM dossier_data.registration)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "45 code_locked 5 ok"
}

# the limits as they are shipped: one number, one SMS
fifty_starts_of_one_mobile()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.limit_to('code_pause_1_seconds', 60);
SELECT t.expect('created', 'acceptance_put', t.acceptance(1));
SQL
    all_at_once "SELECT t.call('registration_start', t.registration(1));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "1 ok 49 throttled" &&
        is messages "$(query -c "SELECT count(*) FROM dossier_data.outbox")" 1
}

one_acceptance()
{
    clean_slate
    all_at_once "SELECT t.call('acceptance_put', t.acceptance(1, jsonb_build_object('integrator_id', (SELECT id FROM dossier_data.integrator LIMIT 1), 'activation', jsonb_build_object('key_id', 'k1', 'mac', :n))));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "1 created true 49 ok" &&
        is rows "$(query -c "SELECT count(*) || ' ' || (SELECT count(*) FROM dossier_data.activation_code) || ' ' || (SELECT count(*) FROM dossier_data.patient) FROM dossier_data.acceptance")" "1 1 1"
}

# one new patient, fifty slips of different visits
one_patient()
{
    clean_slate
    all_at_once "SELECT t.call('acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-' || :n, 'integrator_id', (SELECT id FROM dossier_data.integrator LIMIT 1), 'activation', jsonb_build_object('key_id', 'k1', 'mac', :n))));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "50 created true" &&
        is patients "$(query -c "SELECT count(*) FROM dossier_data.patient")" 1
}

one_document_same_bytes()
{
    clean_slate
    query -c "SELECT t.active(1)" -c "DELETE FROM dossier_data.outbox" >/dev/null || return 1
    all_at_once "SELECT t.call('publication_complete', t.document(1) || jsonb_build_object('integrator_id', (SELECT integrator_id FROM dossier_data.acceptance)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "1 created created 49 ok unchanged" &&
        is rows "$(query -c "SELECT count(*) || ' ' || max(version) FROM dossier_data.document")" "1 1" &&
        is alerts "$(query -c "SELECT count(*) FROM dossier_data.outbox")" 2 &&
        files_add_up 48 1
}

one_document_other_bytes()
{
    clean_slate
    query -c "SELECT t.active(1)" -c "DELETE FROM dossier_data.outbox" >/dev/null || return 1
    all_at_once "SELECT t.call('publication_complete', t.document(1, 'bytes ' || :n) || jsonb_build_object('integrator_id', (SELECT integrator_id FROM dossier_data.acceptance)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "1 created created 49 ok replaced" &&
        is rows "$(query -c "SELECT count(*) || ' ' || max(version) FROM dossier_data.document")" "1 50" &&
        is alerts "$(query -c "SELECT count(*) FROM dossier_data.outbox")" 2 &&
        files_add_up 0 49
}

# fifty files written, and the row holds one: so many of the others may go, each told once, and so many stay
files_add_up()
{
    local obsolete=$1 replaced=$2
    is "obsolete files" "$(cat "$WORK"/client.* | jq -r '.obsolete[]' | sort -u | wc -l)" "$obsolete" &&
        is "replaced files" "$(query -c "SELECT count(*) FROM dossier_data.destroyed_object WHERE why = 'replaced' AND document_id = (SELECT id FROM dossier_data.document)")" "$replaced" &&
        is "the live one among them" "$(cat "$WORK"/client.* | jq -r '.obsolete[]' | grep -c "$(query -c 'SELECT object_id FROM dossier_data.document')")" 0
}

# many documents at once, two accounts with both dossiers: no deadlock among the alerts
alerts_of_many()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.active(1), t.active(2);
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state)
SELECT a.id, b.patient_id, 'relative', 'delegate', 'active' FROM dossier_data.account a, dossier_data.account b WHERE a.id <> b.id;
DELETE FROM dossier_data.outbox;
SQL
    all_at_once "SELECT t.call('publication_complete', t.document(1 + :n % 2, 'b', '{}', jsonb_build_object('external_id', 'R-' || :n)) || jsonb_build_object('integrator_id', (SELECT integrator_id FROM dossier_data.acceptance LIMIT 1)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "50 created created" &&
        is alerts "$(query -c "SELECT count(*) FROM dossier_data.outbox")" 4
}

# what is hidden takes its alert along, but not one that others have come to need; and the watchdog's rounds
alerts_of_the_hidden()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.active(1), t.active(2);
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state)
SELECT a.id, b.patient_id, 'relative', 'delegate', 'active' FROM dossier_data.account a, dossier_data.account b WHERE a.id <> b.id;
DELETE FROM dossier_data.outbox;
SELECT t.call('publication_complete', t.document(1 + n % 2, 'b', '{}', jsonb_build_object('external_id', 'R-' || n))) FROM generate_series(51, 65) n;
SQL
    all_at_once "SELECT CASE :n % 3
        WHEN 0 THEN t.call('publication_complete', t.document(1 + :n % 2, 'b', '{}', jsonb_build_object('external_id', 'R-' || :n)) || jsonb_build_object('integrator_id', (SELECT integrator_id FROM dossier_data.acceptance LIMIT 1)))
        WHEN 1 THEN t.call('hiding_set', (SELECT jsonb_build_object('account_id', a.id, 'document_id', d.id, 'hidden', true)
            FROM dossier_data.document d, dossier_data.account a WHERE d.external_id = 'R-' || (51 + :n / 4) ORDER BY a.mobile LIMIT 1))
        ELSE t.call('publication_announce', '{\"limit\": 100}') END;"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "16 created created 34 ok" &&
        is alerts "$(query -c "SELECT count(*) FROM dossier_data.outbox WHERE state = 'queued'")" 4
}

# a relative is removed while a document of the holder's comes: the alert both have to do with is still needed
alert_needed_after_all()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.active(1), t.active(2);
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state)
SELECT a.id, b.patient_id, 'relative', 'delegate', 'active' FROM dossier_data.account a, dossier_data.account b
WHERE a.mobile = t.mobile(1) AND b.mobile = t.mobile(2);
DELETE FROM dossier_data.outbox;
SELECT t.expect('created', 'publication_complete', t.document(2));
CREATE TABLE IF NOT EXISTS t.coming (document jsonb); -- systems are made beforehand: that locks too
TRUNCATE t.coming;
INSERT INTO t.coming SELECT t.document(1, 'b', '{}', '{"external_id": "R-1"}');
SQL
    while_it_waits "SELECT t.expect('created', 'publication_complete', document) FROM t.coming" \
        "SELECT t.expect('ok', 'relative_remove', jsonb_build_object('account_id', a.id, 'patient_id', b.patient_id))
            FROM dossier_data.account a, dossier_data.account b WHERE a.mobile = t.mobile(1) AND b.mobile = t.mobile(2)"
    no_errors && is "alerts of the holder" "$(query -c "SELECT count(*) FROM dossier_data.outbox o JOIN dossier_data.account a ON a.id = o.account_id
        WHERE a.mobile = t.mobile(1) AND o.state = 'queued'")" "$(query -c "SELECT 2 - (email IS NULL)::int FROM dossier_data.account WHERE mobile = t.mobile(1)")"
}

# logins and their ends, mixed: what one holds another waits for, and nobody for ever
logins_of_one_account()
{
    clean_slate
    query -c "SELECT t.account(1)" -c "SELECT t.limit_to('login_burst', 1000), t.limit_to('login_failures_per_address', 1000), t.limit_to('login_failures_anywhere', 1000)" >/dev/null || return 1
    all_at_once "SELECT t.login('mobile', t.mobile(1)) ->> 'attempt' AS attempt \\gset
SELECT t.call('session_finish', jsonb_build_object('attempt', :'attempt', 'right', true, 'session', t.session(:n::text)));"
    query -c "SELECT t.limit_to('login_burst', 5), t.limit_to('login_failures_per_address', 50), t.limit_to('login_failures_anywhere', 100)" >/dev/null
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "50 ok" &&
        is sessions "$(query -c "SELECT count(*) FROM dossier_data.session WHERE user_agent = 'Firefox'")" 51
}

five_logins_of_fifty()
{
    clean_slate
    query -c "SELECT t.account(1)" >/dev/null || return 1
    all_at_once "SELECT t.call('session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1)));"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "5 ok 45 throttled"
}

# the desk corrects the number while the person types the old one's code, and both ask for more
correction_races_completion()
{
    local round

    for round in 1 2 3; do
        clean_slate
        query >/dev/null <<'SQL' || return 1
SELECT t.limit_to('code_pause_' || n || '_seconds', 0) FROM generate_series(1, 4) n;
TRUNCATE t.proofs;
SELECT t.expect('created', 'acceptance_put', t.acceptance(1));
INSERT INTO t.proofs SELECT 1, t.proof(t.expect('ok', 'registration_start', t.registration(1)) ->> 'id');
SQL
        all_at_once "SELECT CASE :n % 3
            WHEN 0 THEN t.call('registration_complete', (SELECT body FROM t.proofs))
            WHEN 1 THEN t.call('acceptance_put', t.acceptance(1, jsonb_build_object('integrator_id', (SELECT integrator_id FROM dossier_data.acceptance), 'mobile', t.mobile(1 + :n % 2))))
            ELSE t.call('registration_resend', jsonb_build_object('id', (SELECT id FROM dossier_data.registration), 'code', t.code())) END;"
        no_errors || return 1
        is "round $round: open codes" "$(query -c "SELECT count(*) <= 1 FROM dossier_data.verification_code WHERE voided_at IS NULL AND used_at IS NULL")" t &&
            is "round $round: accounts and sessions" "$(query -c "SELECT (SELECT count(*) FROM dossier_data.account) <= 1 AND (SELECT count(*) FROM dossier_data.account) = (SELECT count(*) FROM dossier_data.session)")" t || return 1
    done
}

# twenty messages, fifty workers: each message to one of them
claims_share_the_outbox()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
UPDATE dossier_data.sms_budget SET used = 0, started_at = now();
SELECT t.limit_to('sms_per_minute', 15);
SELECT t.expect('created', 'acceptance_put', t.acceptance(n)), t.expect('ok', 'registration_start', t.registration(n)) FROM generate_series(1, 20) n;
SQL
    all_at_once "SELECT t.call('outbox_claim', jsonb_build_object('worker', 'w' || :n, 'channel', 'sms', 'limit', 1));
SELECT t.call('outbox_claim', jsonb_build_object('worker', 'w' || :n, 'channel', 'sms', 'limit', 1));"
    query -c "SELECT t.limit_to('sms_per_minute', 600)" >/dev/null
    no_errors && is "messages, each once" "$(cat "$WORK"/client.* | jq -r '.messages[].id' | sort | uniq -c | awk '{print $1}' | sort | uniq -c | xargs)" "15 1" &&
        is "within the budget" "$(query -c "SELECT used FROM dossier_data.sms_budget WHERE period = 'minute'")" 15
}

# everything an account can be busy with while it is deleted: whatever comes first, the others find it or nobody
deletion_races_everything()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.active(1);
SELECT t.expect('created', 'publication_complete', t.document(1));
CREATE TABLE IF NOT EXISTS t.deletion (account text, patient text, document text, proof text);
TRUNCATE t.deletion;
INSERT INTO t.deletion SELECT a.id, d.patient_id, d.id, t.typed((1, a.id, d.patient_id, NULL)::t.person)
FROM dossier_data.account a, dossier_data.document d;
SQL
    all_at_once "SELECT CASE :n % 7
        WHEN 0 THEN CASE :n WHEN 21 THEN t.call('leaving_account_delete', jsonb_build_object('account_id', account, 'proof', proof)) ELSE
            t.call('password_begin', jsonb_build_object('account_id', account)) END
        WHEN 1 THEN t.call('document_open', jsonb_build_object('account_id', account, 'document_id', document, 'read', true))
        WHEN 2 THEN t.login('mobile', t.mobile(1), true)
        WHEN 3 THEN t.call('publication_complete', t.document(1, 'bytes ' || :n, '{}', jsonb_build_object('external_id', 'S-' || :n)))
        WHEN 4 THEN t.call('activation_complete', t.activation((1, account, patient, NULL)::t.person))
        WHEN 5 THEN t.call('consent_give', jsonb_build_object('account_id', account, 'consent', '{\"notice\": \"portal\", \"version\": \"2026-01\"}'::jsonb))
        ELSE t.call('leaving_service_set', jsonb_build_object('account_id', account, 'patient_id', patient, 'enabled', false)) END FROM t.deletion;"
    no_errors && is accounts "$(query -c "SELECT count(*) FROM dossier_data.account")" 0 &&
        is "what is left of it" "$(query -c "SELECT concat_ws(' ', (SELECT count(*) FROM dossier_data.session), (SELECT count(*) FROM dossier_data.dossier),
            (SELECT count(*) FROM dossier_data.audit_alias), (SELECT count(*) FROM dossier_data.outbox WHERE account_id IS NOT NULL),
            (SELECT count(*) FROM dossier_data.document_reading r, t.deletion d WHERE r.account_id = d.account::uuid),
            (SELECT count(*) FROM dossier_data.consent WHERE unlinked_at IS NULL))")" "0 0 0 0 0 0" &&
        is "keys of what it read" "$(query -c "SELECT count(*) FROM dossier_data.document d, t.deletion t WHERE d.id = t.document::uuid AND wrapped_key IS NOT NULL")" 0
}

LEAVE="SELECT t.call('leaving_account_delete', jsonb_build_object('account_id', account, 'proof', proof)) FROM t.leaving WHERE n = :n"

# about_to_leave N: the holders of the first N accounts have typed their password again
about_to_leave()
{
    query >/dev/null <<SQL
CREATE TABLE IF NOT EXISTS t.leaving (n int, account text, proof text);
TRUNCATE t.leaving;
INSERT INTO t.leaving SELECT n, a.id, t.typed((n, a.id, a.patient_id, NULL)::t.person)
FROM generate_series(1, $1) n JOIN dossier_data.account a ON a.mobile = t.mobile(n);
SQL
}

all_leave_with_their_documents()
{
    all_at_once "$LEAVE;"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "50 ok" &&
        is "accounts, keys" "$(query -c "SELECT (SELECT count(*) FROM dossier_data.account), (SELECT count(*) FROM dossier_data.document WHERE wrapped_key IS NOT NULL)")" "0|0"
}

# two who keep each other's dossier, and documents that both can read, leave at once
couples_leave_at_once()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.active(n) FROM generate_series(1, 50) n;
SELECT t.expect('created', 'publication_complete', t.document(n, 'bytes', '{}', jsonb_build_object('external_id', 'R-' || n))) FROM generate_series(1, 50) n;
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state, activated_at)
SELECT a.id, p.id, 'relative', 'delegate', 'active', now() FROM generate_series(1, 50) n
JOIN dossier_data.account a ON a.mobile = t.mobile(n) JOIN dossier_data.patient p ON p.codice_fiscale = t.cf(n + CASE n % 2 WHEN 1 THEN 1 ELSE -1 END);
SQL
    about_to_leave 50 || return 1
    all_leave_with_their_documents
}

# of two who keep the same child the one that leaves last takes the documents along
parents_leave_at_once()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.account(n) FROM generate_series(1, 50) n;
SELECT t.expect('created', 'acceptance_put', t.acceptance(n)) FROM generate_series(101, 125) n;
SELECT t.expect('created', 'publication_complete', t.document(n, 'bytes', '{}', jsonb_build_object('external_id', 'R-' || n))) FROM generate_series(101, 125) n;
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state, activated_at)
SELECT a.id, p.id, 'relative', 'parent', 'active', now() FROM generate_series(1, 50) n
JOIN dossier_data.account a ON a.mobile = t.mobile(n) JOIN dossier_data.patient p ON p.codice_fiscale = t.cf(101 + (n - 1) / 2);
SQL
    about_to_leave 50 || return 1
    all_leave_with_their_documents
}

# forty who keep one relative leave while its documents are corrected, of which all have alerts that gather
keepers_leave_among_corrections()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
SELECT t.account(n) FROM generate_series(1, 40) n;
SELECT t.expect('created', 'acceptance_put', t.acceptance(100));
INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state, activated_at)
SELECT a.id, p.id, 'relative', 'delegate', 'active', now() FROM dossier_data.account a, dossier_data.patient p WHERE p.codice_fiscale = t.cf(100);
SELECT t.expect('created', 'publication_complete', t.document(100, 'bytes', '{}', jsonb_build_object('external_id', 'R-' || n))) FROM generate_series(41, 50) n;
SQL
    about_to_leave 40 || return 1
    all_at_once "SELECT CASE WHEN :n <= 40 THEN ($LEAVE)
        ELSE t.call('publication_complete', t.document(100, 'other ' || :n, '{}', jsonb_build_object('external_id', 'R-' || :n))) END;"
    no_errors && is outcomes "$(cat "$WORK/outcomes")" "40 ok 10 ok replaced"
}

# a system still says the first of three codes while the second gives way to the third
visit_during_a_change()
{
    clean_slate
    query >/dev/null <<'SQL' || return 1
CREATE OR REPLACE FUNCTION t.visit(p_id text, p_code text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_set(t.acceptance(1, jsonb_build_object('external_id', p_id, 'activation', jsonb_build_object('key_id', 'k1', 'mac', p_id))),
        '{patient,codice_fiscale}', to_jsonb(p_code))
$$;
CREATE OR REPLACE FUNCTION t.renamed(p_former text, p_code text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('integrator_id', t.integrator(), 'facility', 'san-pellegrino',
        'former_codice_fiscale', p_former, 'patient', t.visit('', p_code) -> 'patient')
$$;
SELECT t.expect('created', 'acceptance_put', t.visit('V-1', 'STP0123456789012')),
    t.expect('ok', 'codice_fiscale_change', t.renamed('STP0123456789012', t.cf(1)));
CREATE TABLE IF NOT EXISTS t.meeting (visit jsonb, change jsonb); -- systems are made beforehand: that locks too
TRUNCATE t.meeting;
INSERT INTO t.meeting SELECT t.visit('V-2', 'STP0123456789012'), t.renamed(t.cf(1), t.cf(2));
SQL
    while_it_waits "SELECT t.expect('ok', 'codice_fiscale_change', change) FROM t.meeting" \
        "SELECT t.expect('created', 'acceptance_put', visit) FROM t.meeting"
    no_errors && is "patients and their visits" "$(query -c "SELECT string_agg(p.codice_fiscale || ' ' || a.external_id, ', ' ORDER BY a.external_id)
        FROM dossier_data.patient p LEFT JOIN dossier_data.acceptance a ON a.patient_id = p.id")" "$(query -c "SELECT format('%1\$s V-1, %1\$s V-2', t.cf(2))")"
}

report "50 accounts activate with one code: one winner" one_code_fifty_accounts
report "a person takes over among 50 who activate or add the dossier: nobody else has it, no deadlock" take_over_among_fifty
report "50 activations of one account with one code: all ok, one activation" one_code_one_account
report "50 tries to activate at once: five count" five_tries_of_fifty
report "50 registrations of one mobile are completed: one account" fifty_completions_of_one_mobile
report "50 completions with one code: one account" fifty_completions_of_one_code
report "50 tries of one verification code: five count" five_codes_of_fifty
report "50 registrations of one mobile are started: one SMS" fifty_starts_of_one_mobile
report "50 times one new acceptance: one row, one code" one_acceptance
report "50 acceptances of one new patient: one patient" one_patient
report "50 publications of one external id, same bytes: one row" one_document_same_bytes
report "50 publications of one external id, other bytes: one row, 50 versions" one_document_other_bytes
report "50 documents of two patients in two accounts: four alerts, no deadlock" alerts_of_many
report "50 publications, hidings and rounds of the watchdog: no deadlock, the alerts needed" alerts_of_the_hidden
report "a document comes while a relative is removed: its alert stays" alert_needed_after_all
report "50 logins of one account at once: all in, no deadlock" logins_of_one_account
report "50 wrong logins at once: five are looked at" five_logins_of_fifty
report "a correction races completions and new codes: no deadlock, one account at most" correction_races_completion
report "50 workers share an outbox: each message once, within the budget" claims_share_the_outbox
report "an account is deleted while it logs in, reads, activates, consents and gets documents: no error, nothing left" deletion_races_everything
report "25 couples who keep each other's dossier leave at once: all gone, no deadlock" couples_leave_at_once
report "25 couples who keep a child leave at once: its documents go with the last one" parents_leave_at_once
report "40 who keep one patient leave among its corrections: no deadlock" keepers_leave_among_corrections
report "a visit under a former code during another change of it: one patient" visit_during_a_change
