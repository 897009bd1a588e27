CREATE FUNCTION t.wipe(p t.person) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.mine(p, jsonb_build_object('proof', t.typed(p)))
$$;

SELECT t.test('wipe: what the dossier shows loses key and words, and its file may go', $t$
DECLARE
    v_person t.person := t.active(1);
    v_one jsonb := t.document(1);
    v_two jsonb := t.document(1, 'b', '{}', '{"external_id": "R-78"}');
    v_answer jsonb;
BEGIN
    PERFORM t.call('publication_complete', v_one);
    PERFORM t.call('publication_complete', v_two);
    v_answer := t.expect('ok', 'leaving_documents_wipe', t.wipe(v_person));
    PERFORM t.has(v_answer, 'outcome obsolete');
    PERFORM t.eq('files', (SELECT count(*) FROM jsonb_array_elements(v_answer -> 'obsolete') o
        WHERE o IN (v_one -> 'receipt' -> 'object_id', v_two -> 'receipt' -> 'object_id')), 2::bigint);
    PERFORM t.eq('rows', (SELECT string_agg(concat_ws(' ', wrapped_key, title, author, deleted_at = now()), ' ') FROM dossier_data.document), 't t');
    PERFORM t.eq('live', t.call('vault_live', jsonb_build_object('objects', v_answer -> 'obsolete')) -> 'live', '[]');
    PERFORM t.eq('state', t.call('publication_get', v_one) ->> 'state', 'deleted_by_patient');
    PERFORM t.eq('alerts', (SELECT string_agg(DISTINCT state, ' ') FROM dossier_data.outbox WHERE template = 'new_documents'), 'cancelled');
    PERFORM t.eq('audit', t.audited(3), 'documents_wiped ok, document_deleted ok, document_deleted ok');
    PERFORM t.eq('again', t.expect('ok', 'leaving_documents_wipe', t.wipe(v_person)) -> 'obsolete', '[]');
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('state stays', t.call('publication_get', v_one) ->> 'state', 'deleted_by_patient');
END $t$);

SELECT t.test('wipe: one patient''s documents only, and none that have ended otherwise', $t$
DECLARE
    v_person t.person := t.active(1);
    v_child t.person := t.account(2);
    v_body jsonb := t.document(1, 'b', '{}', '{"external_id": "withdrawn"}');
BEGIN
    PERFORM t.relative(v_person, v_child.patient);
    PERFORM t.call('publication_complete', t.document(2));
    PERFORM t.call('publication_complete', t.document(1, 'a', '{}', '{"external_id": "expired"}'));
    PERFORM t.call('publication_complete', v_body);
    PERFORM t.call('publication_withdraw', v_body);
    UPDATE dossier_data.document SET expires_at = now() WHERE external_id = 'expired';
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.wipe(v_person));
    PERFORM t.eq('states', (SELECT string_agg(external_id || ' ' || dossier_lib.document_state_of(d), ', ' ORDER BY external_id) FROM dossier_data.document d),
        'R-77 published, expired expired, withdrawn withdrawn');
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.wipe((1, v_person.account, v_child.patient, NULL)::t.person));
    PERFORM t.eq('the relative''s', t.call('publication_get', t.document(2)) ->> 'state', 'deleted_by_patient');
END $t$);

SELECT t.test('wipe: one''s own dossiers only, opened ones, with the password', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.account(2);
BEGIN
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.expect('password_required', 'leaving_documents_wipe', t.mine(v_person));
    PERFORM t.expect('dossier_inactive', 'leaving_documents_wipe', t.wipe(v_other));
    PERFORM t.expect('not_found', 'leaving_documents_wipe', t.wipe(v_other) || jsonb_build_object('patient_id', v_person.patient));
    PERFORM t.eq('audit', t.audited(1), 'documents_wiped not_found');
    PERFORM t.eq('state', t.call('publication_get', t.document(1)) ->> 'state', 'published');
END $t$);

