CREATE FUNCTION t.claim(p_limit int DEFAULT 10, p_worker text DEFAULT 'w', p_channel text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.expect('ok', 'outbox_claim', jsonb_build_object('worker', p_worker, 'limit', p_limit, 'channel', p_channel)) -> 'messages'
$$;
CREATE FUNCTION t.report(p_id text, p_outcome text, p_worker text DEFAULT 'w') RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.expect('ok', 'outbox_report', jsonb_build_object('worker', p_worker, 'results', jsonb_build_array(jsonb_build_object(
        'id', p_id, 'outcome', p_outcome, 'provider_id', 'p-1', 'error', CASE p_outcome WHEN 'sent' THEN NULL ELSE 'timeout' END))))
$$;
-- A code waiting for person n.
CREATE FUNCTION t.waiting_code(n int) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_body jsonb := t.registration(n);
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(n));
    PERFORM t.expect('ok', 'registration_start', v_body);
    RETURN v_body -> 'code';
END
$$;

SELECT t.test('outbox_claim: what a worker needs, once', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_messages jsonb := t.claim();
BEGIN
    PERFORM t.eq('message', (v_messages -> 0) - 'id', jsonb_build_object('channel', 'sms', 'to', t.mobile(1), 'template', 'verification_code',
        'language', 'it', 'facility', 'san-pellegrino', 'sealed', v_code ->> 'sealed', 'code_id', v_code ->> 'id', 'tries', 0, 'give_up_at', dossier_data.rfc3339(now() + interval '10 minutes')));
    PERFORM t.eq('again', t.claim(10, 'other'), '[]');
    PERFORM t.report(v_messages -> 0 ->> 'id', 'sent');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries, provider_id, sealed, claimed_by) FROM dossier_data.outbox), 'sent 1 p-1');
    PERFORM t.eq('try', (SELECT concat_ws(' ', worker, outcome, provider_id, error) FROM dossier_data.outbox_try), 'w sent p-1');
    PERFORM t.report(v_messages -> 0 ->> 'id', 'retry'); -- repeated and late
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries) FROM dossier_data.outbox), 'sent 1');
END $t$);

SELECT t.test('outbox_report: retry waits 1, 2, 4 ... 60 seconds, a quarter more or less', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_message jsonb;
    v_wait numeric;
    v_base int;
BEGIN
    UPDATE dossier_data.outbox SET give_up_at = now() + interval '1 day';
    FOREACH v_base IN ARRAY '{1,2,4,8,16,32,60,60}'::int[] LOOP
        v_message := t.claim() -> 0;
        PERFORM t.eq('sealed', v_message ->> 'sealed', v_code ->> 'sealed');
        PERFORM t.report(v_message ->> 'id', 'retry');
        SELECT extract(epoch FROM not_before - now()) INTO v_wait FROM dossier_data.outbox;
        PERFORM t.eq(format('%s is about %s', v_wait, v_base), v_wait BETWEEN 0.74 * v_base AND 1.26 * v_base, true);
        PERFORM t.eq('too early', t.claim(), '[]');
        UPDATE dossier_data.outbox SET not_before = now();
    END LOOP;
    PERFORM t.eq('tries', t.claim() -> 0 -> 'tries', '8');
    PERFORM t.eq('errors', (SELECT string_agg(DISTINCT error, ' ') FROM dossier_data.outbox_try), 'timeout');
END $t$);

SELECT t.test('past its time a message is given up, its code wiped', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_message jsonb := t.claim() -> 0;
BEGIN
    UPDATE dossier_data.outbox SET give_up_at = now();
    PERFORM t.report(v_message ->> 'id', 'retry');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries, sealed) FROM dossier_data.outbox), 'failed 1');
    PERFORM t.waiting_code(2);
    UPDATE dossier_data.outbox SET give_up_at = now();
    PERFORM t.eq('claim', t.claim(), '[]');
    PERFORM t.eq('rows', (SELECT string_agg(concat_ws(' ', state, tries, sealed), ', ' ORDER BY tries) FROM dossier_data.outbox), 'failed 0, failed 1');
    PERFORM t.eq('status', t.call('status', '{}') -> 'outbox' -> 'failed', '2');
    -- taken by a worker that died
    PERFORM t.waiting_code(3);
    v_message := t.claim() -> 0;
    UPDATE dossier_data.outbox SET give_up_at = now(), claimed_at = now() - interval '59 seconds' WHERE recipient = t.mobile(3);
    PERFORM t.claim();
    PERFORM t.eq('still its turn', (SELECT state FROM dossier_data.outbox WHERE recipient = t.mobile(3)), 'queued');
    UPDATE dossier_data.outbox SET claimed_at = now() - interval '60 seconds' WHERE recipient = t.mobile(3);
    PERFORM t.claim();
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries, sealed, claimed_by) FROM dossier_data.outbox WHERE recipient = t.mobile(3)), 'failed 1');
    PERFORM t.eq('try', (SELECT outcome FROM dossier_data.outbox_try ORDER BY id DESC LIMIT 1), 'lost');
