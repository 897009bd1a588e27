-- The Italian rules on what may be online, and the days a document has.

CREATE FUNCTION t.meta(p_meta jsonb, p_bytes text DEFAULT 'bytes') RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.document(1, p_bytes, p_meta)
$$;

-- Everything person p can see or be told: list, count, alerts, and what each id answers.
CREATE FUNCTION t.view(p t.person, p_patient text DEFAULT NULL) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_patient text := coalesce(p_patient, p.patient);
    v_key jsonb := jsonb_build_object('account_id', p.account, 'patient_id', v_patient, 'limit', 50);
BEGIN
    RETURN jsonb_build_object('list', t.call('document_list', v_key),
        'count', (SELECT x -> 'new_documents' FROM jsonb_array_elements(t.call('patient_list', v_key) -> 'patients') x
                  WHERE x ->> 'id' = v_patient),
        'alerts', (SELECT count(*) FROM dossier_data.outbox WHERE account_id = p.account::uuid AND template <> 'verification_code'),
        'each', (SELECT jsonb_agg(t.outcome('document_get', v_key || jsonb_build_object('document_id', d.id)))
                 FROM dossier_data.document d));
END
$$;

CREATE FUNCTION t.nothing() RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{"list": {"outcome": "ok", "documents": [], "next": null}, "count": 0, "alerts": 0, "each": ["not_found"]}'::jsonb
$$;

CREATE FUNCTION t.waiting() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(state, ' ' ORDER BY state), 'none') FROM dossier_data.outbox WHERE template = 'new_documents'
$$;

-- Person n sees the dossier of person p as a relative's.
CREATE FUNCTION t.holder(n int, p t.person) RETURNS t.person LANGUAGE plpgsql AS $$
DECLARE
    v_holder t.person := t.active(n);
BEGIN
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state)
    VALUES (v_holder.account::uuid, p.patient::uuid, 'relative', 'delegate', 'active');
    RETURN v_holder;
END
$$;

-- The passage of time for the only document.
CREATE FUNCTION t.pass(p_by interval) RETURNS void LANGUAGE sql AS $$
    UPDATE dossier_data.document SET created_at = created_at - p_by, published_at = published_at - p_by,
        expires_at = expires_at - p_by, last_call_at = last_call_at - p_by, hold_until = hold_until - p_by;
    UPDATE dossier_data.outbox SET created_at = created_at - p_by;
$$;

CREATE FUNCTION t.release(p jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.meta('{}') || '{"retention_days": 60}' || p
$$;

SELECT t.test('genetic reports are refused, before and with the bytes, and nothing is stored', $t$
DECLARE
    v_person t.person := t.active(1);
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY '{publication_prepare,publication_complete}'::text[] LOOP
        PERFORM t.has(t.expect('document_genetic', v_function, t.meta('{"class": "genetic"}')), 'outcome');
        PERFORM t.eq('audit', t.audited(1), 'document_published document_genetic');
    END LOOP;
    PERFORM t.eq('documents', (SELECT count(*) FROM dossier_data.document), 0::bigint);
    PERFORM t.expect('created', 'publication_complete', t.meta('{}'));
    PERFORM t.expect('document_genetic', 'publication_complete', t.meta('{"class": "genetic"}'));
    PERFORM t.eq('class', (SELECT class FROM dossier_data.document), 'ordinary');
END $t$);

SELECT t.test('online pick-up is optional per acceptance: the desk says no, and nothing is taken', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.acceptance(1, '{"online_pickup": false}');
    v_document jsonb := t.meta('{"acceptance": "A-1"}');
    v_function text;
BEGIN
    PERFORM t.eq('answer', t.expect('ok', 'acceptance_put', v_body) -> 'online_pickup', 'false');
    PERFORM t.eq('again', t.expect('ok', 'acceptance_put', v_body) -> 'changed', 'false');
    PERFORM t.eq('not said', t.expect('ok', 'acceptance_put', t.acceptance(1)) -> 'online_pickup', 'false');
    FOREACH v_function IN ARRAY '{publication_prepare,publication_complete}'::text[] LOOP
        PERFORM t.has(t.expect('online_pickup_declined', v_function, v_document), 'outcome');
    END LOOP;
    PERFORM t.expect('acceptance_mismatch', 'publication_complete', t.document(2, 'b', '{"acceptance": "A-1"}'))
    FROM t.account(2);
    PERFORM t.eq('documents', (SELECT count(*) FROM dossier_data.document), 0::bigint);
    PERFORM t.eq('yes', t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}')) -> 'online_pickup', 'true');
    PERFORM t.expect('created', 'publication_complete', v_document);
END $t$);

SELECT t.test('the patient opts out of one exam after joining, and in again; the last word counts', $t$
DECLARE
    v_person t.person := t.active(1);
    v_list jsonb := t.expect('ok', 'pickup_list', t.mine(v_person)) -> 'acceptances';
    v_set jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.eq('acceptances', jsonb_array_length(v_list), 1);
    PERFORM t.has(v_list -> 0, 'id facility created_at online_pickup');
    v_set := t.mine(v_person, jsonb_build_object('acceptance_id', v_list -> 0 -> 'id'));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1"}'));
    DELETE FROM dossier_data.outbox;
    v_answer := t.expect('ok', 'pickup_set', v_set || '{"online_pickup": false}');
    PERFORM t.eq('answer', v_answer -> 'acceptance', (v_list -> 0) || '{"online_pickup": false}');
    PERFORM t.eq('audit', t.audited(1), 'online_pickup_set ok');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.eq('desk', t.call('publication_get', t.meta('{}')) ->> 'state', 'declined');
    PERFORM t.expect('online_pickup_declined', 'publication_complete', t.meta('{"acceptance": "A-1"}', 'other'));
    -- the desk's system repeats itself
    PERFORM t.eq('desk', t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true, "email": null}')) -> 'online_pickup', 'false');
    PERFORM t.expect('ok', 'pickup_set', v_set || '{"online_pickup": true}');
    PERFORM t.eq('again', t.view(v_person) -> 'count', '1');
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.eq('the desk''s new word', t.view(v_person) -> 'count', '0');
END $t$);

SELECT t.test('a declined visit: what names no acceptance is refused, from any facility; what names another one is taken', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other jsonb := jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'), 'external_id', 'A-s', 'facility', 'citta-di-suzzara',
        'activation', '{"key_id": "k1", "mac": "s"}'::jsonb);
    v_elsewhere jsonb := jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'));
    v_function text;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'before', '{}', '{"external_id": "R-1"}'));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, v_other));
    FOREACH v_function IN ARRAY '{publication_prepare,publication_complete}'::text[] LOOP
        PERFORM t.has(t.expect('acceptance_needed', v_function, t.meta('{}')), 'outcome');
        PERFORM t.eq('audit', t.audited(1), 'document_published acceptance_needed');
        PERFORM t.has(t.expect('acceptance_needed', v_function, t.document(1, 'b', '{"facility": "citta-di-suzzara"}', v_elsewhere)), 'outcome');
    END LOOP;
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'b', '{"facility": "citta-di-suzzara", "acceptance": "A-s"}', v_elsewhere));
    PERFORM t.expect('created', 'publication_complete', t.document(2)) FROM t.account(2); -- nobody else is concerned
    PERFORM t.expect('acceptance_needed', 'publication_complete', t.document(1, 'corrected', '{}', '{"external_id": "R-1"}'));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}'));
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'b', '{}', '{"external_id": "R-2"}'));
END $t$);

