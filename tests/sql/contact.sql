-- Forgotten passwords and new mobiles or e-mails: what a verification code must stand before.

CREATE FUNCTION t.reset(p_kind text, p_login text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT t.call('password_reset_start', jsonb_build_object('kind', p_kind, 'login', p_login, 'language', 'it', 'code', t.code()))
$$;

-- Counts a try of a change and gives the right digits, or wrong ones.
CREATE FUNCTION t.change_proof(p_id text, p_kind text, p_account text DEFAULT NULL, p_right boolean DEFAULT true)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_code text := t.expect('ok', 'account_change_try',
        jsonb_build_object('id', p_id, 'kind', p_kind, 'account_id', p_account)) ->> 'code_id';
BEGIN
    RETURN jsonb_build_object('id', p_id, 'kind', p_kind, 'account_id', p_account, 'code_id', v_code,
        'mac', CASE WHEN p_right THEN 'mac of ' || v_code ELSE 'wrong' END, 'password_hash', 'new hash', 'personal', false);
END
$$;

CREATE FUNCTION t.right_password(p t.person) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_proof jsonb := t.call('password_begin', jsonb_build_object('account_id', p.account)) -> 'proof';
BEGIN
    PERFORM t.expect('ok', 'password_finish', jsonb_build_object('account_id', p.account, 'proof', v_proof, 'right', true));
    RETURN jsonb_build_object('account_id', p.account, 'session_id', p.session, 'proof', v_proof, 'token_hash', t.sha('renewed'));
END
$$;

CREATE FUNCTION t.contact(p t.person, p_kind text, p_recipient text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.call('contact_change_start', t.right_password(p) || jsonb_build_object('kind', p_kind,
        'recipient', p_recipient, 'code', t.code()))
$$;

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

SELECT t.test('a code is good for its own flow only, and a change for its own account and kind', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_reset jsonb;
    v_mail text;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    v_reset := t.change_proof(t.reset('mobile', t.mobile(1)) ->> 'id', 'password_reset');
    v_mail := t.contact(v_person, 'email_change', 'new@example.org') ->> 'id';
    PERFORM t.expect('code_expired', 'contact_change_complete', v_reset || jsonb_build_object('id', v_mail,
        'kind', 'email_change', 'account_id', v_person.account));
    PERFORM t.expect('not_found', 'account_change_try', jsonb_build_object('id', v_mail, 'kind', 'email_change', 'account_id', v_other.account));
    PERFORM t.expect('not_found', 'account_change_try', jsonb_build_object('id', v_mail, 'kind', 'mobile_change', 'account_id', v_person.account));
    PERFORM t.expect('not_found', 'account_change_try', jsonb_build_object('id', v_mail, 'kind', 'password_reset'));
    PERFORM t.expect('not_found', 'registration_try', jsonb_build_object('id', v_mail));
    PERFORM t.expect('not_found', 'account_change_resend', jsonb_build_object('id', v_mail, 'kind', 'email_change', 'account_id', v_other.account));
END $t$);

SELECT t.test('mobile_change: the code goes to the new one, the old one is told, the session gets a new token', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(7));
    DELETE FROM dossier_data.outbox;
    v_answer := t.contact(v_person, 'mobile_change', t.mobile(7));
    PERFORM t.has(v_answer, 'outcome id expires_at resend_after');
    PERFORM t.eq('code to', (SELECT string_agg(concat_ws(' ', channel, recipient, template), ', ') FROM dossier_data.outbox),
        'sms ' || t.mobile(7) || ' verification_code');
    v_answer := t.expect('ok', 'contact_change_complete', t.change_proof(v_answer ->> 'id', 'mobile_change', v_person.account)
        || jsonb_build_object('session_id', v_person.session, 'token_hash', t.sha('after')));
    PERFORM t.eq('mobile', v_answer -> 'profile' ->> 'mobile', t.mobile(7));
    PERFORM t.eq('told', (SELECT string_agg(concat_ws(' ', channel, recipient), ', ' ORDER BY channel DESC) FROM dossier_data.outbox
        WHERE template = 'mobile_changed'), format('sms %s, mail p1@example.org', t.mobile(1)));
    PERFORM t.eq('token', (SELECT token_hash FROM dossier_data.session), t.sha('after'));
    PERFORM t.eq('dossiers', (SELECT count(*) FROM dossier_data.dossier), 1::bigint);
END $t$);

SELECT t.test('mobile_change: no acceptance, no code; whose it is, is said after the right one', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_taken jsonb;
    v_free jsonb;
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
    v_free := t.contact(v_person, 'mobile_change', t.mobile(9));
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
    v_taken := t.contact(v_person, 'mobile_change', t.mobile(2));
    PERFORM t.eq('answers', v_taken - 'id', v_free - 'id');
    PERFORM t.expect('code_expired', 'account_change_try', jsonb_build_object('id', v_free -> 'id', 'kind', 'mobile_change', 'account_id', v_person.account));
    PERFORM t.expect('mobile_taken', 'contact_change_complete', t.change_proof(v_taken ->> 'id', 'mobile_change', v_person.account));
    PERFORM t.eq('mobile', (SELECT mobile FROM dossier_data.account WHERE id = v_person.account::uuid), t.mobile(1));
    PERFORM t.eq('told', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'mobile_changed'), 0::bigint);
    PERFORM t.eq('its own', t.contact(v_person, 'mobile_change', t.mobile(1)) ->> 'outcome', 'contact_unchanged');
END $t$);