CREATE FUNCTION t.told_loss(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', x ->> 'actor', x ->> 'patient_id' = p.patient, x ->> 'address', x ->> 'document_title'), ', '), 'nothing')
    FROM jsonb_array_elements(t.expect('ok', 'activity_list', jsonb_build_object('account_id', p.account)) -> 'activity') x
    WHERE x ->> 'action' = 'documents_wiped_by_another'
$$;

CREATE FUNCTION t.other_readers(p t.person) RETURNS int LANGUAGE sql AS $$
    SELECT (x ->> 'other_readers')::int FROM jsonb_array_elements(
        t.expect('ok', 'patient_list', jsonb_build_object('account_id', p.account)) -> 'patients') x WHERE x ->> 'id' = p.patient
$$;

SELECT t.test('wipe: who else reads these reports is counted before, and told afterwards, without names', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_three t.person := t.active(4);
    v_child t.person := t.account(3);
    v_mine t.person := (1, v_one.account, v_child.patient, NULL)::t.person;
    v_theirs t.person := (2, v_two.account, v_child.patient, NULL)::t.person;
    v_added t.person := (4, v_three.account, v_child.patient, NULL)::t.person;
BEGIN
    PERFORM t.relative(v_one, v_child.patient);
    PERFORM t.eq('nobody', t.other_readers(v_mine), 0);
    PERFORM t.relative(v_two, v_child.patient);
    PERFORM t.relative(v_three, v_child.patient);
    UPDATE dossier_data.dossier SET state = 'inactive', activated_at = NULL
    WHERE account_id = v_three.account::uuid AND patient_id = v_child.patient::uuid;
    PERFORM t.eq('one', t.other_readers(v_mine), 1);
    PERFORM t.eq('not to whoever only typed the person', t.other_readers(v_added), 0);
    PERFORM t.eq('one''s own', t.other_readers(v_one), 0);
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.wipe(v_mine));
    PERFORM t.eq('there was nothing to lose', t.told_loss(v_theirs), 'nothing');
    PERFORM t.call('publication_complete', t.document(3));
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.wipe(v_mine));
    PERFORM t.eq('the other', t.told_loss(v_theirs), 'somebody t');
    PERFORM t.eq('who did it', t.told_loss(v_mine), 'nothing');
    PERFORM t.eq('who is not in yet', t.told_loss(v_added), 'nothing');
    PERFORM t.eq('nothing leads from one to the other', (SELECT count(*) FROM dossier_data.audit
        WHERE account_id = v_two.account::uuid AND v_one.account::uuid IN (actor_id, object_id)), 0::bigint);
    UPDATE dossier_data.dossier SET state = 'disabled' WHERE account_id = v_two.account::uuid AND patient_id = v_child.patient::uuid;
    PERFORM t.eq('switched off', t.other_readers(v_mine), 0);
END $t$);

SELECT t.test('wipe: nobody is told of reports that were the patient''s alone, or withdrawn', $t$
DECLARE
    v_person t.person := t.active(1);
    v_delegate t.person := t.active(2);
    v_theirs t.person := (2, v_delegate.account, v_person.patient, NULL)::t.person;
    v_back jsonb := t.document(1, 'b', '{}', '{"external_id": "R-78"}');
BEGIN
    PERFORM t.relative(v_delegate, v_person.patient);
    PERFORM t.call('publication_complete', t.document(1));
    UPDATE dossier_data.document SET class = 'abortion';
    PERFORM t.call('publication_complete', v_back);
    PERFORM t.call('publication_withdraw', v_back);
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.wipe(v_person));
    PERFORM t.eq('the delegate', t.told_loss(v_theirs), 'nothing');
END $t$);

SELECT t.test('deletion: who reads the holder''s reports is told that they are gone', $t$
DECLARE
    v_person t.person := t.active(1);
    v_delegate t.person := t.active(2);
    v_theirs t.person := (2, v_delegate.account, v_person.patient, NULL)::t.person;
BEGIN
    PERFORM t.relative(v_delegate, v_person.patient);
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account, 'proof', t.typed(v_person)));
    PERFORM t.eq('gone', t.call('publication_get', t.document(1)) ->> 'state', 'deleted_by_patient');
    PERFORM t.eq('the delegate', t.told_loss(v_theirs), 'somebody t');