SELECT t.test('a visit declined after its documents came without its number: out of sight, until they name another or the visit is online', $t$
DECLARE
    v_person t.person := t.active(1);
    v_declined jsonb := t.acceptance(1, '{"external_id": "A-1b", "online_pickup": false, "activation": {"key_id": "k1", "mac": "1b"}}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{}'));
    PERFORM t.eq('seen', concat_ws(' ', v -> 'count', v -> 'alerts'), '1 2') FROM t.view(v_person) v;
    PERFORM t.expect('created', 'acceptance_put', v_declined); -- the system of the desk comes after the laboratory
    PERFORM t.eq('alerts', t.waiting(), 'cancelled cancelled');
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.eq('desk', t.call('publication_get', t.meta('{}')) ->> 'state', 'declined');
    PERFORM t.expect('online_pickup_declined', 'publication_complete', t.meta('{"acceptance": "A-1b"}'));
    PERFORM t.eq('named', t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1"}')) ->> 'state', 'published');
    PERFORM t.eq('seen, and told of again', concat_ws(' ', v -> 'count', v -> 'alerts'), '1 2') FROM t.view(v_person) v;
    DELETE FROM dossier_data.outbox;
    -- the visit it names now
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}'));
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '1');
END $t$);

SELECT t.test('a declined visit concerns what came seven days before it or later, for a year; the alert goes with the desk''s no', $t$
DECLARE
    v_person t.person := t.active(1);
    v_old jsonb := t.document(1, 'b', '{}', '{"external_id": "R-2"}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_old);
    UPDATE dossier_data.document SET created_at = now() - interval '7 days';
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1"}'));
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id',
        (SELECT id FROM dossier_data.document WHERE external_id = 'R-2'), 'read', true)));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.eq('alerts', t.waiting(), 'cancelled cancelled');
    PERFORM t.eq('the old one', t.call('publication_get', v_old) ->> 'state', 'published');
    PERFORM t.expect('ok', 'publication_prepare', v_old - 'receipt');
    PERFORM t.expect('ok', 'publication_complete', v_old || t.receipt('b'));
    PERFORM t.expect('acceptance_needed', 'publication_complete', v_old || t.receipt('corrected')); -- it comes today
    PERFORM t.expect('acceptance_needed', 'publication_dry_run', v_old || t.receipt('corrected'));
    UPDATE dossier_data.acceptance SET created_at = now() - interval '364 days';
    PERFORM t.expect('acceptance_needed', 'publication_complete', t.document(1, 'b', '{}', '{"external_id": "R-3"}'));
    UPDATE dossier_data.acceptance SET created_at = now() - interval '8760 hours';
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'b', '{}', '{"external_id": "R-3"}'));
END $t$);

SELECT t.test('a wiped history stays wiped when online pick-up is chosen again', $t$
DECLARE
    v_person t.person := t.active(1);
    v_set jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1"}'));
    v_set := t.mine(v_person, jsonb_build_object('acceptance_id', t.call('pickup_list', t.mine(v_person)) -> 'acceptances' -> 0 -> 'id'));
    PERFORM t.expect('ok', 'pickup_set', v_set || '{"online_pickup": false}');
    PERFORM t.eq('files', jsonb_array_length(t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person)))) -> 'obsolete'), 1);
    PERFORM t.eq('keys', (SELECT count(wrapped_key) FROM dossier_data.document), 0::bigint);
    PERFORM t.expect('ok', 'pickup_set', v_set || '{"online_pickup": true}');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '0');
    PERFORM t.eq('desk', t.call('publication_get', t.meta('{}')) ->> 'state', 'deleted_by_patient');
END $t$);

-- Where a patient's visits were by the list, by the export, and what the activity says facilities did.
CREATE FUNCTION t.visits(p t.person, p_patient text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws('; ', coalesce((SELECT string_agg(a -> 'facility' ->> 'id', ', ' ORDER BY a -> 'facility' ->> 'id')
            FROM jsonb_array_elements(t.call('pickup_list', t.mine(p, jsonb_build_object('patient_id', p_patient))) -> 'acceptances') a), '-'),
        coalesce((SELECT string_agg(a ->> 'facility', ', ' ORDER BY a ->> 'facility')
            FROM jsonb_array_elements(t.call('export_begin', t.mine(p)) -> 'data' -> 'acceptances') a WHERE a ->> 'patient_id' = p_patient), '-'),
        coalesce((SELECT string_agg((l ->> 'action') || ' at ' || (l -> 'facility' ->> 'id'), ', ' ORDER BY l ->> 'action', l -> 'facility' ->> 'id')
            FROM jsonb_array_elements(t.call('activity_list', t.mine(p)) -> 'activity') l
            WHERE l ->> 'actor' = 'facility' AND l ->> 'patient_id' = p_patient), '-'))
$$;

SELECT t.test('acceptances: those of one''s own, of a relative where one was at the desk', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_id uuid := (SELECT id FROM dossier_data.acceptance WHERE external_id = 'A-1');
    v_key jsonb := t.mine(v_holder, jsonb_build_object('patient_id', v_person.patient, 'acceptance_id', v_id, 'online_pickup', false));
BEGIN
    PERFORM t.eq('the patient''s number', t.expect('ok', 'pickup_list', v_key) -> 'acceptances', '[]');
    PERFORM t.expect('not_found', 'pickup_set', v_key);
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-1b', 'mobile', t.mobile(2),
        'activation', '{"key_id": "k1", "mac": "1b"}'::jsonb)));
    PERFORM t.eq('one''s own number', jsonb_array_length(t.call('pickup_list', v_key) -> 'acceptances'), 1);
    UPDATE dossier_data.activation_code SET used_at = now(), used_by = v_holder.account::uuid WHERE acceptance_id = v_id;
    PERFORM t.eq('one''s own slip', jsonb_array_length(t.call('pickup_list', v_key) -> 'acceptances'), 2);
    PERFORM t.expect('ok', 'pickup_set', v_key);
    PERFORM t.eq('the patient''s', jsonb_array_length(t.call('pickup_list', t.mine(v_person)) -> 'acceptances'), 2);
    v_key := t.mine(t.active(3), jsonb_build_object('patient_id', v_person.patient, 'acceptance_id', v_id, 'online_pickup', true));
    PERFORM t.expect('not_found', 'pickup_list', v_key);
    PERFORM t.expect('not_found', 'pickup_set', v_key);
    PERFORM t.expect('not_found', 'pickup_set', v_key || jsonb_build_object('patient_id', (SELECT id FROM dossier_data.patient WHERE codice_fiscale = t.cf(3))));
    UPDATE dossier_data.dossier SET state = 'disabled';
    PERFORM t.expect('dossier_disabled', 'pickup_list', t.mine(v_person));
    PERFORM t.expect('dossier_disabled', 'pickup_set', t.mine(v_person, jsonb_build_object('acceptance_id', v_id, 'online_pickup', true)));
    PERFORM t.eq('stays', (SELECT online_pickup FROM dossier_data.acceptance WHERE id = v_id), false);
