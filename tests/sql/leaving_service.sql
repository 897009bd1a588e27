CREATE FUNCTION t.switch(p t.person, p_enabled boolean) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.mine(p, jsonb_build_object('enabled', p_enabled, 'proof', t.typed(p)))
$$;

SELECT t.test('service: disabled, nothing is shown and nothing announced; enabled, what is within its days', $t$
DECLARE
    v_person t.person := t.active(1);
    v_id text := t.call('publication_complete', t.document(1)) ->> 'id';
    v_answer jsonb;
BEGIN
    PERFORM t.call('publication_complete', t.document(1, 'b', '{}', '{"external_id": "R-78"}'));
    v_answer := t.expect('ok', 'leaving_service_set', t.switch(v_person, false));
    PERFORM t.has(v_answer, 'outcome patient');
    PERFORM t.eq('state', v_answer -> 'patient' ->> 'dossier', 'disabled');
    PERFORM t.eq('new', v_answer -> 'patient' -> 'new_documents', '0');
    PERFORM t.eq('audit', t.audited(1), 'service_disabled ok');
    PERFORM t.eq('alerts', (SELECT string_agg(DISTINCT state || gathering, ' ') FROM dossier_data.outbox WHERE template = 'new_documents'), 'cancelledfalse');
    PERFORM t.eq('told', (SELECT string_agg(channel || ' ' || state, ' ') FROM dossier_data.outbox WHERE template = 'service_disabled'), 'mail queued');
    PERFORM t.expect('dossier_disabled', 'document_list', t.mine(v_person));
    PERFORM t.expect('dossier_disabled', 'document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.call('publication_complete', t.document(1, 'c', '{}', '{"external_id": "R-79"}'));
    PERFORM t.eq('no new alert', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents' AND state = 'queued'), 0::bigint);
    UPDATE dossier_data.document SET expires_at = now() WHERE external_id = 'R-78';
    v_answer := t.expect('ok', 'leaving_service_set', t.switch(v_person, true));
    PERFORM t.eq('state', concat_ws(' ', v_answer -> 'patient' ->> 'dossier', v_answer -> 'patient' ->> 'new_documents'), 'active 2');
    PERFORM t.eq('audit', t.audited(1), 'service_enabled ok');
    PERFORM t.eq('shown', jsonb_array_length(t.expect('ok', 'document_list', t.mine(v_person)) -> 'documents'), 2);
END $t$);

SELECT t.test('service: the same again changes nothing and tells nobody', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.expect('ok', 'leaving_service_set', t.switch(v_person, true));
    PERFORM t.expect('ok', 'leaving_service_set', t.switch(v_person, false));
    PERFORM t.expect('ok', 'leaving_service_set', t.switch(v_person, false));
    PERFORM t.eq('told', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'service_disabled'), 1::bigint);
    PERFORM t.eq('lines', (SELECT string_agg(action, ' ' ORDER BY id) FROM dossier_data.audit WHERE action LIKE 'service%' AND account_id = v_person.account::uuid), 'service_disabled');
END $t$);

SELECT t.test('service: an alert stays that another dossier still has cause for', $t$
DECLARE
    v_person t.person := t.active(1);
    v_child t.person := t.account(2);
BEGIN
    PERFORM t.relative(v_person, v_child.patient);
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.call('publication_complete', t.document(2, 'b', '{}', '{"external_id": "R-78"}'));
    PERFORM t.expect('ok', 'leaving_service_set', t.switch(v_person, false));
    PERFORM t.eq('alerts', (SELECT string_agg(state, ' ') FROM dossier_data.outbox WHERE template = 'new_documents'), 'queued queued');
    PERFORM t.expect('ok', 'leaving_service_set', t.switch((1, v_person.account, v_child.patient, NULL)::t.person, false));
    PERFORM t.eq('alerts', (SELECT string_agg(state, ' ') FROM dossier_data.outbox WHERE template = 'new_documents'), 'cancelled cancelled');
END $t$);

SELECT t.test('service: one''s own dossiers only, opened ones, with the password', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.account(2);
BEGIN
    PERFORM t.expect('password_required', 'leaving_service_set', t.switch(v_person, false) - 'proof');
    PERFORM t.eq('audit', t.audited(1), 'service_disabled password_required');
    PERFORM t.expect('dossier_inactive', 'leaving_service_set', t.switch(v_other, false));
    PERFORM t.expect('not_found', 'leaving_service_set', t.switch(v_person, false) || jsonb_build_object('patient_id', v_other.patient));
    PERFORM t.eq('states', (SELECT string_agg(state, ' ' ORDER BY state) FROM dossier_data.dossier), 'active inactive');
END $t$);
