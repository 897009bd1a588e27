-- A further version of a notice, published so long ago.
CREATE FUNCTION t.publish_notice(p_kind text, p_version text, p_ago interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dossier_data.notice VALUES (p_kind, p_version, now() - p_ago)
$$;

CREATE FUNCTION t.consent(p t.person, p_kind text, p_version text, p_patient text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('account_id', p.account, 'session_id', p.session, 'patient_id', p_patient,
        'consent', jsonb_build_object('notice', p_kind, 'version', p_version))
$$;

-- What is due to this session, as "notice version own".
CREATE FUNCTION t.due(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', d ->> 'notice', d ->> 'version', (d ->> 'patient_id' = p.patient)), ', ')
    FROM jsonb_array_elements(t.call('consent_list', jsonb_build_object('account_id', p.account, 'session_id', p.session)) -> 'due') d
$$;

CREATE FUNCTION t.withdrawal(p t.person, p_kind text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('account_id', p.account, 'proof', t.typed(p), 'consent_id', (SELECT id FROM dossier_data.consent
        WHERE account_id = p.account::uuid AND kind = p_kind ORDER BY given_at DESC LIMIT 1))
$$;

SELECT t.test('consents: the history of registration and activation, nothing due', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb := t.expect('ok', 'consent_list', jsonb_build_object('account_id', v_person.account));
BEGIN
    PERFORM t.has(v_answer, 'outcome consents due');
    PERFORM t.has(v_answer -> 'consents' -> 0, 'id notice version patient_id first_name last_name role given_at withdrawn_at');
    PERFORM t.eq('history', (SELECT string_agg(concat_ws(' ', c ->> 'notice', c ->> 'version', c ->> 'patient_id' = v_person.patient, c ->> 'first_name'), ', ' ORDER BY c ->> 'notice')
        FROM jsonb_array_elements(v_answer -> 'consents') c), 'dossier 2026-01 t Mario, portal 2026-01');
    PERFORM t.eq('due', v_answer -> 'due', '[]');
    PERFORM t.eq('login', t.login('mobile', t.mobile(1), true) -> 'account' -> 'consents_due', 'false');
    PERFORM t.eq('of nobody', t.call('consent_list', jsonb_build_object('account_id', gen_random_uuid())) -> 'consents', '[]');
END $t$);

SELECT t.test('consents: a new version is due at the next login, not in a session begun before it', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    UPDATE dossier_data.session SET created_at = now() - interval '1 hour';
    PERFORM t.publish_notice('portal', '2026-02', '10 minutes');
    PERFORM t.eq('now', t.due(v_person), NULL);
    PERFORM t.expect('ok', 'session_load', jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session)));
    UPDATE dossier_data.session SET created_at = now();
    PERFORM t.eq('next', t.due(v_person), 'portal 2026-02');
    PERFORM t.expect('consent_due', 'session_load', jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session)));
    PERFORM t.expect('ok', 'session_load', jsonb_build_object('while_due', true, 'token_hash', (SELECT token_hash FROM dossier_data.session)));
    PERFORM t.eq('account', t.call('session_get', jsonb_build_object('account_id', v_person.account, 'session_id', v_person.session)) -> 'account' -> 'consents_due', 'true');
    PERFORM t.eq('login', t.login('mobile', t.mobile(1), true) -> 'account' -> 'consents_due', 'true');
    PERFORM t.eq('to come', (t.publish_notice('dossier', '2026-02', '-1 hour'), t.due(v_person))::text, '(,"portal 2026-02")');
    PERFORM t.publish_notice('dossier', '2026-03', '10 minutes');
    PERFORM t.eq('both', t.due(v_person), 'portal 2026-02, dossier 2026-03 t');
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'dossier', '2026-03', v_person.patient));
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'portal', '2026-02'));
    PERFORM t.eq('given', t.due(v_person), NULL);
END $t$);

SELECT t.test('consents: the version asked for is today''s, and a later one answers for an earlier', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    UPDATE dossier_data.session SET created_at = now() - interval '1 hour';
    PERFORM t.publish_notice('portal', '2026-02', '2 hours');
    PERFORM t.publish_notice('portal', '2026-03', '10 minutes');
    PERFORM t.eq('asked', t.due(v_person), 'portal 2026-03');
    PERFORM t.eq('outdated', t.expect('notice_outdated', 'consent_give', t.consent(v_person, 'portal', '2026-02')) ->> 'current', '2026-03');
    PERFORM t.eq('audit', t.audited(1), 'consent_given notice_outdated');
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'portal', '2026-03'));
    PERFORM t.eq('given', t.due(v_person), NULL);
    PERFORM t.eq('audit', t.audited(1), 'consent_given ok');
END $t$);