END $t$);

SELECT t.test('failed is never tried again', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
BEGIN
    PERFORM t.report(t.claim() -> 0 ->> 'id', 'failed');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, sealed) FROM dossier_data.outbox), 'failed');
    UPDATE dossier_data.outbox SET not_before = now();
    PERFORM t.eq('claim', t.claim(), '[]');
END $t$);

SELECT t.test('a claim older than 60 s is free again, and the late worker is not heard', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_message jsonb := t.claim(10, 'slow') -> 0;
BEGIN
    UPDATE dossier_data.outbox SET claimed_at = now() - interval '59 seconds';
    PERFORM t.eq('not yet', t.claim(10, 'quick'), '[]');
    UPDATE dossier_data.outbox SET claimed_at = now() - interval '60 seconds';
    PERFORM t.eq('again', t.claim(10, 'quick') -> 0, v_message || '{"tries": 1}');
    PERFORM t.report(v_message ->> 'id', 'failed', 'slow');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, claimed_by) FROM dossier_data.outbox), 'queued quick');
    PERFORM t.report(v_message ->> 'id', 'sent', 'quick');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries) FROM dossier_data.outbox), 'sent 2');
    PERFORM t.eq('tries', (SELECT string_agg(concat_ws(' ', worker, outcome), ', ' ORDER BY id) FROM dossier_data.outbox_try), 'slow lost, quick sent');
END $t$);

SELECT t.test('a code replaced while it is on its way stays cancelled, whatever is reported', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_message jsonb := t.claim() -> 0;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    PERFORM t.expect('ok', 'registration_resend', jsonb_build_object('id', (SELECT id FROM dossier_data.registration), 'code', t.code()));
    PERFORM t.report(v_message ->> 'id', 'retry');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, tries, sealed) FROM dossier_data.outbox WHERE id = (v_message ->> 'id')::uuid), 'cancelled 1');
    PERFORM t.eq('claimable', jsonb_array_length(t.claim()), 1);
END $t$);

SELECT t.test('codes before alerts, oldest first; channel and limit', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.waiting_code(2);
    PERFORM t.waiting_code(3);
    UPDATE dossier_data.outbox SET not_before = not_before - interval '1 hour' WHERE template = 'new_documents';
    UPDATE dossier_data.outbox SET not_before = not_before - interval '1 second' WHERE recipient = t.mobile(3);
    PERFORM t.eq('mail only', (SELECT string_agg(x ->> 'to', ' ') FROM jsonb_array_elements(t.claim(10, 'm', 'mail')) x), 'p1@example.org');
    PERFORM t.eq('two', (SELECT string_agg(x ->> 'to', ' ' ORDER BY n) FROM jsonb_array_elements(t.claim(2)) WITH ORDINALITY AS y (x, n)), t.mobile(3) || ' ' || t.mobile(2));
    PERFORM t.eq('rest', (SELECT string_agg(concat_ws(' ', x ->> 'to', x ->> 'template', x ->> 'sealed'), ' ') FROM jsonb_array_elements(t.claim()) x), t.mobile(1) || ' new_documents');
END $t$);

SELECT t.test('one alert per account and channel while it waits; after it has left, another', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    FOR i IN 1..3 LOOP
        PERFORM t.call('document_publish', t.document(1, 'b', '{}', jsonb_build_object('external_id', i)));
    END LOOP;
    PERFORM t.eq('waiting', (SELECT string_agg(concat_ws(' ', channel, recipient, not_before - now(), give_up_at - not_before), ', ' ORDER BY channel) FROM dossier_data.outbox),
        format('mail p1@example.org 00:03:00 1 day, sms %s 00:03:00 1 day', t.mobile(1)));
    PERFORM t.eq('not yet', t.claim(), '[]');
    UPDATE dossier_data.outbox SET not_before = now();
    PERFORM t.eq('messages', jsonb_array_length(t.claim()), 2);
    PERFORM t.call('document_publish', t.document(1, 'b', '{}', '{"external_id": "next"}'));
    PERFORM t.eq('rows', (SELECT count(*) FROM dossier_data.outbox), 4::bigint);
END $t$);