SELECT t.test('email_change: the code goes by mail to the new one; both ways the old address is told; removed', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_answer jsonb;
BEGIN
    DELETE FROM dossier_data.outbox;
    v_answer := t.contact(v_person, 'email_change', 'new@example.org');
    PERFORM t.eq('code to', (SELECT string_agg(concat_ws(' ', channel, recipient, template, priority), ', ') FROM dossier_data.outbox),
        'mail new@example.org email_code 0');
    v_answer := t.expect('ok', 'contact_change_complete', t.change_proof(v_answer ->> 'id', 'email_change', v_person.account)
        || jsonb_build_object('session_id', v_person.session, 'token_hash', t.sha('after')));
    PERFORM t.eq('email', v_answer -> 'profile' ->> 'email', 'new@example.org');
    PERFORM t.eq('told', (SELECT string_agg(concat_ws(' ', channel, recipient), ', ' ORDER BY channel) FROM dossier_data.outbox
        WHERE template = 'email_changed'), 'mail p1@example.org, sms ' || t.mobile(1));
    UPDATE dossier_data.throttle SET hits = '{}';
    UPDATE dossier_data.account SET email_proved_at = now() WHERE id = v_other.account::uuid;
    v_answer := t.contact(v_person, 'email_change', 'p2@example.org');
    PERFORM t.expect('email_taken', 'contact_change_complete', t.change_proof(v_answer ->> 'id', 'email_change', v_person.account));
    DELETE FROM dossier_data.outbox;
    v_answer := t.expect('ok', 'email_remove', t.right_password(v_person));
    PERFORM t.eq('email', v_answer -> 'profile' -> 'email', 'null');
    PERFORM t.eq('told', (SELECT string_agg(concat_ws(' ', channel, recipient), ', ' ORDER BY channel) FROM dossier_data.outbox),
        'mail new@example.org, sms ' || t.mobile(1));
    PERFORM t.expect('ok', 'email_remove', t.right_password(v_person));
    PERFORM t.eq('told once', (SELECT count(*) FROM dossier_data.outbox), 2::bigint);
END $t$);