END $t$);

SELECT t.test('what the patient has declined no relative turns on; the patient and the desk do', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_visit jsonb := jsonb_build_object('external_id', 'V', 'mobile', t.mobile(2), 'activation', '{"key_id": "k1", "mac": "V"}'::jsonb);
    v_mine jsonb;
    v_theirs jsonb;
    v_off jsonb := '{"online_pickup": false}';
    v_on jsonb := '{"online_pickup": true}';
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, v_visit));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "V"}'));
    v_mine := t.mine(v_person, jsonb_build_object('acceptance_id', (SELECT id FROM dossier_data.acceptance WHERE external_id = 'V')));
    v_theirs := v_mine || jsonb_build_object('account_id', v_holder.account);
    PERFORM t.expect('ok', 'pickup_set', v_mine || v_off);
    PERFORM t.expect('not_found', 'pickup_set', v_theirs || v_on);
    PERFORM t.expect('not_found', 'pickup_set', v_theirs || v_off);
    PERFORM t.eq('nothing there', t.expect('ok', 'pickup_list', v_theirs) -> 'acceptances', '[]');
    PERFORM t.eq('told of', t.visits(v_holder, v_person.patient), '-; -; -');
    PERFORM t.eq('nor to read', t.view(v_holder, v_person.patient) -> 'count', '0');
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, v_visit || v_off));
    PERFORM t.expect('not_found', 'pickup_set', v_theirs || v_on);
    PERFORM t.eq('the desk''s yes', t.expect('ok', 'acceptance_put', t.acceptance(1, v_visit || v_on)) -> 'online_pickup', 'true');
    PERFORM t.eq('to read again', t.view(v_holder, v_person.patient) -> 'count', '1');
    -- a relative's no is no more than that, until the patient says it too
    PERFORM t.expect('ok', 'pickup_set', v_theirs || v_off);
    PERFORM t.expect('ok', 'pickup_set', v_theirs || v_on);
    PERFORM t.expect('ok', 'pickup_set', v_theirs || v_off);
    PERFORM t.expect('ok', 'pickup_set', v_mine || v_off);
    PERFORM t.expect('not_found', 'pickup_set', v_theirs || v_on);
    PERFORM t.expect('ok', 'pickup_set', v_mine || v_on);
    PERFORM t.expect('ok', 'pickup_set', v_theirs || v_off);
END $t$);

SELECT t.test('visits: activity and export tell a relative those that the list has, and the patient all', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_elsewhere jsonb := t.acceptance(1, jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'), 'external_id', 'S-1',
        'facility', 'citta-di-suzzara', 'activation', '{"key_id": "k1", "mac": "elsewhere"}'::jsonb));
    v_told text := 'san-pellegrino; san-pellegrino; acceptance_created at san-pellegrino, document_published at citta-di-suzzara';
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-1b', 'mobile', t.mobile(2),
        'activation', '{"key_id": "k1", "mac": "1b"}'::jsonb)));
    PERFORM t.expect('created', 'acceptance_put', v_elsewhere);
    v_elsewhere := v_elsewhere || jsonb_build_object('email', 'another@example.org');
    PERFORM t.expect('ok', 'acceptance_put', v_elsewhere);
    PERFORM t.expect('created', 'acceptance_new_code', v_elsewhere || '{"activation": {"key_id": "k1", "mac": "renewed"}}');
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"facility": "citta-di-suzzara", "acceptance": "S-1"}',
        jsonb_build_object('integrator_id', v_elsewhere -> 'integrator_id')));
    PERFORM t.eq('of a relative', t.visits(v_holder, v_person.patient), v_told);
    PERFORM t.eq('of the patient', t.visits(v_person, v_person.patient), 'citta-di-suzzara, san-pellegrino, san-pellegrino; '
        'citta-di-suzzara, san-pellegrino, san-pellegrino; acceptance_created at citta-di-suzzara, acceptance_created at san-pellegrino, '
        'acceptance_created at san-pellegrino, acceptance_updated at citta-di-suzzara, activation_code_renewed at citta-di-suzzara, '
        'document_published at citta-di-suzzara');
    UPDATE dossier_data.activation_code SET used_at = now(), used_by = v_holder.account::uuid WHERE mac = 'renewed';
    PERFORM t.eq('with its slip', t.visits(v_holder, v_person.patient), 'citta-di-suzzara, san-pellegrino; citta-di-suzzara, san-pellegrino; '
        'acceptance_created at citta-di-suzzara, acceptance_created at san-pellegrino, acceptance_updated at citta-di-suzzara, '
        'activation_code_renewed at citta-di-suzzara, document_published at citta-di-suzzara');
END $t$);

SELECT t.test(format('%s: visible to the patient alone', class), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_id text := t.expect('created', 'publication_complete', t.meta('{"class": "%1$s", "told_by_doctor": true}')) ->> 'id';
    v_key jsonb := t.mine(v_holder, jsonb_build_object('patient_id', v_person.patient, 'document_id', v_id, 'read', true, 'hidden', true));
BEGIN
    PERFORM t.eq('the patient', concat_ws(' ', v -> 'count', v -> 'alerts', v -> 'each' ->> 0), '1 2 ok') FROM t.view(v_person) v;
    PERFORM t.eq('the relative', t.view(v_holder, v_person.patient), t.nothing());
    PERFORM t.expect('not_found', 'document_open', v_key);
    PERFORM t.expect('not_found', 'hiding_set', v_key);
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.expect('not_found', 'document_open', v_key);
    PERFORM t.expect('document_expired', 'document_open', v_key || jsonb_build_object('account_id', v_person.account));
    PERFORM t.call('publication_withdraw', t.meta('{}'));
    PERFORM t.expect('not_found', 'document_open', v_key);
END $t$, class)) FROM unnest('{hiv,abortion,sexual_violence,substances,anonymous_birth,family_counselling}'::text[]) AS class;

