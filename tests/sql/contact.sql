-- New mobiles and e-mails: what a verification code must stand before.

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
    v_answer := t.expect('ok', 'contact_email_remove', t.right_password(v_person));
    PERFORM t.eq('email', v_answer -> 'profile' -> 'email', 'null');
    PERFORM t.eq('told', (SELECT string_agg(concat_ws(' ', channel, recipient), ', ' ORDER BY channel) FROM dossier_data.outbox),
        'mail new@example.org, sms ' || t.mobile(1));
    PERFORM t.expect('ok', 'contact_email_remove', t.right_password(v_person));
    PERFORM t.eq('told once', (SELECT count(*) FROM dossier_data.outbox), 2::bigint);
END $t$);

SELECT t.test('who proves an e-mail takes it from an account that only wrote it down, and keeps it from then on', $t$
DECLARE
    v_writer t.person := t.active(1);
    v_owner t.person := t.account(2);
    v_third t.person := t.account(3);
    v_start jsonb;
BEGIN
    PERFORM t.call('publication_complete', t.document(1)); -- its alert waits
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
    PERFORM t.eq('login', t.call('session_begin', '{"kind": "email", "login": "p1@example.org"}') ->> 'account_id', v_owner.account);
    PERFORM t.expect('ok', 'contact_email_remove', t.right_password(v_owner));
    PERFORM t.eq('removed', (SELECT count(*) FROM dossier_data.account WHERE email_proved_at IS NOT NULL), 0::bigint);
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
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.call('acceptance_put', t.acceptance(7));
    PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(t.contact(v_person, 'mobile_change', t.mobile(7)) ->> 'id', 'mobile_change', v_person.account));
    PERFORM t.expect('ok', 'contact_email_remove', t.right_password(v_person));
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
    PERFORM t.expect('password_required', 'contact_email_remove', v_body);
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

SELECT t.test('alerts do not follow a number that the desk has taken back', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.long_ago();
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(9))));
    PERFORM t.eq('waiting', (SELECT string_agg(channel || ' ' || state, ', ' ORDER BY channel) FROM dossier_data.outbox
        WHERE template = 'new_documents'), 'mail queued, sms cancelled');
    DELETE FROM dossier_data.outbox;
    PERFORM dossier_lib.alert_queue(array_agg(d)) FROM dossier_data.document d;
    PERFORM dossier_lib.last_call_queue(array_agg(d)) FROM dossier_data.document d;
    PERFORM t.eq('new', (SELECT string_agg(channel || ' ' || template, ', ' ORDER BY template) FROM dossier_data.outbox),
        'mail last_call, mail new_documents');
END $t$);
