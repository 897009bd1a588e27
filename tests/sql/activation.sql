SELECT t.test('patient_list: one''s own first, then relatives; age in Rome; nothing of others', $t$
DECLARE
    v_one t.person := t.account(1);
    v_two t.person := t.account(2);
    v_answer jsonb;
BEGIN
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, created_at)
    VALUES (v_one.account::uuid, v_two.patient::uuid, 'relative', 'delegate', now() - interval '1 day');
    UPDATE dossier_data.patient SET birth_date = ((now() AT TIME ZONE 'Europe/Rome')::date - interval '18 years' + interval '1 day')::date WHERE id = v_one.patient::uuid;
    UPDATE dossier_data.patient SET birth_date = NULL WHERE id = v_two.patient::uuid;
    v_answer := t.expect('ok', 'patient_list', jsonb_build_object('account_id', v_one.account));
    PERFORM t.has(v_answer, 'outcome patients');
    PERFORM t.has(v_answer -> 'patients' -> 0, 'id relation role first_name last_name codice_fiscale birth_date age handover_at dossier other_readers new_documents');
    PERFORM t.eq('who', (SELECT string_agg(concat_ws(' ', x ->> 'relation', coalesce(x ->> 'age', 'unknown'), x ->> 'dossier', x ->> 'new_documents'), ', ' ORDER BY n)
        FROM jsonb_array_elements(v_answer -> 'patients') WITH ORDINALITY AS y (x, n)), 'self 17 inactive 0, relative unknown inactive 0');
    PERFORM t.eq('of two', jsonb_array_length(t.call('patient_list', jsonb_build_object('account_id', v_two.account)) -> 'patients'), 1);
    PERFORM t.eq('of nobody', t.call('patient_list', jsonb_build_object('account_id', gen_random_uuid())) -> 'patients', '[]');
END $t$);

SELECT t.test('activate: a code of a key that is not there is no wrong one, and one of a lost key is no longer good', $t$
DECLARE
    v_person t.person := t.account(1);
    v_body jsonb := t.activation(v_person);
    v_macs jsonb := v_body -> 'macs';
    v_answer jsonb;
BEGIN
    FOR i IN 1..7 LOOP
        PERFORM t.expect('ok', 'activation_begin', v_body);
        v_answer := t.expect('unavailable', 'activation_complete', v_body || '{"macs": {"other": "00"}}');
    END LOOP;
    PERFORM t.eq('which', v_answer ->> 'key_id', (SELECT key_id FROM dossier_data.activation_code));
    PERFORM t.expect('ok', 'activation_begin', v_body);
    PERFORM t.expect('activation_expired', 'activation_complete', v_body || jsonb_build_object('macs', '{"other": "00"}' || jsonb_build_object(v_answer ->> 'key_id', NULL)));
    PERFORM t.expect('activation_wrong', 'activation_complete', v_body || jsonb_build_object('macs', '{"other": "00"}' || jsonb_build_object(v_answer ->> 'key_id', '00')));
    PERFORM t.expect('ok', 'activation_complete', v_body);
END $t$);

SELECT t.test('ages: a birthday on 29 February is on 1 March', $t$
BEGIN
    PERFORM t.eq('ages', (SELECT string_agg(extract(year FROM age(d::timestamp, '2004-02-29'::timestamp))::text, ' ' ORDER BY d)
        FROM unnest('{2022-02-28,2022-03-01,2024-02-28,2024-02-29}'::date[]) d), '17 18 19 20');
END $t$);

SELECT t.test('activate: ok, once; the same code of the same account again', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb;
BEGIN
    PERFORM t.has(t.expect('ok', 'activation_begin', t.activation(v_person)), 'outcome codici_fiscali');
    v_answer := t.expect('ok', 'activation_complete', t.activation(v_person));
    PERFORM t.has(v_answer, 'outcome patient');
    PERFORM t.eq('patient', v_answer -> 'patient', t.call('patient_list', t.mine(v_person)) -> 'patients' -> 0);
    PERFORM t.eq('state', v_answer -> 'patient' ->> 'dossier', 'active');
    PERFORM t.eq('consent', (SELECT count(*) FROM dossier_data.consent WHERE kind = 'dossier' AND version = '2026-01'), 1::bigint);
    PERFORM t.eq('audit', t.audited(2), 'dossier_activated ok, consent_given ok');
    PERFORM t.eq('again', t.call('activation_complete', t.activation(v_person)), v_answer);
    PERFORM t.eq('consents', (SELECT count(*) FROM dossier_data.consent WHERE kind = 'dossier'), 1::bigint);
    PERFORM t.eq('tries left behind', (SELECT hits FROM dossier_data.throttle WHERE scope = 'activation_wrong'), '{}');
END $t$);