SELECT t.test('an HIV report is released only when a doctor has told the patient', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb := t.expect('created', 'publication_complete', t.meta('{"class": "hiv"}'));
    v_untold jsonb := t.meta('{"class": "hiv"}');
BEGIN
    PERFORM t.eq('answer', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at'), 'held null');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.expect('not_told_by_doctor', 'publication_release', t.release());
    PERFORM t.pass('10 days');
    v_answer := t.expect('ok', 'publication_release', t.release('{"told_by_doctor": true}'));
    PERFORM t.eq('released', v_answer - '{id,tag}'::text[], jsonb_build_object('outcome', 'ok', 'external_id', 'R-77', 'version', 1, 'state', 'published',
        'published_at', dossier_lib.rfc3339(now()), 'expires_at', dossier_lib.rfc3339(now() + interval '1440 hours')));
    PERFORM t.eq('seen', concat_ws(' ', v -> 'count', v -> 'alerts'), '1 2') FROM t.view(v_person) v;
    -- said again as it was first: told stays told, of these bytes
    PERFORM t.eq('again', t.expect('ok', 'publication_complete', v_untold) ->> 'state', 'published');
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"class": "hiv"}', 'corrected'));
    PERFORM t.eq('a corrected one', v_answer ->> 'state', 'held');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '0');
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"class": "hiv", "told_by_doctor": true}', 'corrected'));
    PERFORM t.eq('told with it', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'changed'), 'published updated');
END $t$);

SELECT t.test('a published report that proves to be an HIV one is out of sight until it is told', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{}'));
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('state', concat_ws(' ', v ->> 'state', v -> 'published_at', v -> 'held_until'), 'held null null')
    FROM t.expect('ok', 'publication_complete', t.meta('{"class": "hiv"}')) v;
    PERFORM t.eq('desk', t.call('publication_get', t.meta('{}')) -> 'published_at', 'null');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.pass('20 days');
    PERFORM t.eq('all its days', concat_ws(' ', v ->> 'published_at', v ->> 'expires_at'),
        dossier_lib.rfc3339(now()) || ' ' || dossier_lib.rfc3339(now() + interval '1440 hours'))
    FROM t.expect('ok', 'publication_release', t.release('{"told_by_doctor": true}')) v;
    PERFORM t.eq('seen, and told again', concat_ws(' ', v -> 'count', v -> 'alerts'), '1 2') FROM t.view(v_person) v;
END $t$);

SELECT t.test('held again as an HIV report: it waits for its release longer than it could be read, and an earlier hold is over', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{"hold": true}'));
    PERFORM t.expect('ok', 'publication_release', t.release());
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', (SELECT id FROM dossier_data.document), 'read', true)));
    UPDATE dossier_data.document_reading SET first_at = now() - interval '90 days', last_at = now() - interval '90 days';
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('held', t.expect('ok', 'publication_complete', t.meta('{"class": "hiv"}')) ->> 'changed', 'updated');
    PERFORM t.eq('again', t.expect('ok', 'publication_complete', t.meta('{"class": "hiv"}')) ->> 'changed', 'unchanged');
    PERFORM t.pass('90 days');
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('desk', t.call('publication_get', t.meta('{}')) ->> 'state', 'held');
    PERFORM t.eq('said to be another', t.expect('ok', 'publication_complete', t.meta('{"class": "ordinary"}')) ->> 'state', 'published');
    UPDATE dossier_data.outbox SET not_before = now();
    PERFORM t.eq('told, though it was read before', jsonb_array_length(t.call('outbox_claim', '{"worker": "w", "channel": "sms", "limit": 10}') -> 'messages'), 1);
END $t$);

SELECT t.test('held until a release call: invisible, then announced, with all its days', $t$
DECLARE
    v_person t.person := t.active(1);
    v_held jsonb := t.meta('{"hold": true}');
    v_answer jsonb := t.expect('created', 'publication_complete', v_held);
BEGIN
    PERFORM t.eq('answer', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at', v_answer ->> 'expires_at'),
        'held null ' || dossier_lib.rfc3339(now() + interval '4320 hours'));
    PERFORM t.eq('desk', t.call('publication_get', v_held) ->> 'state', 'held');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.pass('30 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    v_answer := t.expect('ok', 'publication_release', t.release());
    PERFORM t.eq('days', v_answer ->> 'expires_at', dossier_lib.rfc3339(now() + interval '1440 hours'));
    PERFORM t.eq('audit', t.audited(1), 'document_released ok');
    PERFORM t.eq('seen', concat_ws(' ', v -> 'count', v -> 'alerts', v -> 'list' -> 'documents' -> 0 ->> 'published_at'),
        '1 2 ' || dossier_lib.rfc3339(now())) FROM t.view(v_person) v;
    -- repeated: the release, and the publication as it was sent first
    PERFORM t.eq('release again', t.call('publication_release', t.release()), v_answer);
    PERFORM t.eq('publication again', t.expect('ok', 'publication_complete', t.meta('{"hold": true}')) ->> 'changed', 'unchanged');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '1');
    PERFORM t.eq('audit lines', (SELECT count(*) FROM dossier_data.audit WHERE action = 'document_released'), 1::bigint);
END $t$);

