CREATE FUNCTION t.claim(p_limit int DEFAULT 10, p_worker text DEFAULT 'w', p_channel text DEFAULT NULL, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(m ORDER BY c DESC, n), '[]')
    FROM unnest('{sms,mail}'::text[]) c, jsonb_array_elements(t.expect('ok', 'outbox_claim', jsonb_build_object('worker', p_worker,
        'limit', p_limit, 'channel', c) || p_more) -> 'messages') WITH ORDINALITY AS x (m, n)
    WHERE c = coalesce(p_channel, c)
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
    PERFORM t.eq('message', (v_messages -> 0) - 'id' - 'at', jsonb_build_object('channel', 'sms', 'to', t.mobile(1), 'template', 'verification_code',
        'language', 'it', 'facility', 'san-pellegrino', 'sealed', v_code ->> 'sealed', 'code_id', v_code ->> 'id', 'site_url', 'https://referti.example.org', 'device', NULL, 'tries', 0, 'urgent', true, 'seconds_left', 600));
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

SELECT t.test('what is sealed with a key that the worker has not waits as it is; a worker with the key sends it, within its time', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_ask jsonb := jsonb_build_object('worker', 'w', 'channel', 'sms', 'limit', 10, 'keys', '["other"]'::jsonb);
    v_answer jsonb;
    v_key text;
BEGIN
    UPDATE dossier_data.outbox SET sealed = 'k7:' || sealed RETURNING split_part(sealed, ':', 1) INTO v_key;
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    VALUES ('sms', t.mobile(1), 'mobile_corrected', 'it', 1, now(), now(), now() + interval '1 day');
    v_answer := t.expect('ok', 'outbox_claim', v_ask || '{"limit": 1}');
    PERFORM t.eq('what has no code leaves', (SELECT string_agg(m ->> 'template', ' ') FROM jsonb_array_elements(v_answer -> 'messages') m), 'mobile_corrected');
    FOR i IN 1..3 LOOP
        v_answer := t.expect('ok', 'outbox_claim', v_ask);
        PERFORM t.eq('nothing else', v_answer -> 'messages', '[]');
        PERFORM t.eq('which key', v_answer ->> 'key_id', v_key);
    END LOOP;
    PERFORM t.eq('of the other channel', t.expect('ok', 'outbox_claim', v_ask || '{"channel": "mail"}') ->> 'key_id', NULL);
    PERFORM t.eq('untouched', (SELECT concat_ws(' ', o.state, o.tries, o.claimed_by, o.not_before <= now(), (SELECT count(*) FROM dossier_data.outbox_try t WHERE t.outbox_id = o.id))
        FROM dossier_data.outbox o WHERE sealed IS NOT NULL), 'queued 0 t 0');
    PERFORM t.eq('budget', (SELECT max(used) FROM dossier_data.sms_budget), 1);
    v_answer := t.expect('ok', 'outbox_claim', v_ask || jsonb_build_object('keys', jsonb_build_array('other', v_key)));
    PERFORM t.eq('sent', v_answer -> 'messages' -> 0 ->> 'sealed', 'k7:' || (v_code ->> 'sealed'));
    PERFORM t.eq('none is missing', v_answer ->> 'key_id', NULL);
    UPDATE dossier_data.outbox SET claimed_at = NULL, give_up_at = now();
    PERFORM t.eq('past its time', t.expect('ok', 'outbox_claim', v_ask) ->> 'key_id', NULL);
    PERFORM t.eq('given up', (SELECT concat_ws(' ', state, sealed) FROM dossier_data.outbox WHERE code_id IS NOT NULL), 'failed');
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
    PERFORM t.call('publication_complete', t.document(1));
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
        PERFORM t.call('publication_complete', t.document(1, 'b', '{}', jsonb_build_object('external_id', i)));
    END LOOP;
    PERFORM t.eq('waiting', (SELECT string_agg(concat_ws(' ', channel, recipient, not_before - now(), give_up_at - not_before), ', ' ORDER BY channel) FROM dossier_data.outbox),
        format('mail p1@example.org 00:05:00 1 day, sms %s 00:05:00 1 day', t.mobile(1)));
    PERFORM t.eq('not yet', t.claim(), '[]');
    UPDATE dossier_data.outbox SET not_before = now();
    PERFORM t.eq('messages', jsonb_array_length(t.claim()), 2);
    PERFORM t.call('publication_complete', t.document(1, 'b', '{}', '{"external_id": "next"}'));
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
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.eq('alerts', (SELECT string_agg(concat_ws(' ', recipient, language), ', ' ORDER BY recipient) FROM dossier_data.outbox), t.mobile(1) || ' it, p2@example.org en');
END $t$);