SELECT t.test('consents: given with time and address, once, for patients of one''s own whose dossier was opened', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.active(2);
    v_answer jsonb;
BEGIN
    PERFORM t.expect('not_found', 'consent_give', t.consent(v_person, 'dossier', '2026-01', v_other.patient));
    PERFORM t.expect('not_found', 'consent_give', t.consent(v_person, 'dossier', '2026-01', NULL));
    PERFORM t.expect('dossier_inactive', 'consent_give', t.consent(v_person, 'dossier', '2026-01', v_person.patient));
    PERFORM t.eq('audit', t.audited(1), 'consent_given dossier_inactive');
    PERFORM t.call('activation_complete', t.activation(v_person));
    v_answer := t.expect('created', 'consent_give', t.consent(v_person, 'dossier', '2026-01', v_person.patient));
    PERFORM t.eq('the one of the activation', (SELECT concat_ws(' ', count(*), max(address), bool_and(id = (v_answer -> 'consent' ->> 'id')::uuid))
        FROM dossier_data.consent WHERE account_id = v_person.account::uuid AND kind = 'dossier'), '1 192.0.2.1 t');
END $t$);

SELECT t.test('withdrawal: as disabling, all that stands of that notice, and the account is told', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.publish_notice('dossier', '2026-02', '10 minutes');
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'dossier', '2026-02', v_person.patient));
    DELETE FROM dossier_data.outbox;
    v_answer := t.expect('ok', 'consent_withdraw', t.withdrawal(v_person, 'dossier'));
    PERFORM t.eq('when', v_answer -> 'consent' ->> 'withdrawn_at', dossier_lib.rfc3339(now()));
    PERFORM t.eq('standing', (SELECT string_agg(kind, ' ') FROM dossier_data.consent WHERE withdrawn_at IS NULL), 'portal');
    PERFORM t.eq('address', (SELECT string_agg(withdrawn_address, ' ') FROM dossier_data.consent), '192.0.2.1 192.0.2.1');
    PERFORM t.eq('state', (SELECT state FROM dossier_data.dossier), 'disabled');
    PERFORM t.eq('nothing due', t.due(v_person), NULL);
    PERFORM t.eq('audit', t.audited(2), 'consent_withdrawn ok, service_disabled ok');
    PERFORM t.eq('told', (SELECT string_agg(template || ' ' || channel, ', ') FROM dossier_data.outbox), 'service_disabled mail');
    PERFORM t.eq('again', t.expect('ok', 'consent_withdraw', t.withdrawal(v_person, 'dossier')) -> 'consent', v_answer -> 'consent');
    PERFORM t.eq('told once', (SELECT count(*) FROM dossier_data.outbox), 1::bigint);
    PERFORM t.expect('consent_due', 'leaving_service_set', t.mine(v_person, jsonb_build_object('enabled', true, 'proof', t.typed(v_person))));
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'dossier', '2026-02', v_person.patient));
    PERFORM t.expect('ok', 'leaving_service_set', t.mine(v_person, jsonb_build_object('enabled', true, 'proof', t.typed(v_person))));
END $t$);

SELECT t.test('withdrawal of the portal''s notice: every dossier is disabled, and it is due at once', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.expect('ok', 'consent_withdraw', t.withdrawal(v_person, 'portal'));
    PERFORM t.eq('state', (SELECT state FROM dossier_data.dossier), 'disabled');
    PERFORM t.eq('due', t.due(v_person), 'portal 2026-01');
    PERFORM t.expect('created', 'consent_give', t.consent(v_person, 'portal', '2026-01'));
    PERFORM t.eq('due', t.due(v_person), NULL);
    PERFORM t.eq('state stays', (SELECT state FROM dossier_data.dossier), 'disabled');
    PERFORM t.expect('ok', 'leaving_service_set', t.mine(v_person, jsonb_build_object('enabled', true, 'proof', t.typed(v_person))));
END $t$);

SELECT t.test('withdrawal: one''s own only, with the password', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
BEGIN
    PERFORM t.expect('password_required', 'consent_withdraw', t.withdrawal(v_person, 'dossier') - 'proof');
    PERFORM t.expect('not_found', 'consent_withdraw', t.withdrawal(v_other, 'dossier') || jsonb_build_object('account_id', v_person.account, 'proof', t.typed(v_person)));
    PERFORM t.eq('audit', t.audited(1), 'consent_withdrawn not_found');
    PERFORM t.eq('standing', (SELECT count(*) FROM dossier_data.consent WHERE withdrawn_at IS NULL), 4::bigint);
END $t$);

SELECT t.test('the notices say "Lei" and "account"', $t$
BEGIN
    PERFORM t.eq('utenza', (SELECT count(*) FROM dossier_data.notice_text WHERE language = 'it' AND body ~* '\mutenz[ae]\M'), 0::bigint);
    PERFORM t.eq('lei', (SELECT count(*) FROM dossier_data.notice_text WHERE language = 'it' AND body ~ '\m(lei|tu|tuo|tua|tuoi|tue)\M|i suoi dati'), 0::bigint);
    PERFORM t.eq('texts', (SELECT count(*) FROM dossier_data.notice_text WHERE language = 'it' AND body LIKE '%Suoi d%'), 2::bigint);
END $t$);