SELECT t.test('held until a date: the watchdog announces it when it comes', $t$
DECLARE
    v_person t.person := t.active(1);
    v_until timestamptz := date_trunc('second', now()) + interval '3 days';
    v_held jsonb := t.meta(jsonb_build_object('hold_until', v_until));
    v_answer jsonb := t.expect('created', 'publication_complete', v_held);
BEGIN
    PERFORM t.eq('desk', t.call('publication_get', v_held) -> 'held_until', v_answer -> 'held_until');
    PERFORM t.eq('answer', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at', v_answer ->> 'held_until', v_answer ->> 'expires_at'),
        concat_ws(' ', 'held null', dossier_lib.rfc3339(v_until), dossier_lib.rfc3339(v_until + interval '1440 hours')));
    PERFORM t.pass('2 days 23 hours');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.pass('1 hour');
    PERFORM t.eq('before the watchdog', t.view(v_person) -> 'count', '1');
    PERFORM t.eq('more', t.expect('ok', 'publication_announce', '{"limit": 1}') -> 'more', 'true');
    PERFORM t.eq('more', t.expect('ok', 'publication_announce', '{"limit": 10}') -> 'more', 'false');
    PERFORM t.eq('alerts', t.view(v_person) -> 'alerts', '2');
    PERFORM t.eq('gathering', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents' AND gathering), 2::bigint);
END $t$);

SELECT t.test('a hold is moved and lifted by its metadata, while nobody could read it', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{"hold": true}'));
    v_answer := t.expect('ok', 'publication_complete', t.meta(jsonb_build_object('hold_until', now() + interval '2 days')));
    PERFORM t.eq('moved', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'held_until'), 'held ' || dossier_lib.rfc3339(now() + interval '2 days'));
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.eq('left out', t.expect('ok', 'publication_complete', t.meta('{}')) ->> 'changed', 'unchanged');
    PERFORM t.expect('call_superseded', 'publication_complete', t.meta('{"hold": true}'));
    PERFORM t.eq('without a date', t.expect('ok', 'publication_complete', t.meta('{"hold": true}')
        || jsonb_build_object('if_match', t.tag(t.meta('{}')))) -> 'held_until', 'null');
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"hold": false}'));
    PERFORM t.eq('lifted', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'published_at', v_answer ->> 'held_until'), 'published ' || dossier_lib.rfc3339(now()));
    PERFORM t.eq('seen', concat_ws(' ', v -> 'count', v -> 'alerts'), '1 2') FROM t.view(v_person) v;
    PERFORM t.expect('document_was_published', 'publication_complete', t.meta('{"hold": true}'));
    PERFORM t.expect('document_was_published', 'publication_complete', t.meta(jsonb_build_object('hold_until', now() + interval '2 days')));
    PERFORM t.expect('ok', 'publication_complete', t.meta(jsonb_build_object('hold_until', now() - interval '2 days')));
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"hold": true}', 'corrected'));
    PERFORM t.eq('other bytes', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'changed'), 'held replaced');
    PERFORM t.eq('seen', t.view(v_person) -> 'list' -> 'documents', '[]');
END $t$);

SELECT t.test('a correction never loosens by silence: hold, its date, class, acceptance and author stay until they are said', $t$
DECLARE
    v_person t.person := t.active(1);
    v_bytes text;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{"hold": true, "class": "hiv", "told_by_doctor": true, "acceptance": "A-1"}'));
    FOREACH v_bytes IN ARRAY '{bytes,corrected}'::text[] LOOP
        v_answer := t.expect('ok', 'publication_complete', t.meta('{"author": null, "hold": null, "class": null, "told_by_doctor": true}', v_bytes));
        PERFORM t.eq(v_bytes, v_answer ->> 'state', 'held');
        PERFORM t.eq('stays', (SELECT concat_ws(' ', d.hold, d.class, d.author, a.external_id) FROM dossier_data.document d
            JOIN dossier_data.acceptance a ON a.id = d.acceptance_id), 't hiv Dr. Anna Verdi A-1');
        PERFORM t.eq('seen', t.view(v_person), t.nothing());
    END LOOP;
    PERFORM t.eq('not told of the new bytes', t.expect('ok', 'publication_complete', t.meta('{"hold": false}', 'again')) ->> 'state', 'held');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    PERFORM t.eq('said', t.expect('ok', 'publication_complete', t.meta('{"class": "ordinary"}', 'again')) ->> 'state', 'published');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '1');
    PERFORM t.expect('ok', 'publication_complete', t.meta('{"class": "abortion"}', 'again'));
    PERFORM t.expect('ok', 'publication_complete', t.meta('{}', 'once more'));
    PERFORM t.eq('not the relatives''', t.view(t.holder(2, v_person), v_person.patient) -> 'count', '0');
END $t$);

SELECT t.test('a correction of what is held until a date keeps the date; of what was released it is not held, unless it says so', $t$
DECLARE
    v_person t.person := t.active(1);
    v_until timestamptz := date_trunc('second', now()) + interval '3 days';
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta(jsonb_build_object('hold_until', v_until)));
    PERFORM t.eq('kept', t.expect('ok', 'publication_complete', t.meta('{}', 'two')) ->> 'held_until', dossier_lib.rfc3339(v_until));
    PERFORM t.eq('hold: false is of hold', t.expect('ok', 'publication_complete', t.meta('{"hold": false}', 'three')) ->> 'held_until', dossier_lib.rfc3339(v_until));
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '0');
    PERFORM t.pass('4 days');
    PERFORM t.eq('over', t.expect('ok', 'publication_complete', t.meta('{}', 'four')) ->> 'state', 'published');
    PERFORM t.eq('said', t.expect('ok', 'publication_complete', t.meta('{"hold": true}', 'five')) ->> 'state', 'held');
    PERFORM t.expect('ok', 'publication_release', t.release());
    PERFORM t.eq('released', t.expect('ok', 'publication_complete', t.meta('{}', 'six')) ->> 'state', 'published');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '1');
END $t$);