SELECT t.test('messages name the facility that gave cause to them', $t$
DECLARE
    v_person t.person := t.active(1);
    v_suzzara uuid := t.integrator('citta-di-suzzara');
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.call('publication_complete', t.document(1, 'b', '{"facility": "citta-di-suzzara"}', jsonb_build_object('integrator_id', v_suzzara)));
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
    PERFORM t.call('publication_complete', t.document(1)); -- two alerts, one by mail
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
    PERFORM t.eq('empty', t.call('status', '{}'), jsonb_build_object('vault', t.vault(), 'seal', null) || '{"outcome": "ok", "outbox": {"queued": 0, "oldest_seconds": 0, "failed": 0}}');
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.eq('not due', t.call('status', '{}') -> 'outbox', '{"queued": 2, "oldest_seconds": 0, "failed": 0}');
    UPDATE dossier_data.outbox SET due_at = now() - interval '90 seconds' WHERE channel = 'sms';
    PERFORM t.eq('due', t.call('status', '{}') -> 'outbox', '{"queued": 2, "oldest_seconds": 90, "failed": 0}');
    UPDATE dossier_data.outbox SET state = 'failed', gathering = false, ended_at = now() - CASE channel WHEN 'sms' THEN interval '25 hours' ELSE interval '0' END;
    PERFORM t.eq('failed', t.call('status', '{}') -> 'outbox', '{"queued": 0, "oldest_seconds": 0, "failed": 1}');
END $t$);

SELECT t.test('alerts wait longer and longer, up to a quarter of an hour', $t$
DECLARE
    v_person t.person := t.active(1);
    v_wait numeric;
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.call('publication_complete', t.document(1));
    UPDATE dossier_data.outbox SET tries = 20;
    PERFORM t.report(t.claim(10, 'w', 'mail') -> 0 ->> 'id', 'retry');
    SELECT extract(epoch FROM not_before - now()) INTO v_wait FROM dossier_data.outbox WHERE channel = 'mail';
    PERFORM t.eq('about 900', v_wait BETWEEN 674 AND 1126, true);
END $t$);

SELECT t.test('alert_limit: places that alerts never take', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.waiting_code(2);
    PERFORM t.eq('codes only', (SELECT string_agg(x ->> 'urgent', ' ') FROM jsonb_array_elements(t.claim(10, 'w', NULL, '{"alert_limit": 0}')) x), 'true');
    PERFORM t.eq('one alert', (SELECT string_agg(x ->> 'urgent', ' ') FROM jsonb_array_elements(t.claim(10, 'w', 'sms', '{"alert_limit": 1}')) x), 'false');
END $t$);