SELECT t.test('alerts go by the account''s channels, to every active dossier, and to no other', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_three t.person := t.active(3);
    v_four t.person := t.account(4);
BEGIN
    DELETE FROM dossier_data.outbox;
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state) VALUES (v_two.account::uuid, v_one.patient::uuid, 'relative', 'delegate', 'active'),
        (v_three.account::uuid, v_one.patient::uuid, 'relative', 'delegate', 'disabled'), (v_four.account::uuid, v_one.patient::uuid, 'relative', 'delegate', 'inactive');
    UPDATE dossier_data.account SET alert_mail = false WHERE id = v_one.account::uuid;
    UPDATE dossier_data.account SET alert_sms = false, language = 'en' WHERE id = v_two.account::uuid;
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.eq('alerts', (SELECT string_agg(concat_ws(' ', recipient, language), ', ' ORDER BY recipient) FROM dossier_data.outbox), t.mobile(1) || ' it, p2@example.org en');
END $t$);

SELECT t.test('messages name the facility that gave cause to them', $t$
DECLARE
    v_person t.person := t.active(1);
    v_suzzara uuid := t.integrator('citta-di-suzzara');
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.call('document_publish', t.document(1, 'b', '{"facility": "citta-di-suzzara"}', jsonb_build_object('integrator_id', v_suzzara)));
    PERFORM t.eq('alerts', (SELECT string_agg(facility_id, ' ') FROM dossier_data.outbox), 'citta-di-suzzara citta-di-suzzara');
    DELETE FROM dossier_data.outbox;
    PERFORM t.call('acceptance_put', t.acceptance(2));
    UPDATE dossier_data.acceptance SET updated_at = now() - interval '1 day';
    PERFORM t.call('acceptance_put', t.acceptance(2, jsonb_build_object('facility', 'citta-di-suzzara', 'integrator_id', v_suzzara,
        'activation', '{"key_id": "k", "mac": "m"}'::jsonb)));
    PERFORM t.call('registration_start', t.registration(2));
    PERFORM t.eq('code', t.claim() -> 0 ->> 'facility', 'citta-di-suzzara');
    PERFORM t.call('acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(8))));
    PERFORM t.eq('correction', (SELECT string_agg(template || ' ' || facility_id, ', ' ORDER BY template) FROM dossier_data.outbox WHERE state = 'queued' AND claimed_at IS NULL),
        'mobile_corrected san-pellegrino, verification_code san-pellegrino');
END $t$);

SELECT t.test('the portal''s SMS budget: what is over waits; alerts leave room for codes; mail is free', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.limit_to('sms_per_minute', 5);
    FOR i IN 2..4 LOOP
        PERFORM t.waiting_code(i);
    END LOOP;
    PERFORM t.eq('three codes', jsonb_array_length(t.claim()), 3);
    PERFORM t.call('document_publish', t.document(1)); -- two alerts, one by mail
    PERFORM t.eq('the fourth may be an alert', jsonb_array_length(t.claim()), 2);
    UPDATE dossier_data.outbox SET state = 'queued', ended_at = NULL, claimed_at = NULL WHERE template = 'new_documents';
    PERFORM t.eq('the fifth may not', (SELECT string_agg(x ->> 'channel', ' ') FROM jsonb_array_elements(t.claim()) x), 'mail');
    PERFORM t.waiting_code(5);
    PERFORM t.waiting_code(6);
    PERFORM t.eq('but a code, one', (SELECT string_agg(x ->> 'template', ' ') FROM jsonb_array_elements(t.claim(10, 'w', 'sms')) x), 'verification_code');
    UPDATE dossier_data.sms_budget SET started_at = now() - interval '1 minute' WHERE period = 'minute';
    PERFORM t.eq('a minute later', jsonb_array_length(t.claim(10, 'w', 'sms')), 2);
    PERFORM t.limit_to('sms_per_minute', 1000);
    PERFORM t.limit_to('sms_per_day', 7);
    PERFORM t.waiting_code(7);
    PERFORM t.eq('the day', t.claim(10, 'w', 'sms'), '[]');
    UPDATE dossier_data.sms_budget SET started_at = now() - interval '1 day' WHERE period = 'day';
    PERFORM t.eq('a day later', jsonb_array_length(t.claim(10, 'w', 'sms')), 1);
END $t$);

SELECT t.test('status: queued, oldest since it was due, failed', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('empty', t.call('status', '{}'), '{"outcome": "ok", "outbox": {"queued": 0, "oldest_seconds": 0, "failed": 0}}');
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.eq('not due', t.call('status', '{}') -> 'outbox', '{"queued": 2, "oldest_seconds": 0, "failed": 0}');
    UPDATE dossier_data.outbox SET due_at = now() - interval '90 seconds' WHERE channel = 'sms';
    PERFORM t.eq('due', t.call('status', '{}') -> 'outbox', '{"queued": 2, "oldest_seconds": 90, "failed": 0}');
    UPDATE dossier_data.outbox SET state = 'failed', gathering = false, ended_at = now() - CASE channel WHEN 'sms' THEN interval '25 hours' ELSE interval '0' END;
    PERFORM t.eq('failed', t.call('status', '{}') -> 'outbox', '{"queued": 0, "oldest_seconds": 0, "failed": 1}');
END $t$);