SELECT t.test('who proves an e-mail takes it from an account that only wrote it down, and keeps it from then on', $t$
DECLARE
    v_writer t.person := t.active(1);
    v_owner t.person := t.account(2);
    v_third t.person := t.account(3);
    v_start jsonb;
BEGIN
    PERFORM t.call('document_publish', t.document(1)); -- its alert waits
    v_start := t.contact(v_owner, 'email_change', 'p1@example.org');
    PERFORM t.expect('code_wrong', 'contact_change_complete', t.change_proof(v_start ->> 'id', 'email_change', v_owner.account, false));
    PERFORM t.eq('not by a wrong code', (SELECT email FROM dossier_data.account WHERE id = v_writer.account::uuid), 'p1@example.org');
    PERFORM t.eq('owner', t.expect('ok', 'contact_change_complete', t.change_proof(v_start ->> 'id', 'email_change', v_owner.account))
        -> 'profile' ->> 'email', 'p1@example.org');
    PERFORM t.eq('writer', (SELECT concat_ws(' ', mobile, email) FROM dossier_data.account WHERE id = v_writer.account::uuid), t.mobile(1));
    PERFORM t.eq('told', (SELECT string_agg(concat_ws(' ', channel, recipient, template, state), ', ' ORDER BY template, channel DESC)
        FROM dossier_data.outbox WHERE account_id = v_writer.account::uuid AND template IN ('email_changed', 'new_documents')),
        format('sms %1$s email_changed queued, sms %1$s new_documents queued, mail p1@example.org new_documents cancelled', t.mobile(1)));
    PERFORM t.eq('audit', (SELECT concat_ws(' ', actor_kind, outcome, detail) FROM dossier_data.audit
        WHERE action = 'email_removed' AND account_id = v_writer.account::uuid), 'system ok another account proved it');
    PERFORM t.expect('email_taken', 'contact_change_complete',
        t.change_proof(t.contact(v_third, 'email_change', 'p1@example.org') ->> 'id', 'email_change', v_third.account));
    PERFORM t.eq('login', t.call('login_begin', '{"kind": "email", "login": "p1@example.org"}') ->> 'account_id', v_owner.account);
    PERFORM t.expect('ok', 'email_remove', t.right_password(v_owner));
    PERFORM t.eq('removed', (SELECT count(*) FROM dossier_data.account WHERE email_proved_at IS NOT NULL), 0::bigint);
END $t$);

\set migration `cat "$HERE/../../sql/migrations/131_email_proved_before.sql"`
SELECT set_config('t.migration', :'migration', false) \g /dev/null

SELECT t.test('who had changed the e-mail before its proof was noted has proved it; who only wrote it down, or removed it since, has not', $t$
DECLARE
    v_changed t.person := t.account(1);
    v_wrote t.person := t.account(2);
    v_removed t.person := t.account(3);
    v_refused t.person := t.account(4);
    v_now t.person := t.account(5);
    v_at timestamptz;
    v_person t.person;
BEGIN
    FOREACH v_person IN ARRAY ARRAY[v_changed, v_removed, v_now] LOOP
        PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(
            t.contact(v_person, 'email_change', 'new' || v_person.n || '@example.org') ->> 'id', 'email_change', v_person.account));
    END LOOP;
    PERFORM t.expect('email_taken', 'contact_change_complete', t.change_proof(
        t.contact(v_refused, 'email_change', 'new1@example.org') ->> 'id', 'email_change', v_refused.account));
    PERFORM t.expect('ok', 'email_remove', t.right_password(v_removed));
    UPDATE dossier_data.account SET email = 'written@example.org' WHERE id = v_removed.account::uuid;
    v_at := (SELECT email_proved_at FROM dossier_data.account WHERE id = v_now.account::uuid);
    UPDATE dossier_data.account SET email_proved_at = NULL WHERE id <> v_now.account::uuid;
    EXECUTE current_setting('t.migration');
    PERFORM t.eq('proved', (SELECT string_agg(email, ' ' ORDER BY email) FROM dossier_data.account WHERE email_proved_at IS NOT NULL),
        'new1@example.org new5@example.org');
    PERFORM t.eq('since when', (SELECT email_proved_at FROM dossier_data.account WHERE id = v_changed.account::uuid),
        (SELECT at FROM dossier_data.audit WHERE account_id = v_changed.account::uuid AND action = 'email_change_completed' AND outcome = 'ok'));
    PERFORM t.eq('noted before', (SELECT email_proved_at FROM dossier_data.account WHERE id = v_now.account::uuid), v_at);
END $t$);