SELECT t.test('caps per number and account: what is over waits until the hour has passed', $t$
DECLARE
    v_person t.person := t.active(1);
    v_message jsonb;
BEGIN
    PERFORM t.call('publication_complete', t.document(1)); -- what they tell of
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('sms_per_number_hour', 5); -- 4 for alerts
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, account_id, due_at, not_before, give_up_at)
    SELECT 'sms', t.mobile(1), 'new_documents', 'it', 2, v_person.account::uuid, now(), now(), now() + interval '1 day' FROM generate_series(1, 6);
    PERFORM t.eq('four alerts', jsonb_array_length(t.claim(20, 'w', 'sms')), 4);
    PERFORM t.eq('held', t.expect('ok', 'outbox_claim', '{"worker": "w", "limit": 9, "channel": "sms"}'), '{"outcome": "ok", "messages": [], "held": false}');
    PERFORM t.eq('the rest waits', (SELECT string_agg(DISTINCT (not_before - now())::text, ' ') FROM dossier_data.outbox WHERE claimed_at IS NULL), '01:00:00');
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    SELECT 'sms', t.mobile(1), 'verification_code', 'it', 0, now(), now(), now() + interval '1 day' FROM generate_series(1, 2);
    PERFORM t.eq('one code more', jsonb_array_length(t.claim(20, 'w', 'sms')), 1);
    PERFORM t.eq('another number', jsonb_array_length((SELECT t.claim(20, 'w', 'sms') FROM (SELECT t.waiting_code(2)) c)), 1);
    -- by account, whatever its number
    PERFORM t.limit_to('sms_per_number_hour', 100);
    PERFORM t.limit_to('sms_per_account_hour', 5);
    UPDATE dossier_data.outbox SET not_before = now() WHERE claimed_at IS NULL AND account_id IS NOT NULL;
    UPDATE dossier_data.outbox SET recipient = t.mobile(9) WHERE account_id IS NOT NULL;
    PERFORM t.eq('the account had four', t.claim(20, 'w', 'sms'), '[]');
    -- what was sent an hour ago counts no more, nor does what failed
    UPDATE dossier_data.outbox SET state = 'sent', sealed = NULL, tries = 1, claimed_at = NULL, ended_at = now() - interval '1 hour' WHERE claimed_at IS NOT NULL;
    UPDATE dossier_data.outbox SET not_before = now() WHERE state = 'queued' AND account_id IS NOT NULL;
    PERFORM t.eq('later', jsonb_array_length(t.claim(20, 'w', 'sms')), 2);
END $t$);

SELECT t.test('the whole portal''s hour', $t$
BEGIN
    FOR i IN 1..3 LOOP
        PERFORM t.waiting_code(i);
    END LOOP;
    PERFORM t.limit_to('sms_per_hour', 2);
    PERFORM t.eq('held', (t.expect('ok', 'outbox_claim', '{"worker": "w", "limit": 9, "channel": "sms"}') ->> 'held'), 'true');
    PERFORM t.eq('left', (SELECT count(*) FROM dossier_data.outbox WHERE claimed_at IS NULL), 1::bigint);
    UPDATE dossier_data.sms_budget SET started_at = now() - interval '1 hour' WHERE period = 'hour';
    PERFORM t.eq('an hour later', jsonb_array_length(t.claim(20, 'w', 'sms')), 1);
END $t$);

SELECT t.test('codes per client address and hour', $t$
DECLARE
    v_answer jsonb;
BEGIN
    PERFORM t.limit_to('sms_per_address_hour', 2);
    PERFORM t.expect('ok', 'registration_start', t.registration(1));
    PERFORM t.expect('ok', 'registration_start', t.registration(2));
    v_answer := t.expect('throttled', 'registration_start', t.registration(3));
    PERFORM t.wait('slowed down, not refused', v_answer ->> 'retry_after', 10);
    UPDATE dossier_data.throttle SET hits = '{}' WHERE scope = 'code_send';
    PERFORM t.expect('throttled', 'registration_resend', jsonb_build_object('id', (SELECT id FROM dossier_data.registration LIMIT 1), 'code', t.code()));
    PERFORM t.later('10 seconds');
    PERFORM t.expect('ok', 'registration_start', t.registration(3));
    UPDATE dossier_data.throttle SET hits = '{}' WHERE scope = 'code_address';
    PERFORM t.expect('ok', 'registration_start', t.registration(4));
END $t$);

