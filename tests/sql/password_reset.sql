-- Forgotten passwords: what a verification code must stand before.

SELECT t.test('password_reset: every session ends, the person is told, the code is good once', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb;
    v_proof jsonb;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
    v_answer := t.reset('mobile', t.mobile(1));
    PERFORM t.has(v_answer, 'outcome id expires_at resend_after');
    PERFORM t.eq('message', (SELECT concat_ws(' ', channel, recipient, template, priority, facility_id) FROM dossier_data.outbox),
        'sms ' || t.mobile(1) || ' verification_code 0 san-pellegrino');
    v_proof := t.change_proof(v_answer ->> 'id', 'password_reset');
    PERFORM t.expect('ok', 'password_reset_complete', v_proof);
    PERFORM t.eq('open sessions', (SELECT count(*) FROM dossier_data.session WHERE closed_at IS NULL), 0::bigint);
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'new hash');
    PERFORM t.eq('told', (SELECT string_agg(channel || ' ' || recipient, ' ') FROM dossier_data.outbox WHERE template = 'password_changed'),
        'mail p1@example.org');
    PERFORM t.eq('audit', t.audited(1), 'password_reset_completed ok');
    PERFORM t.expect('code_used', 'password_reset_complete', v_proof);
    PERFORM t.expect('code_used', 'account_change_try', v_proof);
    PERFORM t.expect('change_closed', 'account_change_resend', v_proof || jsonb_build_object('code', t.code()));
END $t$);

SELECT t.test('password_reset: by e-mail the code goes to the mobile, and a new one voids the old', $t$
DECLARE
    v_person t.person := t.account(1);
    v_id text;
    v_proof jsonb;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
    v_id := t.reset('email', 'p1@example.org') ->> 'id';
    v_proof := t.change_proof(v_id, 'password_reset');
    UPDATE dossier_data.throttle SET hits = ARRAY[now() - interval '61 seconds'] WHERE scope = 'code_send';
    PERFORM t.has(t.expect('ok', 'account_change_resend', jsonb_build_object('id', v_id, 'kind', 'password_reset', 'code', t.code())),
        'outcome expires_at resend_after');
    PERFORM t.eq('messages', (SELECT string_agg(recipient || ' ' || state, ', ' ORDER BY state) FROM dossier_data.outbox),
        format('%1$s cancelled, %1$s queued', t.mobile(1)));
    PERFORM t.expect('code_expired', 'password_reset_complete', v_proof);
    PERFORM t.expect('ok', 'password_reset_complete', t.change_proof(v_id, 'password_reset'));
END $t$);

SELECT t.test('password_reset: alike for a login that no account has, save the message', $t$
DECLARE
    v_rows text := (SELECT string_agg(format('SELECT %L AS name, (SELECT count(*) FROM dossier_data.%I) AS rows', relname, relname), ' UNION ALL ')
        FROM pg_class WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r');
    v_counts text[];
    v_stories text[];
    v_story text;
    v_login record;
    v_answer jsonb;
    v_id text;
    v_before jsonb;
    v_after jsonb;
BEGIN
    PERFORM t.account(1);
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.throttle;
    FOR v_login IN SELECT * FROM (VALUES ('mobile', t.mobile(1)), ('mobile', t.mobile(9)), ('email', 'p1@example.org'), ('email', 'p9@example.org')) AS x (kind, login) LOOP
        UPDATE dossier_data.throttle SET hits = '{}' WHERE scope <> 'code_address';
        EXECUTE format('SELECT jsonb_object_agg(name, rows) FROM (%s) x', v_rows) INTO v_before;
        v_answer := t.reset(v_login.kind, v_login.login);
        v_id := v_answer ->> 'id';
        v_story := t.story(v_answer - 'id');
        EXECUTE format('SELECT jsonb_object_agg(name, rows) FROM (%s) x', v_rows) INTO v_after;
        v_counts := v_counts || (SELECT string_agg(key || '+' || ((v_after ->> key)::int - value::int), ' ' ORDER BY key)
            FROM jsonb_each_text(v_before) WHERE v_after ->> key <> value AND key NOT IN ('throttle', 'audit_count'));
        v_story := v_story || t.story(t.reset(v_login.kind, v_login.login))
            || t.story(t.call('account_change_resend', jsonb_build_object('id', v_id, 'kind', 'password_reset', 'code', t.code())));
        FOR i IN 1..5 LOOP
            v_story := v_story || t.story(t.call('password_reset_complete', t.change_proof(v_id, 'password_reset', NULL, false)));
        END LOOP;
        v_stories := v_stories || (v_story || t.story(t.call('account_change_try', jsonb_build_object('id', v_id, 'kind', 'password_reset'))));
    END LOOP;
    PERFORM t.eq('stories', (SELECT count(DISTINCT s) FROM unnest(v_stories) s), 1::bigint);
    PERFORM t.eq('rows of the known', v_counts[1], 'account_change+1 audit+1 outbox+1 verification_code+1');
    PERFORM t.eq('rows of the unknown', v_counts[2], 'account_change+1 verification_code+1');
    PERFORM t.eq('by e-mail', v_counts[3:4], v_counts[1:2]);
END $t$);

SELECT t.test('password_reset: no digits are right for an unknown login, nor for a number no acceptance holds', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.expect('code_wrong', 'password_reset_complete', t.change_proof(t.reset('mobile', t.mobile(9)) ->> 'id', 'password_reset'));
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
    UPDATE dossier_data.acceptance SET mobile = t.mobile(8);
    PERFORM t.expect('code_wrong', 'password_reset_complete', t.change_proof(t.reset('mobile', t.mobile(1)) ->> 'id', 'password_reset'));
    UPDATE dossier_data.throttle SET hits = '{}';
    UPDATE dossier_data.acceptance SET mobile = t.mobile(1);
    UPDATE dossier_data.sms_prefix SET prefix = '+44';
    PERFORM t.expect('code_wrong', 'password_reset_complete', t.change_proof(t.reset('mobile', t.mobile(1)) ->> 'id', 'password_reset'));
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
END $t$);

SELECT t.test('password_reset: that an e-mail and a mobile are one account''s shows in nothing', $t$
DECLARE
    v_person t.person := t.account(1);
    v_by_mobile text;
    v_by_mail text;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
    v_by_mobile := t.reset('mobile', t.mobile(1)) ->> 'id';
    v_by_mail := t.reset('email', 'p1@example.org') ->> 'id';
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 2::bigint);
    PERFORM t.change_proof(v_by_mobile, 'password_reset'); -- the one leaves the other open
    PERFORM t.expect('ok', 'password_reset_complete', t.change_proof(v_by_mail, 'password_reset'));
    PERFORM t.expect('code_expired', 'account_change_try', jsonb_build_object('id', v_by_mobile, 'kind', 'password_reset'));
END $t$);