END $t$);

SELECT t.test('deletion: all that belongs to the account goes, and leaves nothing that leads to the person', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
    v_id text;
BEGIN
    v_id := t.call('publication_complete', t.document(1)) ->> 'id';
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.login('mobile', t.mobile(1), false);
    v_answer := t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account, 'proof', t.typed(v_person)));
    PERFORM t.has(v_answer, 'outcome obsolete');
    PERFORM t.eq('files', jsonb_array_length(v_answer -> 'obsolete'), 1);
    PERFORM t.eq('rows', (SELECT concat_ws(' ', (SELECT count(*) FROM dossier_data.account), (SELECT count(*) FROM dossier_data.dossier),
        (SELECT count(*) FROM dossier_data.session), (SELECT count(*) FROM dossier_data.registration), (SELECT count(*) FROM dossier_data.verification_code),
        (SELECT count(*) FROM dossier_data.login_attempt), (SELECT count(*) FROM dossier_data.password_proof), (SELECT count(*) FROM dossier_data.audit_alias))), '0 0 0 0 0 0 0 0');
    PERFORM t.eq('messages', (SELECT string_agg(concat_ws(' ', template, channel, recipient, account_id), ', ') FROM dossier_data.outbox), 'account_deleted mail p1@example.org');
    PERFORM t.eq('code', (SELECT concat_ws(' ', used_at IS NOT NULL, used_by) FROM dossier_data.activation_code), 't');
    PERFORM t.eq('counters', (SELECT count(*) FROM dossier_data.throttle WHERE subject = v_person.account), 0::bigint);
    PERFORM t.eq('consents', (SELECT string_agg(concat_ws(' ', kind, account_id = v_person.account::uuid, unlinked_at = now(),
        EXISTS (SELECT FROM dossier_data.patient t WHERE t.id = patient_id)), ', ' ORDER BY kind) FROM dossier_data.consent), 'dossier t t f, portal t t f');
    PERFORM t.eq('reading', (SELECT concat_ws(' ', document_id = v_id::uuid, account_id <> v_person.account::uuid) FROM dossier_data.document_reading), 't t');
    PERFORM t.eq('desk', t.call('publication_get', t.document(1)) ->> 'read', 'true');
    PERFORM t.eq('lines that lead on', (SELECT count(*) FROM dossier_data.audit a WHERE a.account_id = v_person.account::uuid
        AND (EXISTS (SELECT FROM dossier_data.patient WHERE id IN (a.patient_id, a.object_id)) OR EXISTS (SELECT FROM dossier_data.document WHERE id = a.object_id)
            OR EXISTS (SELECT FROM dossier_data.acceptance WHERE id = a.object_id))), 0::bigint);
    PERFORM t.eq('lines', (SELECT count(*) > 8 FROM dossier_data.audit a WHERE a.account_id = v_person.account::uuid), true);
    PERFORM t.eq('one person in them and in the consents', (SELECT count(DISTINCT patient_id) FROM (
        SELECT patient_id FROM dossier_data.audit WHERE account_id = v_person.account::uuid AND patient_id IS NOT NULL
        UNION ALL SELECT patient_id FROM dossier_data.consent) p), 1::bigint);
    PERFORM t.expect('unauthenticated', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account, 'proof', gen_random_uuid()));
    PERFORM t.expect('unauthenticated', 'password_begin', jsonb_build_object('account_id', v_person.account));
END $t$);

-- Person n as a patient of the desk's, who has no account.
CREATE FUNCTION t.patient(n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(n));
    RETURN (SELECT id FROM dossier_data.patient WHERE codice_fiscale = t.cf(n));
END
$$;

SELECT t.test('deletion: a relative''s documents stay while another account keeps them', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_child t.person := (3, NULL, t.patient(3), NULL)::t.person;
BEGIN
    PERFORM t.relative(v_one, v_child.patient);
    PERFORM t.relative(v_two, v_child.patient);
    PERFORM t.call('publication_complete', t.document(3));
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_one.account, 'proof', t.typed(v_one)));
    PERFORM t.eq('kept by the other', t.call('publication_get', t.document(3)) ->> 'state', 'published');
    PERFORM t.eq('and readable', jsonb_array_length(t.expect('ok', 'document_list', t.mine((2, v_two.account, v_child.patient, NULL)::t.person)) -> 'documents'), 1);
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_two.account, 'proof', t.typed(v_two)));
    PERFORM t.eq('kept by nobody', t.call('publication_get', t.document(3)) ->> 'state', 'deleted_by_patient');