SELECT t.test('a number that SMS may not go to gets none, whatever queued it', $t$
BEGIN
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    SELECT 'sms', n, 'mobile_corrected', 'it', 1, now(), now(), now() + interval '1 day' FROM unnest('{+882123456789,+41791234567,+393331234567}'::text[]) n;
    PERFORM t.eq('Italy only', (SELECT string_agg(x ->> 'to', ' ') FROM jsonb_array_elements(t.claim()) x), '+393331234567');
    PERFORM t.eq('given up', (SELECT string_agg(DISTINCT o.state || ' ' || t.error, ' ') FROM dossier_data.outbox o JOIN dossier_data.outbox_try t ON t.outbox_id = o.id
        WHERE t.outcome = 'failed'), 'failed SMS may not go to such numbers (DossierSmsPrefixes)');
END $t$);

SELECT t.test('outbox_begin: the directive''s prefixes take the place of those before', $t$
BEGIN
    PERFORM t.expect('ok', 'outbox_begin', '{"worker": "h:1:g:sms", "kept": [], "turn": "g:sms"}');
    PERFORM t.eq('none said', (SELECT string_agg(prefix, ' ' ORDER BY prefix) FROM dossier_data.sms_prefix), '+39');
    PERFORM t.expect('ok', 'outbox_begin', '{"worker": "h:1:g:sms", "kept": [], "turn": "g:sms", "prefixes": ["+41", "+39"]}');
    PERFORM t.eq('two', (SELECT string_agg(prefix, ' ' ORDER BY prefix) FROM dossier_data.sms_prefix), '+39 +41');
    PERFORM t.eq('Switzerland', dossier_lib.sms_allowed('+41791234567'), true);
    PERFORM t.expect('ok', 'outbox_begin', '{"worker": "h:1:g:sms", "kept": [], "turn": "g:sms", "prefixes": ["+39"]}');
    PERFORM t.eq('one', (SELECT string_agg(prefix, ' ') FROM dossier_data.sms_prefix), '+39');
END $t$);

SELECT t.test('outbox_begin: what a dead sibling had claimed is free at once, what others have is not', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
BEGIN
    PERFORM t.claim(1, 'host:1:gen:sms');
    PERFORM t.waiting_code(2);
    PERFORM t.claim(1, 'host:1:other:sms');
    PERFORM t.eq('orphans', t.call('outbox_begin', '{"worker": "host:2:gen:sms", "turn": "gen:sms", "kept": []}') -> 'orphans', '1');
    PERFORM t.eq('claimable', (SELECT string_agg(concat_ws(' ', x ->> 'to', x ->> 'tries'), ', ') FROM jsonb_array_elements(t.claim(9, 'host:2:gen:sms')) x), t.mobile(1) || ' 1');
    PERFORM t.eq('tries', (SELECT string_agg(concat_ws(' ', worker, outcome), ', ' ORDER BY id) FROM dossier_data.outbox_try),
        'host:1:gen:sms lost, host:1:other:sms, host:2:gen:sms');
    PERFORM t.eq('what it knows of stays its own', t.call('outbox_begin', jsonb_build_object('worker', 'host:2:gen:sms', 'turn', 'gen:sms',
        'kept', (SELECT jsonb_agg(id) FROM dossier_data.outbox WHERE claimed_by LIKE 'host:2:%'))) -> 'orphans', '0');
    PERFORM t.eq('what it does not know of is free', t.call('outbox_begin', '{"worker": "host:2:gen:sms", "turn": "gen:sms", "kept": []}') -> 'orphans', '1');
END $t$);