SELECT t.test('what was held and never released: withdrawn or destroyed, it never was; the same bytes may come again', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta(jsonb_build_object('hold_until', now() + interval '2 days')));
    PERFORM t.expect('ok', 'publication_withdraw', t.meta('{}'));
    PERFORM t.expect('document_over', 'publication_release', t.release());
    PERFORM t.pass('3 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"hold": true, "republish": true}'));
    PERFORM t.eq('again', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'expires_at'), 'held ' || dossier_lib.rfc3339(now() + interval '4320 hours'));
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.eq('purged, and once more what it had before', jsonb_array_length(t.call('purge', '{"limit": 10}') -> 'objects'), 2);
    PERFORM t.expect('document_over', 'publication_release', t.release());
    PERFORM t.eq('seen', t.view(v_person), t.nothing());
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"hold": false}'));
    PERFORM t.eq('once more', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'version'), 'published 3');
    PERFORM t.eq('seen', t.view(v_person) -> 'count', '1');
    PERFORM t.expect('not_found', 'publication_release', t.release('{"external_id": "none"}'));
    PERFORM t.expect('not_found', 'publication_release', t.release(jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'))));
END $t$);

SELECT t.test('hidden by the patient: nobody can tell, and the patient shows it again', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_id text := t.expect('created', 'publication_complete', t.meta('{}')) ->> 'id';
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', true));
    v_answer jsonb;
BEGIN
    DELETE FROM dossier_data.outbox;
    v_answer := t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('answer', v_answer -> 'document' ->> 'id', v_id);
    PERFORM t.expect('ok', 'hiding_set', v_key); -- repeated
    PERFORM t.eq('the patient', t.view(v_person), t.nothing());
    PERFORM t.eq('the relative', t.view(v_holder, v_person.patient), t.nothing());
    PERFORM t.expect('not_found', 'hiding_set', v_key || jsonb_build_object('account_id', v_holder.account, 'hidden', false));
    PERFORM t.call('publication_complete', t.meta('{}', 'corrected'));
    PERFORM t.eq('a corrected one', t.view(v_person), t.nothing());
    PERFORM t.eq('the desk knows nothing', t.call('publication_get', t.meta('{}')) ->> 'state', 'published');
    UPDATE dossier_data.document SET last_call_at = now();
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('no last call', t.view(v_person), t.nothing());
    PERFORM t.expect('ok', 'hiding_set', v_key || '{"hidden": false}');
    PERFORM t.eq('shown', t.view(v_person) -> 'count', '1');
    PERFORM t.eq('audit', t.audited(1), 'document_shown ok');
    PERFORM t.expect('ok', 'hiding_set', v_key || '{"hidden": true}');
    PERFORM t.call('publication_withdraw', t.meta('{}'));
    PERFORM t.eq('withdrawn', t.view(v_person), t.nothing());
    PERFORM t.expect('document_withdrawn', 'hiding_set', v_key);
END $t$);

SELECT t.test('hidden by a relative''s account: out of its own sight only; the patient''s word outlives the account', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_key jsonb := t.mine(v_holder, jsonb_build_object('document_id', t.call('publication_complete', t.meta('{}')) ->> 'id', 'hidden', true));
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('the relative', t.view(v_holder, v_person.patient), t.nothing());
    PERFORM t.eq('the patient', t.view(v_person) -> 'count', '1');
    PERFORM t.expect('ok', 'hiding_set', v_key || jsonb_build_object('account_id', v_person.account));
    PERFORM t.expect('not_found', 'hiding_set', v_key || '{"hidden": false}');
    UPDATE dossier_data.document_hidden SET account_id = NULL WHERE by_patient; -- as when the account is deleted
    PERFORM t.eq('the relative', t.view(v_holder, v_person.patient), t.nothing());
    PERFORM t.eq('a later account of the patient', t.view(v_person), t.nothing());
    PERFORM t.expect('ok', 'hiding_set', v_key || jsonb_build_object('account_id', v_person.account, 'hidden', false));
    PERFORM t.eq('the patient', t.view(v_person) -> 'count', '1');
    PERFORM t.eq('the relative', t.view(v_holder, v_person.patient), t.nothing());
END $t$);

SELECT t.test('an alert that would lead to nothing does not leave; with something else to read it does', $t$
DECLARE
    v_person t.person := t.active(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.call('publication_complete', t.meta('{}')) ->> 'id', 'hidden', true));
BEGIN
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('hidden', t.waiting(), 'cancelled cancelled');
    DELETE FROM dossier_data.outbox;
    PERFORM t.call('publication_complete', t.document(1, 'b', '{"acceptance": "A-1"}', '{"external_id": "R-2"}'));
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('another one waits', t.waiting(), 'queued queued');
    PERFORM t.expect('ok', 'pickup_set', t.mine(v_person, jsonb_build_object('online_pickup', false,
        'acceptance_id', (SELECT id FROM dossier_data.acceptance))));
    PERFORM t.eq('declined', t.waiting(), 'cancelled cancelled');
END $t$);

SELECT t.test('hiding_set and hiding_list: refusals', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
    v_id text := t.call('publication_complete', t.meta('{}')) ->> 'id';
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', true));
BEGIN
    PERFORM t.has(t.expect('not_found', 'hiding_set', v_key || jsonb_build_object('account_id', v_other.account)), 'outcome');
    PERFORM t.expect('not_found', 'hiding_set', v_key || jsonb_build_object('document_id', gen_random_uuid()));
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.expect('not_found', 'hiding_list', v_key || jsonb_build_object('account_id', v_other.account));
    PERFORM t.has(t.expect('password_required', 'hiding_list', v_key), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'hidden_documents_listed password_required');
    v_key := v_key || jsonb_build_object('proof', t.typed(v_person));
    PERFORM t.eq('listed', t.expect('ok', 'hiding_list', v_key) -> 'documents' -> 0 ->> 'id', v_id);
    PERFORM t.expect('password_required', 'hiding_list', v_key);
    UPDATE dossier_data.password_proof SET used_at = NULL;
    UPDATE dossier_data.document SET class = 'hiv';
    PERFORM t.eq('not what else is concealed', t.expect('ok', 'hiding_list', v_key) -> 'documents', '[]');
    UPDATE dossier_data.password_proof SET used_at = NULL;
    UPDATE dossier_data.document SET class = 'ordinary', expires_at = now();
    PERFORM t.eq('not what is over', t.expect('ok', 'hiding_list', v_key) -> 'documents', '[]');
    PERFORM t.expect('document_expired', 'hiding_set', v_key);
    UPDATE dossier_data.dossier SET state = 'disabled';
    PERFORM t.expect('dossier_disabled', 'hiding_set', v_key);
    PERFORM t.expect('dossier_disabled', 'hiding_list', v_key);
END $t$);

SELECT t.test('the audit''s lines about what a dossier conceals are concealed with it', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_told bigint;
BEGIN
    PERFORM t.call('publication_complete', t.meta('{"class": "substances"}'));
    SELECT count(*) INTO v_told FROM dossier_data.audit a
    WHERE a.action = 'document_published' AND NOT (SELECT concealed FROM dossier_lib.audit_concealed(
        a.action, a.outcome, a.account_id, a.object_id, v_person.account::uuid));
    PERFORM t.eq('the patient', v_told, 1::bigint);
    SELECT count(*) INTO v_told FROM dossier_data.audit a
    WHERE a.action = 'document_published' AND NOT (SELECT concealed FROM dossier_lib.audit_concealed(
        a.action, a.outcome, a.account_id, a.object_id, v_holder.account::uuid));
    PERFORM t.eq('the relative', v_told, 0::bigint);
    PERFORM t.call('hiding_set', t.mine(v_person, jsonb_build_object('hidden', true, 'document_id', (SELECT id FROM dossier_data.document))));
    SELECT count(*) INTO v_told FROM dossier_data.audit a
    WHERE a.action LIKE 'document\_%' AND NOT (SELECT concealed FROM dossier_lib.audit_concealed(
        a.action, a.outcome, a.account_id, a.object_id, v_person.account::uuid));
    PERFORM t.eq('hidden', v_told, 0::bigint);
    PERFORM t.expect('not_found', 'document_get', t.mine(v_person, jsonb_build_object('document_id', gen_random_uuid())));
    SELECT count(*) INTO v_told FROM dossier_data.audit a
    WHERE a.outcome = 'not_found' AND NOT (SELECT concealed FROM dossier_lib.audit_concealed(
        a.action, a.outcome, a.account_id, a.object_id, v_person.account::uuid));
    PERFORM t.eq('an id that leads to nothing', v_told, 0::bigint);
END $t$);