SELECT t.test('password_reset: a password of one''s own data is refused to who knows the code, and costs no code', $t$
DECLARE
    v_person t.person := t.account(1);
    v_id text;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    v_id := t.reset('mobile', t.mobile(1)) ->> 'id';
    PERFORM t.expect('code_wrong', 'password_reset_complete', t.change_proof(v_id, 'password_reset', NULL, false) || '{"personal": true}');
    PERFORM t.expect('password_personal', 'password_reset_complete', t.change_proof(v_id, 'password_reset') || '{"personal": true}');
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'hash 1');
    PERFORM t.expect('ok', 'password_reset_complete', t.change_proof(v_id, 'password_reset'));
END $t$);

SELECT t.test('password_reset: looked at before the password is hashed, a right code stays good, a wrong one is a try', $t$
DECLARE
    v_person t.person := t.account(1);
    v_id text;
    v_proof jsonb;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    v_id := t.reset('mobile', t.mobile(1)) ->> 'id';
    FOR n IN 1..6 LOOP -- more than there are tries
        v_proof := t.change_proof(v_id, 'password_reset');
        PERFORM t.expect('ok', 'password_reset_complete', v_proof - 'password_hash');
    END LOOP;
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'hash 1');
    PERFORM t.expect('ok', 'password_reset_complete', v_proof);
    PERFORM t.expect('code_used', 'password_reset_complete', v_proof - 'password_hash');
    UPDATE dossier_data.throttle SET hits = '{}';
    v_proof := t.change_proof(t.reset('mobile', t.mobile(1)) ->> 'id', 'password_reset', NULL, false);
    PERFORM t.expect('code_wrong', 'password_reset_complete', v_proof - 'password_hash');
    PERFORM t.expect('code_expired', 'password_reset_complete', v_proof - 'password_hash');
END $t$);

SELECT t.test('codes asked for per client address and hour, for whatever flow', $t$
BEGIN
    PERFORM t.limit_to('sms_per_address_hour', 2);
    PERFORM t.eq('one', t.reset('mobile', t.mobile(8)) ->> 'outcome', 'ok');
    PERFORM t.expect('ok', 'registration_start', t.registration(9));
    PERFORM t.eq('one more', t.reset('mobile', t.mobile(7)) ->> 'outcome', 'throttled');
END $t$);