SELECT t.test(format('quiet hours %s-%s at %s: %s', q_from, q_until, at, wanted), format($t$
BEGIN
    PERFORM t.eq('until', dossier_lib.quiet_until(%L::jsonb, %L::timestamptz) AT TIME ZONE 'Europe/Rome', %L::timestamp);
END $t$, jsonb_build_object('from', q_from, 'until', q_until), at, wanted))
FROM (VALUES ('22:00', '07:00', '2026-11-25 21:59:59 Europe/Rome', NULL), ('22:00', '07:00', '2026-11-25 22:00 Europe/Rome', '2026-11-26 07:00'),
    ('22:00', '07:00', '2026-11-26 06:59 Europe/Rome', '2026-11-26 07:00'), ('22:00', '07:00', '2026-11-26 07:00 Europe/Rome', NULL),
    ('13:00', '15:00', '2026-07-01 14:00 Europe/Rome', '2026-07-01 15:00'), ('13:00', '15:00', '2026-07-01 12:00 Europe/Rome', NULL),
    ('22:00', '07:00', '2026-03-29 01:30 Europe/Rome', '2026-03-29 07:00')) AS cases (q_from, q_until, at, wanted);

SELECT t.test('in quiet hours alerts wait and gather; codes and what concerns the account leave', $t$
DECLARE
    v_person t.person := t.active(1);
    v_now time := (now() AT TIME ZONE 'Europe/Rome')::time;
    v_quiet jsonb := jsonb_build_object('quiet', jsonb_build_object('from', to_char(v_now - interval '1 hour', 'HH24:MI'), 'until', to_char(v_now + interval '2 hours', 'HH24:MI')));
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.waiting_code(2);
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    VALUES ('sms', t.mobile(3), 'mobile_corrected', 'it', 1, now(), now(), now() + interval '1 day');
    PERFORM t.eq('leaves', (SELECT string_agg(x ->> 'template', ' ') FROM jsonb_array_elements(t.claim(9, 'w', NULL, v_quiet)) x), 'verification_code mobile_corrected');
    PERFORM t.eq('alerts', (SELECT string_agg(concat_ws(' ', channel, gathering, not_before BETWEEN now() + interval '1 hour' AND now() + interval '2 hours',
        due_at = not_before, give_up_at > not_before + interval '23 hours'), ', ' ORDER BY channel) FROM dossier_data.outbox WHERE priority = 2), 'mail t t t t, sms t t t t');
    PERFORM t.call('publication_complete', t.document(1, 'b', '{}', '{"external_id": "next"}'));
    PERFORM t.eq('one alert for all', (SELECT count(*) FROM dossier_data.outbox WHERE priority = 2), 2::bigint);
    PERFORM t.eq('no hours', jsonb_array_length(t.claim(9, 'w', NULL, '{"quiet": null}')), 0);
    UPDATE dossier_data.outbox SET not_before = now() WHERE priority = 2;
    PERFORM t.eq('in the morning', jsonb_array_length(t.claim(9, 'w', NULL, '{"quiet": null}')), 2);
END $t$);

SELECT t.test('receipts: by our id or the provider''s, once, kept for the account and the desk', $t$
DECLARE
    v_person t.person := t.active(1);
    v_alert text;
    v_state jsonb;
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.limit_to('alert_delay_seconds', 0);
    PERFORM t.call('publication_complete', t.document(1));
    v_state := jsonb_build_object('integrator_id', t.integrator(), 'external_id', t.document(1) ->> 'external_id');
    PERFORM t.eq('queued', t.call('publication_get', v_state) -> 'alerts', '[{"at": null, "state": "queued", "channel": "mail"}, {"at": null, "state": "queued", "channel": "sms"}]');
    v_alert := t.claim(9, 'w', 'sms') -> 0 ->> 'id';
    PERFORM t.report(v_alert, 'sent');
    PERFORM t.eq('sent', t.call('publication_get', v_state) -> 'alerts' -> 1 ->> 'state', 'sent');
    PERFORM t.eq('known', t.expect('ok', 'outbox_receipt', '{"provider_id": "p-1", "receipt": "undelivered"}') -> 'known', 'true');
    PERFORM t.eq('undelivered', t.call('publication_get', v_state) -> 'alerts' -> 1 ->> 'state', 'undelivered');
    PERFORM t.call('outbox_receipt', jsonb_build_object('reference', v_alert, 'receipt', 'delivered'));
    PERFORM t.call('outbox_receipt', jsonb_build_object('reference', v_alert, 'receipt', 'delivered'));
    PERFORM t.call('outbox_receipt', '{"provider_id": "p-1", "receipt": "undelivered"}'); -- late, and older
    PERFORM t.eq('delivered', t.call('publication_get', v_state) -> 'alerts' -> 1 ->> 'state', 'delivered');
    PERFORM t.eq('audit', (SELECT string_agg(concat_ws(' ', action, outcome, account_id = v_person.account::uuid, object_id = v_alert::uuid, detail), ', ' ORDER BY id)
        FROM dossier_data.audit WHERE action LIKE 'message%'), 'message_undelivered ok t t sms new_documents, message_delivered ok t t sms new_documents');
    PERFORM t.eq('unknown', t.expect('ok', 'outbox_receipt', jsonb_build_object('reference', gen_random_uuid(), 'receipt', 'delivered')) -> 'known', 'false');
END $t$);

