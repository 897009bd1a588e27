-- The desk corrects a number while a registration waits.

SELECT t.test('correction: no code had gone, so nobody is told; the new number gets its code', $t$
DECLARE
    v_id text;
    v_code jsonb := t.code() - 'site_url'; -- the desk asks, the code leads to where the patient is
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(7))));
    v_id := t.expect('ok', 'registration_start', t.registration(1)) ->> 'id'; -- the right number, which the desk has not
    v_answer := t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('registration_code', v_code)));
    PERFORM t.eq('messages', v_answer -> 'messages', jsonb_build_array(jsonb_build_object(
        'template', 'verification_code', 'to', t.mobile(1), 'language', 'it', 'site_url', 'https://referti.example.org')));
    PERFORM t.eq('queued', (SELECT string_agg(recipient || ' ' || template, ', ') FROM dossier_data.outbox WHERE state = 'queued'),
        t.mobile(1) || ' verification_code');
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'mobile_corrected' AND actor_kind = 'integrator'
        AND object_id = v_id::uuid), 1::bigint);
END $t$);

SELECT t.test('correction: a code had gone to the old number, which is told; its code is void', $t$
DECLARE
    v_body jsonb := t.registration(1, '{"language": "en"}');
    v_right jsonb := t.acceptance(1, jsonb_build_object('mobile', t.mobile(7)));
    v_id text;
    v_dry jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.expect('ok', 'registration_start', v_body) ->> 'id';
    PERFORM t.call('outbox_claim', '{"worker": "w", "channel": "sms", "limit": 10}');
    v_dry := t.expect('ok', 'acceptance_put', v_right || '{"dry_run": true}');
    v_answer := t.expect('ok', 'acceptance_put', v_right);
    PERFORM t.eq('dry run', v_dry, v_answer);
    PERFORM t.eq('messages', v_answer -> 'messages', jsonb_build_array(
        jsonb_build_object('template', 'verification_code', 'to', t.mobile(7), 'language', 'en', 'site_url', 'https://referti.example.org'),
        jsonb_build_object('template', 'mobile_corrected', 'to', t.mobile(1), 'language', 'en')));
    PERFORM t.eq('queued', (SELECT string_agg(concat_ws(' ', recipient, template, sealed), ', ' ORDER BY priority) FROM dossier_data.outbox WHERE state = 'queued'),
        format('%s verification_code %s, %s mobile_corrected', t.mobile(7), v_right -> 'registration_code' ->> 'sealed', t.mobile(1)));
    PERFORM t.call('registration_try', jsonb_build_object('id', v_id));
    PERFORM t.expect('code_expired', 'registration_complete', jsonb_build_object('id', v_id, 'code_id', v_body -> 'code' ->> 'id',
        'mac', v_body -> 'code' ->> 'mac', 'session', t.session('x')));
    PERFORM t.eq('account', t.expect('created', 'registration_complete', t.proof(v_id)) -> 'account' ->> 'mobile', t.mobile(7));
END $t$);

SELECT t.test('correction: a code still waiting is stopped, and nobody is told', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('registration_start', t.registration(1));
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(7))));
    PERFORM t.eq('messages', (SELECT string_agg(concat_ws(' ', recipient, template, state), ', ' ORDER BY state) FROM dossier_data.outbox),
        format('%s verification_code cancelled, %s verification_code queued', t.mobile(1), t.mobile(7)));
END $t$);

SELECT t.test('correction: the same call again, and one without an open registration, queue nothing', $t$
DECLARE
    v_right jsonb := t.acceptance(1, jsonb_build_object('mobile', t.mobile(7)));
    v_person t.person;
    v_rows bigint;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('registration_start', t.registration(1));
    PERFORM t.call('acceptance_put', v_right);
    v_rows := (SELECT count(*) FROM dossier_data.outbox);
    PERFORM t.eq('again', t.call('acceptance_put', v_right) -> 'messages', '[]');
    v_person := t.account(2);
    v_rows := (SELECT count(*) FROM dossier_data.outbox);
    PERFORM t.eq('closed', t.call('acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(8)))) -> 'messages', '[]');
    PERFORM t.eq('rows', (SELECT count(*) FROM dossier_data.outbox), v_rows);
    PERFORM t.eq('the account''s number', t.call('session_get', jsonb_build_object('account_id', v_person.account)) -> 'account' ->> 'mobile', t.mobile(2));
END $t$);

SELECT t.test('correction: the newest open registration of that person, and no other', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('registration_start', t.registration(1));
    PERFORM t.call('registration_start', t.registration(2)); -- another person
    PERFORM t.call('registration_start', t.registration(1, jsonb_build_object('mobile', t.mobile(5)))); -- a number of neither
    UPDATE dossier_data.registration SET created_at = created_at - interval '1 minute' WHERE mobile = t.mobile(1);
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(7))));
    PERFORM t.eq('numbers', (SELECT string_agg(mobile, ' ' ORDER BY mobile) FROM dossier_data.registration),
        concat_ws(' ', t.mobile(2), t.mobile(5), t.mobile(7)));
END $t$);

SELECT t.test('correction: a registration that has its code at the new number keeps it', $t$
DECLARE
    v_id text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-9', 'mobile', t.mobile(7),
        'activation', '{"key_id": "k", "mac": "9"}'::jsonb)));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    PERFORM t.eq('messages', t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-9"}')) -> 'messages', '[]');
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
END $t$);

SELECT t.test('correction: an old number that was told is not told twice', $t$
DECLARE
    v_right jsonb := jsonb_build_object('mobile', t.mobile(7), 'activation', '{"key_id": "k", "mac": "9"}'::jsonb);
    v_wrong jsonb := t.acceptance(1, '{"external_id": "A-9", "activation": {"key_id": "k", "mac": "9"}}');
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('acceptance_put', v_wrong);
    PERFORM t.call('registration_start', t.registration(1));
    PERFORM t.call('outbox_claim', '{"worker": "w", "channel": "sms", "limit": 10}');
    v_answer := t.expect('ok', 'acceptance_put', t.acceptance(1, v_right));
    PERFORM t.eq('messages', jsonb_array_length(v_answer -> 'messages'), 2);
    UPDATE dossier_data.verification_code SET expires_at = now();
    v_answer := t.expect('ok', 'acceptance_put', v_wrong || v_right || jsonb_build_object('registration_code', t.code()));
    PERFORM t.eq('messages', v_answer -> 'messages', jsonb_build_array(jsonb_build_object(
        'template', 'verification_code', 'to', t.mobile(7), 'language', 'it', 'site_url', 'https://referti.example.org')));
END $t$);