SELECT t.test('last_call_next: seven days and one before the end, never before the start', $t$
DECLARE
    v_case record;
BEGIN
    FOR v_case IN SELECT * FROM (VALUES (0, 0, 60, 53), (53, 0, 60, 59), (59, 0, 60, NULL), (58, 0, 60, 59),
            (0, 0, 7, 6), (0, 0, 8, 1), (0, 0, 1, NULL), (0, 10, 16, 15), (0, 10, 70, 63)) AS v (after, start, ending, wanted) LOOP
        PERFORM t.eq(v_case::text, dossier_lib.last_call_next('epoch'::timestamptz + dossier_lib.days(v_case.after),
            'epoch'::timestamptz + dossier_lib.days(v_case.start), 'epoch'::timestamptz + dossier_lib.days(v_case.ending)),
            'epoch'::timestamptz + dossier_lib.days(v_case.wanted));
    END LOOP;
    PERFORM t.eq('held', dossier_lib.last_call_next(now(), 'infinity', now() + interval '180 days'), NULL);
END $t$);

SELECT t.test('last calls: seven days and one day before what was never opened vanishes', $t$
DECLARE
    v_person t.person := t.active(1);
    v_calls text := $q$SELECT concat_ws(' ', count(*), string_agg(DISTINCT channel, '+'), min(priority)) FROM dossier_data.outbox WHERE template = 'last_call'$q$;
    v_is text;
BEGIN
    PERFORM t.call('publication_complete', t.meta('{}'));
    PERFORM t.pass('52 days 23 hours');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    EXECUTE v_calls INTO v_is;
    PERFORM t.eq('before the seven days', v_is, '0');
    PERFORM t.pass('1 hour');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    EXECUTE v_calls INTO v_is;
    PERFORM t.eq('seven days before', v_is, '2 mail+sms 2');
    PERFORM t.pass('6 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    EXECUTE v_calls INTO v_is;
    PERFORM t.eq('one day before', v_is, '4 mail+sms 2');
    PERFORM t.eq('in time', (SELECT max(give_up_at) <= (SELECT expires_at FROM dossier_data.document) FROM dossier_data.outbox
        WHERE template = 'last_call'), true);
    PERFORM t.pass('23 hours');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    EXECUTE v_calls INTO v_is;
    PERFORM t.eq('no more', v_is, '4 mail+sms 2');
END $t$);

SELECT t.test(format('no last call %s', reason), format($t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.call('publication_complete', t.meta('{}'));
    %s;
    PERFORM t.pass('54 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('calls', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'last_call'), 0::bigint);
    PERFORM t.eq('next', (SELECT last_call_at = expires_at - interval '24 hours' FROM dossier_data.document), true);
END $t$, change)) FROM (VALUES
    ('of what was opened', $q$PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('read', true, 'document_id', (SELECT id FROM dossier_data.document))))$q$),
    ('to an account that wants none', 'UPDATE dossier_data.account SET alert_last_call = false'),
    ('to an account without alerts', 'UPDATE dossier_data.account SET alert_sms = false, alert_mail = false'),
    ('of a disabled dossier', $q$UPDATE dossier_data.dossier SET state = 'disabled'$q$),
    ('of what was withdrawn', $q$PERFORM t.call('publication_withdraw', t.meta('{}'))$q$)) AS v (reason, change);

SELECT t.test('one last call for all documents that vanish about then, of all patients of the account', $t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
    v_calls bigint;
BEGIN
    FOR i IN 1..3 LOOP
        PERFORM t.call('publication_complete', t.document(1, 'b' || i, '{}', jsonb_build_object('external_id', 'R-' || i)));
    END LOOP;
    PERFORM t.call('publication_complete', t.document(2, 'b', '{}', '{"external_id": "R-4"}'));
    PERFORM t.pass('53 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 2}');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    SELECT count(*) INTO v_calls FROM dossier_data.outbox WHERE template = 'last_call' AND account_id = v_holder.account::uuid;
    PERFORM t.eq('the holder''s', v_calls, 2::bigint);
    SELECT count(*) INTO v_calls FROM dossier_data.outbox WHERE template = 'last_call';
    PERFORM t.eq('all', v_calls, 4::bigint);
END $t$);

-- The alerts that wait for this person.
CREATE FUNCTION t.alerts_of(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(DISTINCT state, ' '), 'none') FROM dossier_data.outbox
    WHERE account_id = p.account::uuid AND template IN ('new_documents', 'last_call')
$$;

SELECT t.test(format('an alert goes with what it tells of, although there is more to read: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_holder t.person := t.holder(2, v_person);
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'old', '{}', '{"external_id": "R-1"}'));
    DELETE FROM dossier_data.outbox; -- it was told of long ago
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-1b", "activation": {"key_id": "k1", "mac": "1b"}, "online_pickup": false}'));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1"}'));
    PERFORM t.eq('waits', t.alerts_of(v_person) || ' ' || t.alerts_of(v_holder), 'queued queued');
    %s;
    PERFORM t.eq('the patient''s', t.alerts_of(v_person), %L);
    PERFORM t.eq('the relative''s', t.alerts_of(v_holder), 'cancelled');