END $t$);

SELECT t.test('deletion: a relative''s documents stay for the patient who has an account, the dossier not opened yet', $t$
DECLARE
    v_delegate t.person := t.active(1);
    v_patient t.person := t.account(2);
BEGIN
    PERFORM t.relative(v_delegate, v_patient.patient);
    PERFORM t.call('publication_complete', t.document(2));
    PERFORM t.eq('no file goes', t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_delegate.account, 'proof', t.typed(v_delegate))) -> 'obsolete', '[]');
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_patient));
    PERFORM t.eq('found', jsonb_array_length(t.expect('ok', 'document_list', t.mine(v_patient)) -> 'documents'), 1);
END $t$);

SELECT t.test('deletion: with the password only, and the person can come again', $t$
DECLARE
    v_person t.person := t.active(1);
    v_new text;
BEGIN
    PERFORM t.expect('password_required', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account));
    PERFORM t.eq('audit', t.audited(1), 'account_deleted password_required');
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account, 'proof', t.typed(v_person)));
    PERFORM t.later('2 minutes');
    v_new := t.expect('created', 'registration_complete', t.proof(t.expect('ok', 'registration_start', t.registration(1)) ->> 'id')) -> 'account' ->> 'id';
    PERFORM t.expect('activation_used', 'activation_complete', t.activation((1, v_new, v_person.patient, NULL)::t.person));
    PERFORM t.eq('consents', jsonb_array_length(t.call('consent_list', jsonb_build_object('account_id', v_new)) -> 'consents'), 1);
END $t$);

SELECT t.test('purge: consents of deleted accounts go when they have been kept long enough', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
BEGIN
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_person.account, 'proof', t.typed(v_person)));
    UPDATE dossier_data.consent SET unlinked_at = unlinked_at - interval '24 months' + interval '1 day';
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('kept', (SELECT count(*) FROM dossier_data.consent), 4::bigint);
    UPDATE dossier_data.consent SET unlinked_at = unlinked_at - interval '2 days';
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('left', (SELECT count(*) FROM dossier_data.consent WHERE account_id = v_other.account::uuid), 2::bigint);
    PERFORM t.eq('all', (SELECT count(*) FROM dossier_data.consent), 2::bigint);
END $t$);

SELECT t.test('whatever refers to an account goes with it or lets it go', $t$
BEGIN
    PERFORM t.eq('references that would keep an account', (SELECT string_agg(conname, ' ') FROM pg_constraint
        WHERE confrelid = 'dossier_data.account'::regclass AND confdeltype NOT IN ('c', 'n')), NULL);
END $t$);

SELECT t.test('the audit names patients, documents and visits by names that belong to the account', $t$
DECLARE
    v_person t.person := t.active(1);
    v_alias uuid;
BEGIN
    SELECT dossier_lib.audit_name(v_person.account::uuid, v_person.patient::uuid) INTO v_alias;
    PERFORM t.eq('another', v_alias <> v_person.patient::uuid, true);
    PERFORM t.eq('the same', dossier_lib.audit_name(v_person.account::uuid, v_person.patient::uuid), v_alias);
    PERFORM t.eq('back', dossier_lib.audit_subject(v_alias), v_person.patient::uuid);
    PERFORM t.eq('a session', dossier_lib.audit_name(v_person.account::uuid, v_person.session::uuid), v_person.session::uuid);
    PERFORM t.eq('no account', dossier_lib.audit_name(NULL, v_person.patient::uuid), v_person.patient::uuid);
    PERFORM t.eq('an account that is gone names nobody', dossier_lib.audit_name(gen_random_uuid(), v_person.patient::uuid) = v_person.patient::uuid, false);
END $t$);