SELECT t.test('an account proves the e-mail it has, once; nothing has changed for whom to tell', $t$
DECLARE
    v_person t.person := t.account(1);
    v_start jsonb;
    v_answer jsonb;
BEGIN
    DELETE FROM dossier_data.outbox;
    v_start := t.contact(v_person, 'email_change', 'p1@example.org');
    PERFORM t.eq('begun', v_start ->> 'outcome', 'ok');
    v_answer := t.expect('ok', 'contact_change_complete', t.change_proof(v_start ->> 'id', 'email_change', v_person.account));
    PERFORM t.eq('profile', concat_ws(' ', v_answer -> 'profile' ->> 'email', v_answer -> 'profile' ->> 'email_proved'), 'p1@example.org true');
    PERFORM t.eq('messages', (SELECT string_agg(concat_ws(' ', channel, recipient, template), ', ') FROM dossier_data.outbox),
        'mail p1@example.org email_code');
    PERFORM t.eq('audit', (SELECT string_agg(concat_ws(' ', action, outcome), ', ' ORDER BY id) FROM dossier_data.audit
        WHERE account_id = v_person.account::uuid AND action ~ '^email'), 'email_change_started ok, email_confirmed ok');
    PERFORM t.eq('again', t.contact(v_person, 'email_change', 'p1@example.org') ->> 'outcome', 'contact_unchanged');
END $t$);

SELECT t.test('alerts that wait follow the account, or stay here', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.call('acceptance_put', t.acceptance(7));
    PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(t.contact(v_person, 'mobile_change', t.mobile(7)) ->> 'id', 'mobile_change', v_person.account));
    PERFORM t.expect('ok', 'email_remove', t.right_password(v_person));
    PERFORM t.eq('alerts', (SELECT string_agg(concat_ws(' ', channel, recipient, state, gathering), ', ' ORDER BY channel DESC) FROM dossier_data.outbox
        WHERE template = 'new_documents'), format('sms %s queued t, mail p1@example.org cancelled f', t.mobile(7)));
END $t$);

SELECT t.test('ten codes a day for new mobiles and e-mails of one account', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    FOR i IN 1..10 LOOP
        PERFORM t.eq('ok', t.contact(v_person, 'email_change', format('n%s@example.org', i)) ->> 'outcome', 'ok');
    END LOOP;
    PERFORM t.eq('one more', t.contact(v_person, 'email_change', 'n11@example.org') ->> 'outcome', 'throttled');
END $t$);

SELECT t.test('nothing of it without the password', $t$
DECLARE
    v_person t.person := t.account(1);
    v_body jsonb := jsonb_build_object('account_id', v_person.account, 'session_id', v_person.session, 'proof', null,
        'kind', 'email_change', 'recipient', 'new@example.org', 'code', t.code(), 'password_hash', 'x', 'token_hash', 'x');
BEGIN
    PERFORM t.expect('password_required', 'contact_change_start', v_body);
    PERFORM t.expect('password_required', 'email_remove', v_body);
    PERFORM t.expect('password_required', 'password_change', v_body);
END $t$);

SELECT t.test('the operator moves an account to the number that the desk has noted for this person', $$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.account(2);
    v_tried text[] := '{}';
    v_case text[];
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-new', 'mobile', t.mobile(9),
        'activation', '{"key_id": "k1", "mac": "new"}'::jsonb)));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-taken', 'mobile', t.mobile(2),
        'activation', '{"key_id": "k1", "mac": "taken"}'::jsonb)));
    FOREACH v_case SLICE 1 IN ARRAY ARRAY[ARRAY[t.cf(3), t.mobile(9)], ARRAY[t.cf(1), t.mobile(8)], ARRAY[t.cf(1), t.mobile(2)]] LOOP
        BEGIN
            PERFORM dossier_admin.account_mobile_put(v_case[1], v_case[2]);
        EXCEPTION WHEN raise_exception THEN
            v_tried := v_tried || split_part(SQLERRM, ':', 1);
        END;
    END LOOP;
    PERFORM t.eq('refused', v_tried, ARRAY['no account has this codice fiscale', 'no acceptance of this person holds this number', 'another account has this number']);
    PERFORM dossier_admin.account_mobile_put(t.cf(1), t.mobile(9));
    PERFORM dossier_admin.account_mobile_put(t.cf(1), t.mobile(9));
    PERFORM t.eq('mobile', (SELECT mobile FROM dossier_data.account WHERE id = v_person.account::uuid), t.mobile(9));
    PERFORM t.eq('told', (SELECT string_agg(recipient, ' ' ORDER BY recipient) FROM dossier_data.outbox
        WHERE account_id = v_person.account::uuid AND template = 'mobile_changed'), t.mobile(1) || ' p1@example.org');
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'mobile_corrected' AND actor_kind = 'operator'
        AND account_id = v_person.account::uuid AND outcome = 'ok'), 1::bigint);
    PERFORM t.call('password_reset_start', jsonb_build_object('kind', 'email', 'login', 'p1@example.org', 'language', 'it',
        'code', t.code(), 'address', '192.0.2.1'));
    PERFORM t.eq('the code goes there', (SELECT count(*) FROM dossier_data.outbox WHERE recipient = t.mobile(9)
        AND template = 'verification_code'), 1::bigint);