END $t$, change, patients)) FROM (VALUES
    ('withdrawn', $q$PERFORM t.expect('ok', 'publication_withdraw', t.meta('{}'))$q$, 'cancelled'),
    ('corrected and held', $q$PERFORM t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1", "hold": true}', 'two'))$q$, 'cancelled'),
    ('an HIV report now', $q$PERFORM t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1", "class": "hiv"}'))$q$, 'cancelled'),
    ('protected now, by its metadata', $q$PERFORM t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1", "class": "substances"}'))$q$, 'queued'),
    ('protected now, by its correction', $q$PERFORM t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1", "class": "abortion"}', 'two'))$q$, 'queued'),
    ('its visit declined', $q$PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'))$q$, 'cancelled')) AS v (what, change, patients);

SELECT t.test(format('the last look before an alert leaves: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_claim jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.meta('{}'));
    UPDATE dossier_data.outbox SET not_before = now() WHERE template = 'new_documents';
    %s;
    PERFORM t.eq('nobody has looked yet', t.alerts_of(v_person), 'queued');
    FOR v_claim IN SELECT t.call('outbox_claim', jsonb_build_object('worker', 'w', 'channel', c, 'limit', 10)) FROM unnest('{sms,mail}'::text[]) c LOOP
        PERFORM t.eq('leaves', jsonb_path_exists(v_claim, '$.messages[*] ? (@.template == "new_documents")'), %L);
    END LOOP;
    PERFORM t.eq('state', t.alerts_of(v_person), %L);
    PERFORM t.eq('the desk', t.call('publication_get', t.meta('{}')) -> 'alerts' -> 0 ->> 'state', %L);
END $t$, change, leaves, state, state)) FROM (VALUES
    ('as it was', 'PERFORM 1', true, 'queued'),
    ('read', $q$PERFORM t.expect('ok', 'document_open', t.mine(v_person, jsonb_build_object('document_id', (SELECT id FROM dossier_data.document), 'read', true)))$q$, false, 'cancelled'),
    ('expired', 'UPDATE dossier_data.document SET expires_at = now()', false, 'cancelled'),
    ('purged', $q$UPDATE dossier_data.document SET expires_at = now(); PERFORM t.call('purge', '{"limit": 10}')$q$, false, 'cancelled'),
    ('disabled', $q$UPDATE dossier_data.dossier SET state = 'disabled'$q$, false, 'cancelled')) AS v (what, change, leaves, state);

SELECT t.test('a last call goes with its document, and is no alert of the desk''s', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.call('publication_complete', t.meta('{}'));
    DELETE FROM dossier_data.outbox;
    PERFORM t.pass('53 days');
    PERFORM t.call('publication_complete', t.document(1, 'new', '{}', '{"external_id": "R-2"}'));
    DELETE FROM dossier_data.outbox;
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('waits', t.alerts_of(v_person), 'queued');
    PERFORM t.eq('the desk', t.call('publication_get', t.meta('{}')) -> 'alerts', '[]');
    PERFORM t.expect('ok', 'publication_withdraw', t.meta('{}'));
    PERFORM t.eq('gone', t.alerts_of(v_person), 'cancelled');
END $t$);

SELECT t.test(format('what can be read because its visit is no longer declined is announced, with all its days if it never could be: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-1b", "activation": {"key_id": "k1", "mac": "1b"}}'));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1", %s}'));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    %s;
    PERFORM t.pass('20 days');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    v_answer := t.call('publication_get', t.meta('{}'));
    PERFORM t.eq('declined', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at', v_answer -> 'held_until'), 'declined null null');
    ASSERT t.alerts_of(v_person) IN ('none', 'cancelled'), 'announced while declined';
    DELETE FROM dossier_data.outbox;
    %s;
    v_answer := t.call('publication_get', t.meta('{}'));
    PERFORM t.eq('state', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'published_at'),
        'published ' || dossier_lib.rfc3339(now() + interval '%s hours' - interval '1440 hours'));
    PERFORM t.eq('days', v_answer ->> 'expires_at', dossier_lib.rfc3339(now() + interval '%s hours'));
    PERFORM t.eq('alert', t.alerts_of(v_person), 'queued');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 10}');
    PERFORM t.eq('once', (SELECT count(*) FROM dossier_data.outbox), 2::bigint);
END $t$, meta, while_declined, change, days * 24, days * 24)) FROM (VALUES
    ('released meanwhile', '"hold": true', $q$PERFORM t.expect('ok', 'publication_release', t.release())$q$,
        $q$PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}'))$q$, 60),
    ('its date came meanwhile', '"hold_until": "' || (date_trunc('second', now()) + interval '2 days') || '"', 'PERFORM 1',
        $q$PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}'))$q$, 60),
    ('it could be read before', '"hold": false', 'PERFORM 1',
        $q$PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true}'))$q$, 40),
    ('by the patient''s word', '"hold": true', $q$PERFORM t.expect('ok', 'publication_release', t.release())$q$,
        $q$PERFORM t.expect('ok', 'pickup_set', t.mine(v_person, jsonb_build_object('online_pickup', true,
            'acceptance_id', (SELECT id FROM dossier_data.acceptance WHERE external_id = 'A-1'))))$q$, 60),
    ('it names another visit', '"hold": true', $q$PERFORM t.expect('ok', 'publication_release', t.release())$q$,
        $q$PERFORM t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1b"}'))$q$, 60)) AS v (what, meta, while_declined, change, days);

SELECT t.test(format('what never could be read, released as it was while its visit was declined, was published never: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-1b", "activation": {"key_id": "k1", "mac": "1b"}}'));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1", "hold": true}'));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    v_answer := t.expect('ok', 'publication_release', t.release());
    PERFORM t.eq('released', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at'), 'declined null');
    %s;
    v_answer := t.call('publication_get', t.meta('{}'));
    PERFORM t.eq('ended', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at'), '%s null');
    PERFORM t.expect('online_pickup_declined', 'publication_complete', t.meta('{"republish": true}'));
    v_answer := t.expect('ok', 'publication_complete', t.meta('{"acceptance": "A-1b", "hold": false, "republish": true}'));
    PERFORM t.eq('it is as if it were new', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'published_at', v_answer ->> 'expires_at'),
        concat_ws(' ', 'published', dossier_lib.rfc3339(now()), dossier_lib.rfc3339(now() + interval '1440 hours')));
    PERFORM t.eq('alert', t.alerts_of(v_person), 'queued');
END $t$, ending, state)) FROM (VALUES
    ('then withdrawn', $q$PERFORM t.expect('ok', 'publication_withdraw', t.meta('{}'))$q$, 'withdrawn'),
    ('then expired', $q$PERFORM t.pass('61 days')$q$, 'expired'),
    ('then expired and purged', $q$PERFORM t.pass('61 days'); PERFORM t.call('purge', '{"limit": 10}')$q$, 'expired')) AS v (what, ending, state);

SELECT t.test('what was released while its visit was declined can still be held, with another visit', $t$
DECLARE
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-1b", "activation": {"key_id": "k1", "mac": "1b"}}'));
    PERFORM t.expect('created', 'publication_complete', t.meta('{"acceptance": "A-1", "hold": true}'));
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.expect('ok', 'publication_release', t.release());
    v_answer := t.expect('ok', 'publication_complete', t.meta(jsonb_build_object('acceptance', 'A-1b', 'hold_until', now() + interval '1 day')));
    PERFORM t.eq('held', concat_ws(' ', v_answer ->> 'state', v_answer -> 'published_at'), 'held null');
    PERFORM t.eq('no alert', t.alerts_of(v_person), 'none');
    PERFORM t.expect('ok', 'publication_release', t.release(jsonb_build_object('if_match', format('"%s"', v_answer ->> 'tag'))));
    PERFORM t.expect('document_was_published', 'publication_complete', t.meta('{"acceptance": "A-1b", "hold": true, "title": "x"}'));
END $t$);