SELECT t.test('activate: unknown code, wrong pair, another''s codice fiscale are one refusal', $t$
DECLARE
    v_one t.person := t.account(1);
    v_two t.person := t.account(2);
    v_change jsonb;
BEGIN
    FOR v_change IN SELECT jsonb_array_elements(jsonb_build_array(
            '{"macs": {"k1": "unknown"}}'::jsonb,
            '{"macs": {"k0": "activation 1", "k1": "unknown"}}'::jsonb, -- under another key
            '{"macs": {"k1": "activation 2"}}'::jsonb, -- another patient's code
            jsonb_build_object('codice_fiscale', t.cf(2)),
            jsonb_build_object('codice_fiscale', t.cf(2), 'macs', '{"k1": "activation 2"}'::jsonb),
            jsonb_build_object('codice_fiscale', t.cf(9)))) LOOP
        PERFORM t.has(t.expect('activation_wrong', 'activation_complete', t.activation(v_one, v_change)), 'outcome');
    END LOOP;
    PERFORM t.eq('used codes', (SELECT count(*) FROM dossier_data.activation_code WHERE used_at IS NOT NULL), 0::bigint);
    PERFORM t.eq('audit', t.audited(1), 'dossier_activated activation_wrong');
END $t$);

SELECT t.test('activate and activation_begin: not_found for a patient who is not the account''s', $t$
DECLARE
    v_one t.person := t.account(1);
    v_two t.person := t.account(2);
    v_body jsonb := t.activation(v_two) || jsonb_build_object('account_id', v_one.account);
BEGIN
    PERFORM t.expect('not_found', 'activation_begin', v_body);
    PERFORM t.expect('not_found', 'activation_complete', v_body);
    PERFORM t.expect('not_found', 'activation_complete', t.activation(v_one, jsonb_build_object('patient_id', gen_random_uuid())));
END $t$);

SELECT t.test('activate: notice_outdated tells the current version and costs no try', $t$
DECLARE
    v_person t.person := t.account(1);
    v_consent text;
BEGIN
    FOREACH v_consent IN ARRAY '{"{\"notice\":\"dossier\",\"version\":\"2025-01\"}","{\"notice\":\"portal\",\"version\":\"2026-01\"}",null,"{}"}'::text[] LOOP
        PERFORM t.expect('ok', 'activation_begin', t.activation(v_person));
        PERFORM t.eq('answer', t.call('activation_complete', t.activation(v_person, jsonb_build_object('consent', v_consent::jsonb))),
            '{"outcome": "notice_outdated", "current": "2026-01"}');
    END LOOP;
    PERFORM t.eq('tries', (SELECT hits FROM dossier_data.throttle WHERE scope = 'activation_wrong'), '{}');
END $t$);

SELECT t.test('activate: activation_used by another account, activation_expired', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.account(2);
    v_three t.person := t.account(3);
BEGIN
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role) VALUES (v_two.account::uuid, v_one.patient::uuid, 'relative', 'delegate');
    PERFORM t.has(t.expect('activation_used', 'activation_complete', t.activation(v_one, jsonb_build_object('account_id', v_two.account))), 'outcome');
    UPDATE dossier_data.activation_code SET expires_at = now();
    PERFORM t.expect('activation_used', 'activation_complete', t.activation(v_one, jsonb_build_object('account_id', v_two.account)));
    PERFORM t.has(t.expect('activation_expired', 'activation_complete', t.activation(v_three)), 'outcome');
    UPDATE dossier_data.activation_code SET expires_at = now() + interval '1 second';
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_three));
END $t$);

SELECT t.test('five wrong per account and hour; the right one is not counted', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb;
BEGIN
    FOR i IN 1..5 LOOP
        PERFORM t.expect('ok', 'activation_begin', t.activation(v_person));
        PERFORM t.expect('activation_wrong', 'activation_complete', t.activation(v_person, '{"macs": {"k1": "unknown"}}'));
    END LOOP;
    v_answer := t.expect('throttled', 'activation_begin', t.activation(v_person));
    PERFORM t.has(v_answer, 'outcome retry_after limit');
    PERFORM t.eq('limit', v_answer -> 'limit', '5');
    PERFORM t.wait('an hour', v_answer ->> 'retry_after', 3600);
    PERFORM t.eq('audit', t.audited(1), 'dossier_activated throttled');
    UPDATE dossier_data.throttle SET hits = ARRAY(SELECT h - interval '1 hour' FROM unnest(hits) h);
    FOR i IN 1..4 LOOP
        PERFORM t.expect('ok', 'activation_begin', t.activation(v_person));
    END LOOP;
    FOR i IN 1..9 LOOP
        PERFORM t.expect('ok', 'activation_begin', t.activation(v_person));
        PERFORM t.expect('ok', 'activation_complete', t.activation(v_person));
    END LOOP;
END $t$);

SELECT t.test('documents published before the activation are visible after it', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    PERFORM t.eq('alerts', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents'), 0::bigint);
    PERFORM t.expect('dossier_inactive', 'document_list', t.mine(v_person));
    PERFORM t.eq('new', t.expect('ok', 'activation_complete', t.activation(v_person)) -> 'patient' -> 'new_documents', '1');
    PERFORM t.eq('documents', jsonb_array_length(t.expect('ok', 'document_list', t.mine(v_person)) -> 'documents'), 1);
END $t$);