END
$$);

-- Registered some time ago, and so was all that the desks have noted.
CREATE FUNCTION t.long_ago() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.account SET mobile_proved_at = mobile_proved_at - interval '1 day';
    UPDATE dossier_data.acceptance SET created_at = created_at - interval '2 days', updated_at = updated_at - interval '2 days';
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
$$;

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
    PERFORM t.eq('the password still opens', t.call('login_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1))) ->> 'account_id',
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
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.long_ago();
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, v_visit || jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.eq('by mobile', t.reset_by('mobile', t.mobile(1)), 'code_wrong');
    PERFORM t.eq('by e-mail', t.reset_by('email', 'p1@example.org'), 'code_wrong');
    PERFORM dossier_data.alert_queue(array_agg(d)) FROM dossier_data.document d;
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

SELECT t.test('alerts do not follow a number that the desk has taken back', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.long_ago();
    PERFORM t.call('document_publish', t.document(1));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.eq('waiting', (SELECT string_agg(channel || ' ' || state, ', ' ORDER BY channel) FROM dossier_data.outbox
        WHERE template = 'new_documents'), 'mail queued, sms cancelled');
    DELETE FROM dossier_data.outbox;
    PERFORM dossier_data.alert_queue(array_agg(d)) FROM dossier_data.document d;
    PERFORM dossier_data.last_call_queue(array_agg(d)) FROM dossier_data.document d;
    PERFORM t.eq('new', (SELECT string_agg(channel || ' ' || template, ', ' ORDER BY template) FROM dossier_data.outbox),
        'mail last_call, mail new_documents');
END $t$);

\set migration `cat "$HERE/../../sql/migrations/140_mobile_proved.sql"`
SELECT set_config('t.proved', substring(:'migration' FROM 'UPDATE account[^;]*;'), false),
       set_config('t.corrected', substring(:'migration' FROM 'UPDATE acceptance[^;]*;'), false) \g /dev/null

SELECT t.test('of accounts and acceptances that are there already: since when a mobile is proved, and what must have been corrected', $t$
DECLARE
    v_registered t.person := t.account(1);
    v_changed t.person := t.account(2);
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(7));
    UPDATE dossier_data.account SET created_at = created_at - interval '1 year';
    PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(
        t.contact(v_changed, 'mobile_change', t.mobile(7)) ->> 'id', 'mobile_change', v_changed.account));
    UPDATE dossier_data.account SET mobile_proved_at = '-infinity';
    UPDATE dossier_data.acceptance SET created_at = created_at - interval '2 years';
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(n, jsonb_build_object('mobile', t.mobile(n + 90)))) FROM generate_series(1, 2) n;
    UPDATE dossier_data.acceptance SET mobiles_former = '{}', mobile_corrected_at = NULL;
    PERFORM set_config('search_path', 'dossier_data, pg_temp', true);
    EXECUTE current_setting('t.proved');
    EXECUTE current_setting('t.corrected');
    PERFORM set_config('search_path', 'public', true);
    PERFORM t.eq('registered', (SELECT mobile_proved_at FROM dossier_data.account WHERE id = v_registered.account::uuid), now() - interval '1 year');
    PERFORM t.eq('changed', (SELECT mobile_proved_at FROM dossier_data.account WHERE id = v_changed.account::uuid),
        (SELECT at FROM dossier_data.audit WHERE account_id = v_changed.account::uuid AND action = 'mobile_change_completed'));
    PERFORM t.eq('corrected', (SELECT string_agg(account_id::text, ' ') FROM dossier_data.account_mobile WHERE given_up), v_registered.account);
END $t$);