-- What a right code of a forgotten password comes to, asked for with p_shown; it is asked for once.
CREATE FUNCTION t.reset_by(p_kind text, p_login text, p_shown jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_start jsonb;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    v_start := t.expect('ok', 'password_reset_start', jsonb_build_object('kind', p_kind, 'login', p_login, 'language', 'it',
        'code', t.code()) || p_shown);
    RETURN t.outcome('password_reset_complete', t.change_proof(v_start ->> 'id', 'password_reset'));
END
$$;

SELECT t.test('password_reset: a number that the desk has corrected proves nothing, whoever is noted with it; at the desk it is put right', $t$
DECLARE
    v_person t.person := t.account(1);
    v_shown jsonb := jsonb_build_object('codice_fiscale', t.cf(1));
    v_start jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(3, jsonb_build_object('mobile', t.mobile(1)))); -- as of a family
    PERFORM t.long_ago();
    v_start := t.reset('mobile', t.mobile(1)); -- its code is on its way
    PERFORM t.eq('before', (SELECT count(*) FROM dossier_data.outbox), 1::bigint);
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.expect('code_wrong', 'password_reset_complete', t.change_proof(v_start ->> 'id', 'password_reset'));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(1))));
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    PERFORM t.eq('by e-mail', t.reset_by('email', 'p1@example.org'), 'code_wrong');
    PERFORM t.eq('and codice fiscale', t.reset_by('mobile', t.mobile(1), v_shown), 'code_wrong');
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
    PERFORM t.eq('the password still opens', t.call('session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1))) ->> 'account_id',
        v_person.account);
    PERFORM dossier_admin.account_mobile_put(t.cf(1), t.mobile(9));
    PERFORM t.eq('moved', t.reset_by('mobile', t.mobile(9)), 'ok');
END $t$);

SELECT t.test('password_reset: what a new visit says of another number takes nothing back, nor does a correction of anything else', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(7)); -- of a daughter, say
    PERFORM t.long_ago();
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-other', 'mobile', t.mobile(9),
        'activation', '{"key_id": "k1", "mac": "other"}'::jsonb)));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"email": "other@example.org"}'));
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'ok');
    PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(
        t.contact(v_person, 'mobile_change', t.mobile(7)) ->> 'id', 'mobile_change', v_person.account));
    PERFORM t.long_ago();
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(8))));
    PERFORM t.eq('by the mobile that it was changed to', t.reset_by('mobile', t.mobile(7)), 'ok');
END $t$);

SELECT t.test('password_reset: a number that the desk has noted for another person since proves nothing by itself', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.long_ago();
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(1))));
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
    PERFORM t.eq('another''s codice fiscale', t.reset_by('mobile', t.mobile(1), jsonb_build_object('codice_fiscale', t.cf(2))), 'code_wrong');
    PERFORM t.eq('the own', t.reset_by('mobile', t.mobile(1), jsonb_build_object('codice_fiscale', t.cf(1))), 'ok');
    PERFORM t.eq('by e-mail', t.reset_by('email', 'p1@example.org'), 'ok');
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role) SELECT v_person.account::uuid, id, 'relative', 'delegate'
    FROM dossier_data.patient WHERE codice_fiscale = t.cf(2);
    PERFORM t.eq('a relative''s', t.reset_by('mobile', t.mobile(1)), 'ok');
    DELETE FROM dossier_data.dossier WHERE relation = 'relative';
    PERFORM t.eq('not any more', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    UPDATE dossier_data.acceptance SET created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour';
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-again',
        'activation', '{"key_id": "k1", "mac": "again"}'::jsonb)));
    PERFORM t.eq('noted for the holder again: it may be from an old record', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
END $t$);

-- Each visit is a row of its own, and the desk corrects the one that it has before it.
SELECT t.test('password_reset: a correction counts although another visit still names the number, until the desk names it again', $t$
DECLARE
    v_visit jsonb := jsonb_build_object('external_id', 'A-2', 'activation', '{"key_id": "k1", "mac": "second"}'::jsonb);
BEGIN
    PERFORM t.active(1);
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, v_visit));
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.long_ago();
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, v_visit || jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    PERFORM t.eq('by e-mail', t.reset_by('email', 'p1@example.org'), 'code_wrong');
    PERFORM dossier_lib.alert_queue(array_agg(d)) FROM dossier_data.document d;
    PERFORM t.eq('messages', (SELECT string_agg(channel || ' ' || template, ', ') FROM dossier_data.outbox), 'mail new_documents');
    UPDATE dossier_data.acceptance SET mobile_corrected_at = mobile_corrected_at - interval '1 hour';
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, v_visit || '{"email": "p1@example.com"}'));
    PERFORM t.eq('corrected back', t.reset_by('mobile', t.mobile(1)), 'ok');
END $t$);

SELECT t.test('password_reset: an old note of the holder''s number does not take it back from the person who has it now', $t$
BEGIN
    PERFORM t.account(1);
    PERFORM t.long_ago();
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(1))));
    UPDATE dossier_data.acceptance SET created_at = created_at - interval '1 hour', updated_at = updated_at - interval '1 hour',
        mobile_corrected_at = mobile_corrected_at - interval '1 hour';
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, '{"external_id": "A-old", "activation": {"key_id": "k1", "mac": "old"}}'));
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    PERFORM t.eq('with the codice fiscale', t.reset_by('mobile', t.mobile(1), jsonb_build_object('codice_fiscale', t.cf(1))), 'ok');
END $t$);