SELECT t.test('a receipt that comes before the report is not lost', $t$
DECLARE
    v_code jsonb := t.waiting_code(1);
    v_id text := t.claim() -> 0 ->> 'id';
BEGIN
    PERFORM t.eq('known', t.expect('ok', 'outbox_receipt', '{"provider_id": "p-1", "receipt": "delivered"}') -> 'known', 'false');
    PERFORM t.call('outbox_receipt', '{"provider_id": "p-1", "receipt": "undelivered"}');
    PERFORM t.report(v_id, 'sent');
    PERFORM t.eq('row', (SELECT concat_ws(' ', state, provider_id, receipt) FROM dossier_data.outbox), 'sent p-1 delivered');
    PERFORM t.eq('kept', (SELECT count(*) FROM dossier_data.early_receipt), 0::bigint);
END $t$);

SELECT t.test('the operator lists what was given up, and puts it back', $t$
DECLARE
    v_person t.person := t.active(2);
    v_document jsonb := t.call('publication_complete', t.document(2));
    v_code jsonb;
    v_alert text;
BEGIN
    DELETE FROM dossier_data.outbox;
    v_code := t.waiting_code(1);
    PERFORM t.report(t.claim() -> 0 ->> 'id', 'failed');
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, account_id, due_at, not_before, give_up_at)
    VALUES ('sms', t.mobile(2), 'new_documents', 'it', 2, v_person.account::uuid, now(), now(), now() + interval '1 day');
    v_alert := t.claim() -> 0 ->> 'id';
    PERFORM t.report(v_alert, 'failed');
    PERFORM t.eq('dead', (SELECT string_agg(concat_ws(' ', channel, template, tries, error, requeue), ', ' ORDER BY template) FROM dossier_admin.outbox_dead()),
        'sms new_documents 1 timeout t, sms verification_code 1 timeout f');
    PERFORM t.eq('all', dossier_admin.outbox_requeue(), 1);
    PERFORM t.eq('claimable', t.claim() -> 0 ->> 'id', v_alert);
    PERFORM t.report(v_alert, 'failed');
    PERFORM t.eq('one', dossier_admin.outbox_requeue(v_alert::uuid), 1);
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'message_requeued'), 2::bigint);
    BEGIN
        PERFORM dossier_admin.outbox_requeue(v_alert::uuid);
        RAISE assert_failure;
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq('says', SQLERRM, 'no message with this id was given up: mantova-dossier outbox list has them');
    END;
    BEGIN
        PERFORM dossier_admin.outbox_requeue((SELECT id FROM dossier_data.outbox WHERE code_id IS NOT NULL));
        RAISE assert_failure;
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq('says', SQLERRM, 'a code that was given up has expired: the patient asks for a new one');
    END;
END $t$);
