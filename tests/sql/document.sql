SELECT t.test('publication_prepare and publication_complete refuse alike, each for its reason', $t$
DECLARE
    v_person t.person := t.account(1);
    v_two t.person := t.account(2);
    v_case record;
    v_function text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(3, jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'),
        'facility', 'citta-di-suzzara')));
    PERFORM t.expect('created', 'publication_complete', t.document(2));
    FOR v_case IN SELECT * FROM (VALUES
            ('facility_not_allowed', t.document(1, 'b', '{"facility": "citta-di-suzzara"}')),
            ('facility_not_allowed', t.document(1, 'b', '{"facility": "nowhere"}')),
            ('patient_unknown', t.document(9)),
            ('acceptance_unknown', t.document(1, 'b', '{"acceptance": "none"}')),
            ('acceptance_unknown', t.document(3, 'b', '{"acceptance": "A-3"}')), -- of another facility
            ('acceptance_mismatch', t.document(1, 'b', '{"acceptance": "A-2"}')),
            ('document_patient_changed', t.document(1, 'b', '{"acceptance": "A-1"}'))) AS v (outcome, body) LOOP
        FOREACH v_function IN ARRAY '{publication_prepare,publication_complete}'::text[] LOOP
            PERFORM t.has(t.expect(v_case.outcome, v_function, v_case.body), 'outcome');
            PERFORM t.eq('audit', t.audited(1), 'document_published ' || v_case.outcome);
        END LOOP;
    END LOOP;
    PERFORM t.eq('documents', (SELECT count(*) FROM dossier_data.document), 1::bigint);
    PERFORM t.has(t.expect('ok', 'publication_prepare', t.document(1, 'b', '{"acceptance": "A-1"}', '{"external_id": "R-78"}')), 'outcome');
    PERFORM t.expect('ok', 'publication_prepare', t.document(2)); -- its own patient's
END $t$);

SELECT t.test('an integrator that lost a facility cannot move its documents and acceptances to another', $t$
DECLARE
    v_acceptance jsonb := t.acceptance(1);
    v_document jsonb := t.document(1);
BEGIN
    PERFORM t.expect('created', 'acceptance_put', v_acceptance);
    PERFORM t.expect('created', 'publication_complete', v_document);
    PERFORM dossier_admin.integrator_put('LIS', t.sha('san-pellegrino'), '{citta-di-suzzara}');
    v_document := jsonb_set(v_document, '{metadata,facility}', '"citta-di-suzzara"') || t.receipt('other');
    PERFORM t.expect('facility_not_allowed', 'publication_prepare', v_document);
    PERFORM t.expect('facility_not_allowed', 'publication_complete', v_document);
    PERFORM t.expect('facility_not_allowed', 'acceptance_put', v_acceptance || '{"facility": "citta-di-suzzara"}');
    PERFORM t.expect('not_found', 'publication_get', v_document);
    PERFORM t.expect('not_found', 'publication_withdraw', v_document);
    PERFORM t.expect('not_found', 'acceptance_get', v_acceptance);
    PERFORM t.expect('not_found', 'acceptance_new_code', v_acceptance);
END $t$);

SELECT t.test('an acceptance of another integrator of the same facility may be named; one''s own goes first', $t$
DECLARE
    v_other uuid;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_other := dossier_admin.integrator_put('RIS', t.sha('ris'), '{san-pellegrino}');
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'b', '{"acceptance": "A-1"}', jsonb_build_object('integrator_id', v_other)));
    PERFORM t.call('acceptance_put', t.acceptance(2, jsonb_build_object('integrator_id', v_other, 'external_id', 'A-1')));
    PERFORM t.expect('acceptance_mismatch', 'publication_prepare', t.document(1, 'b', '{"acceptance": "A-1"}',
        jsonb_build_object('integrator_id', v_other, 'external_id', 'R-2')));
    PERFORM t.expect('ok', 'publication_prepare', t.document(1, 'b', '{"acceptance": "A-1"}', '{"external_id": "R-2"}'));
END $t$);

SELECT t.test('publication_complete: created', $t$
DECLARE
    v_body jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_body := t.document(1, 'bytes', '{"acceptance": "A-1"}');
    v_answer := t.expect('created', 'publication_complete', v_body);
    PERFORM t.eq('answer', v_answer - '{id,tag}'::text[], jsonb_build_object('outcome', 'created', 'external_id', 'R-77', 'version', 1,
        'state', 'published', 'sha256', t.sha('bytes'), 'size', 5, 'media_type', 'application/pdf',
        'published_at', dossier_lib.rfc3339(now()), 'held_until', null, 'expires_at', dossier_lib.rfc3339(now() + interval '1440 hours'),
        'changed', 'created', 'obsolete', '[]'::jsonb));
    PERFORM t.eq('audit', t.audited(1), 'document_published created');
    -- repeated after a lost answer: the file stays, the answer is the same
    PERFORM t.eq('again', t.call('publication_complete', v_body), v_answer);
    PERFORM t.eq('audit lines', (SELECT count(*) FROM dossier_data.audit WHERE action = 'document_published'), 1::bigint);
END $t$);

SELECT t.test('retention is what the call says, in hours through the change of clocks', $t$
DECLARE
    v_days int;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    FOREACH v_days IN ARRAY '{1,30,60}'::int[] LOOP
        PERFORM t.call('publication_complete', t.document(1, 'b', '{}', jsonb_build_object('retention_days', v_days, 'external_id', 'R' || v_days)));
        PERFORM t.eq('hours', (SELECT extract(epoch FROM expires_at - published_at)::int FROM dossier_data.document WHERE external_id = 'R' || v_days), v_days * 86400);
    END LOOP;
    PERFORM t.eq('more than promised', t.call('publication_complete', t.document(1, 'b', '{}', '{"retention_days": 90}')) ->> 'expires_at',
        dossier_lib.rfc3339(now() + interval '1440 hours'));
    PERFORM set_config('timezone', 'Europe/Rome', true);
    PERFORM t.eq('hours over the end of March', extract(epoch FROM ('2026-03-01T00:00:00Z'::timestamptz + dossier_lib.days(60)) - '2026-03-01T00:00:00Z')::int, 60 * 86400);
END $t$);

SELECT t.test('publication_complete: the same bytes are unchanged, other metadata update', $t$
DECLARE
    v_person t.person := t.active(1);
    v_first jsonb := t.expect('created', 'publication_complete', t.document(1));
    v_meta jsonb;
    v_old text := (SELECT object_id FROM dossier_data.document);
    v_body jsonb := t.document(1);
    v_answer jsonb := t.expect('ok', 'publication_complete', v_body);
    v_tag text := v_answer ->> 'tag';
BEGIN
    -- the new file takes the place of the old one, which may be damaged
    -- and that stays, for copies of the database; of several the newest
    PERFORM t.eq('answer', v_answer, v_first || jsonb_build_object('outcome', 'ok', 'changed', 'unchanged'));
    PERFORM t.eq('receipt', t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_first ->> 'id'))) -> 'receipt', v_body -> 'receipt');
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_first ->> 'id', 'read', true)));
    FOR v_meta IN SELECT jsonb_array_elements('[{"title": "Emocromo"}, {"type": "pathology"}, {"author": "Dr. Paolo Bianchi"}, {"acceptance": "A-1"}, {"issued_at": "2026-11-23T09:00:00Z"}]') LOOP
        v_body := jsonb_set(v_body, '{metadata}', v_body -> 'metadata' || v_meta) || t.receipt('bytes');
        v_answer := t.expect('ok', 'publication_complete', v_body);
        PERFORM t.eq(format('answer to %s', v_meta), v_answer - 'tag', v_first - 'tag' || jsonb_build_object('outcome', 'ok', 'changed', 'updated',
            'obsolete', jsonb_build_array(v_old)));
        v_old := (SELECT object_id FROM dossier_data.destroyed_object WHERE why = 'replaced');
        ASSERT v_answer ->> 'tag' <> v_tag, format('%s and the same tag', v_meta);
        v_tag := v_answer ->> 'tag';
    END LOOP;
    v_answer := t.call('document_get', t.mine(v_person, jsonb_build_object('document_id', v_first ->> 'id'))) -> 'document';
    PERFORM t.eq('document', concat_ws(' ', v_answer ->> 'title', v_answer ->> 'type', v_answer -> 'author', v_answer ->> 'issued_at',
        v_answer ->> 'corrected', v_answer ->> 'new'), 'Emocromo pathology "Dr. Paolo Bianchi" 2026-11-23T09:00:00Z false false');
    PERFORM t.eq('alerts', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents'), 2::bigint); -- of the creation
END $t$);

SELECT t.test('publication_complete: other bytes replace; same address, corrected, new again, retention anew', $t$
DECLARE
    v_person t.person := t.active(1);
    v_first jsonb := t.expect('created', 'publication_complete', t.document(1, 'one'));
    v_old uuid := (SELECT object_id FROM dossier_data.document);
    v_body jsonb := t.document(1, 'three', '{"title": "Corrected"}', '{"media_type": "application/pkcs7-mime"}');
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', v_first ->> 'id', 'read', true));
    v_answer jsonb;
BEGIN
    PERFORM t.eq('new', t.call('document_open', v_key) -> 'document' -> 'new', 'true');
    PERFORM t.eq('read', t.call('document_get', v_key) -> 'document' -> 'new', 'false');
    UPDATE dossier_data.document SET published_at = now() - interval '50 days', expires_at = now() + interval '10 days';
    DELETE FROM dossier_data.outbox;
    v_answer := t.expect('ok', 'publication_complete', v_body);
    ASSERT v_answer ->> 'tag' <> v_first ->> 'tag', 'the same tag';
    PERFORM t.eq('answer', v_answer - 'tag', v_first - 'tag' || jsonb_build_object('outcome', 'ok', 'changed', 'replaced', 'version', 2,
        'size', 5, 'sha256', t.sha('three'), 'media_type', 'application/pkcs7-mime'));
    PERFORM t.eq('the file of before', t.expect('ok', 'vault_live', jsonb_build_object('objects', jsonb_build_array(v_old))) -> 'live', jsonb_build_array(v_old));
    PERFORM t.eq('again', t.call('publication_complete', v_body), v_answer);
    v_answer := t.call('document_open', v_key);
    PERFORM t.eq('document', concat_ws(' ', v_answer -> 'document' ->> 'id', v_answer -> 'document' ->> 'version', v_answer -> 'document' ->> 'corrected',
        v_answer -> 'document' ->> 'new', v_answer -> 'document' ->> 'title'), (v_first ->> 'id') || ' 2 true true Corrected');
    PERFORM t.eq('receipt', v_answer -> 'receipt', v_body -> 'receipt');
    PERFORM t.eq('old key', (SELECT count(*) FROM dossier_data.document d WHERE d::text LIKE '%wrapped one%'), 0::bigint);
    PERFORM t.eq('alerts', (SELECT string_agg(channel, ' ' ORDER BY channel) FROM dossier_data.outbox), 'mail sms');
    PERFORM t.eq('audit', t.audited(2), 'document_read ok, document_published replaced');
END $t$);

SELECT t.test('the same bytes never bring an expired document back, purged or not; other bytes do', $t$
DECLARE
    v_person t.person := t.active(1);
    v_id text := t.call('publication_complete', t.document(1)) ->> 'id';
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', v_id));
    v_body jsonb;
    v_answer jsonb;
BEGIN
    UPDATE dossier_data.document SET expires_at = now();
    FOR i IN 1..2 LOOP
        v_body := t.document(1, 'bytes', '{"title": "Another"}');
        v_answer := t.expect('ok', 'publication_complete', v_body);
        PERFORM t.eq('changed', concat_ws(' ', v_answer ->> 'changed', v_answer ->> 'state'), 'unchanged expired');
        PERFORM t.eq('obsolete', v_answer -> 'obsolete', jsonb_build_array(v_body -> 'receipt' ->> 'object_id'));
        PERFORM t.expect('document_expired', 'document_get', v_key);
        PERFORM t.expect('ok', 'purge', '{"limit": 10}');
    END LOOP;
    v_answer := t.expect('ok', 'publication_complete', t.document(1, 'other bytes'));
    PERFORM t.eq('changed', concat_ws(' ', v_answer ->> 'id', v_answer ->> 'changed', v_answer ->> 'state', v_answer ->> 'version'), v_id || ' replaced published 2');
    PERFORM t.expect('ok', 'document_get', v_key);
    PERFORM t.eq('title', t.call('document_get', v_key) -> 'document' ->> 'title', 'Esami del sangue');
END $t$);

SELECT t.test('publication_withdraw: key destroyed, withdrawn for the patient, the same again, not_found', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1);
    v_id text := t.call('publication_complete', v_body) ->> 'id';
    v_answer jsonb := t.expect('ok', 'publication_withdraw', v_body);
BEGIN
    PERFORM t.eq('answer', v_answer - 'tag', jsonb_build_object('outcome', 'ok', 'id', v_id, 'external_id', 'R-77', 'state', 'withdrawn',
        'obsolete', jsonb_build_array(v_body -> 'receipt' ->> 'object_id')));
    PERFORM t.eq('key', (SELECT wrapped_key FROM dossier_data.document), NULL);
    PERFORM t.eq('again', t.call('publication_withdraw', v_body), v_answer);
    PERFORM t.eq('audit lines', (SELECT count(*) FROM dossier_data.audit WHERE action = 'document_withdrawn'), 1::bigint);
    PERFORM t.expect('document_withdrawn', 'document_get', t.mine(v_person, jsonb_build_object('document_id', v_id)));
    PERFORM t.expect('document_withdrawn', 'document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.eq('list', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
    PERFORM t.eq('state', t.call('publication_get', v_body) ->> 'state', 'withdrawn');
    -- the publishing call repeated now must not leave a file nobody can read
    PERFORM t.eq('late repetition', t.call('publication_complete', v_body) -> 'obsolete', jsonb_build_array(v_body -> 'receipt' ->> 'object_id'));
    PERFORM t.expect('not_found', 'publication_withdraw', v_body || '{"external_id": "none"}');
    PERFORM t.expect('not_found', 'publication_withdraw', v_body || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara')));
END $t$);

SELECT t.test('put again after a withdrawal, when asked: published; the same bytes keep the time they had', $t$
DECLARE
    v_again jsonb := '{"republish": true}';
    v_person t.person := t.active(1);
    v_answer jsonb;
BEGIN
    PERFORM t.call('publication_complete', t.document(1));
    UPDATE dossier_data.document SET published_at = now() - interval '20 days', expires_at = now() + interval '40 days';
    PERFORM t.call('publication_withdraw', t.document(1));
    v_answer := t.expect('ok', 'publication_complete', t.document(1, 'bytes', v_again));
    PERFORM t.eq('answer', concat_ws(' ', v_answer ->> 'changed', v_answer ->> 'state', v_answer ->> 'version', v_answer ->> 'expires_at'),
        'replaced published 2 ' || dossier_lib.rfc3339(now() + interval '40 days'));
    PERFORM t.eq('corrected', t.call('document_list', t.mine(v_person)) -> 'documents' -> 0 -> 'corrected', 'false');
    PERFORM t.call('publication_withdraw', t.document(1));
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.expect('document_ended', 'publication_complete', t.document(1, 'bytes', v_again));
    v_answer := t.expect('ok', 'publication_complete', t.document(1, 'other', v_again));
    PERFORM t.eq('answer', concat_ws(' ', v_answer ->> 'state', v_answer ->> 'expires_at'), 'published ' || dossier_lib.rfc3339(now() + interval '1440 hours'));
    PERFORM t.eq('corrected', t.call('document_list', t.mine(v_person)) -> 'documents' -> 0 -> 'corrected', 'true');
END $t$);

SELECT t.test('a document that moves to another facility leaves its acceptance behind by word only', $t$
DECLARE
    v_id uuid := t.integrator();
    v_person t.person := t.active(1);
    v_moved jsonb := '{"facility": "citta-di-suzzara"}';
    v_body jsonb := t.document(1, 'bytes', '{"acceptance": "A-1"}');
    v_visit jsonb := t.acceptance(1, v_moved || '{"external_id": "B-1", "activation": {"key_id": "k1", "mac": "B-1"}}');
    v_without jsonb := t.document(1, 'third', '{}', '{"external_id": "R-2"}');
    v_without_moved jsonb := t.document(1, 'fourth', v_moved, '{"external_id": "R-2"}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_body);
    INSERT INTO dossier_data.integrator_facility (integrator_id, facility_id) VALUES (v_id, 'citta-di-suzzara');
    v_body := jsonb_set(v_body, '{metadata}', v_body -> 'metadata' || v_moved || '{"acceptance": null}') || t.receipt('other');
    PERFORM t.expect('acceptance_unknown', 'publication_complete', v_body);
    PERFORM t.eq('stays', (SELECT concat_ws(' ', facility_id, version, acceptance_id IS NOT NULL) FROM dossier_data.document), 'san-pellegrino 1 t');
    PERFORM t.expect('created', 'acceptance_put', v_visit);
    PERFORM t.expect('ok', 'publication_complete', jsonb_set(v_body, '{metadata,acceptance}', '"B-1"'));
    PERFORM t.eq('moved', (SELECT concat_ws(' ', d.facility_id, a.facility_id, a.external_id)
        FROM dossier_data.document d JOIN dossier_data.acceptance a ON a.id = d.acceptance_id), 'citta-di-suzzara citta-di-suzzara B-1');
    -- one that had none needs none
    PERFORM t.expect('created', 'publication_complete', v_without);
    PERFORM t.expect('ok', 'publication_complete', v_without_moved);
END $t$);

SELECT t.test('publication_get: published, read (of the current version), withdrawn, expired, not_found', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1);
    v_id text;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('not_found', 'publication_get', v_body);
    v_id := t.call('publication_complete', v_body) ->> 'id';
    v_answer := t.expect('ok', 'publication_get', v_body);
    PERFORM t.eq('answer', v_answer, jsonb_build_object('outcome', 'ok', 'id', v_id, 'external_id', 'R-77', 'facility', 'san-pellegrino',
        'version', 1, 'state', 'published', 'sha256', t.sha('bytes'), 'published_at', dossier_lib.rfc3339(now()), 'held_until', null,
        'expires_at', dossier_lib.rfc3339(now() + interval '1440 hours'), 'read', false, 'read_at', null, 'tag', v_answer -> 'tag',
        'alerts', '[{"at": null, "state": "queued", "channel": "mail"}, {"at": null, "state": "queued", "channel": "sms"}]'::jsonb));
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', false)));
    PERFORM t.eq('looked at', t.call('publication_get', v_body), v_answer);
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.eq('read', t.call('publication_get', v_body), v_answer || jsonb_build_object('read', true, 'read_at', dossier_lib.rfc3339(now())));
    PERFORM t.eq('tag', t.call('publication_complete', t.document(1, 'other')) -> 'tag', t.call('publication_get', v_body) -> 'tag');
    PERFORM t.eq('replaced', t.call('publication_get', v_body) -> 'read', 'false');
    PERFORM t.expect('not_found', 'publication_get', v_body || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara')));
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.eq('expired', t.call('publication_get', v_body) ->> 'state', 'expired');
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('purged', t.call('publication_get', v_body) ->> 'state', 'expired');
    PERFORM t.call('publication_withdraw', v_body);
    PERFORM t.eq('withdrawn', t.call('publication_get', v_body) ->> 'state', 'withdrawn');
END $t$);

SELECT t.test('a reading is noted once, again after a new publication, and each time in the audit', $t$
DECLARE
    v_person t.person := t.active(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.call('publication_complete', t.document(1)) ->> 'id', 'read', true));
BEGIN
    PERFORM t.expect('ok', 'document_open', v_key);
    UPDATE dossier_data.document SET published_at = now() - interval '1 hour';
    UPDATE dossier_data.document_reading SET first_at = now() - interval '1 minute', last_at = now() - interval '1 minute';
    PERFORM t.expect('ok', 'document_open', v_key);
    PERFORM t.eq('once', (SELECT now() - last_at FROM dossier_data.document_reading), interval '1 minute');
    UPDATE dossier_data.document SET published_at = now() - interval '30 seconds';
    PERFORM t.expect('ok', 'document_open', v_key);
    PERFORM t.eq('since it came again', (SELECT now() - last_at FROM dossier_data.document_reading), interval '0');
    PERFORM t.eq('audit', t.audited(3), 'document_read ok, document_read ok, document_read ok');
END $t$);

SELECT t.test('readable strictly before expires_at, not a moment longer, in every function', $t$
DECLARE
    v_person t.person := t.active(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.call('publication_complete', t.document(1)) ->> 'id', 'read', true));
BEGIN
    UPDATE dossier_data.document SET expires_at = now() + interval '1 microsecond';
    PERFORM t.expect('ok', 'document_open', v_key);
    PERFORM t.eq('list', jsonb_array_length(t.call('document_list', v_key) -> 'documents'), 1);
    UPDATE dossier_data.document SET expires_at = now();
    DELETE FROM dossier_data.document_reading;
    PERFORM t.has(t.expect('document_expired', 'document_open', v_key), 'outcome');
    PERFORM t.has(t.expect('document_expired', 'document_get', v_key), 'outcome');
    PERFORM t.eq('list', t.call('document_list', v_key) -> 'documents', '[]');
    PERFORM t.eq('new', t.call('patient_list', v_key) -> 'patients' -> 0 -> 'new_documents', '0');
    PERFORM t.eq('readings', (SELECT count(*) FROM dossier_data.document_reading), 0::bigint);
    PERFORM t.eq('audit', t.audited(2), 'document_seen document_expired, document_read document_expired');
END $t$);

SELECT t.test('another account''s documents do not exist, whatever is asked', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_id text := t.call('publication_complete', t.document(1)) ->> 'id';
    v_key jsonb := t.mine(v_two, jsonb_build_object('document_id', v_id, 'read', true, 'patient_id', v_one.patient));
    v_none jsonb := v_key || jsonb_build_object('document_id', gen_random_uuid(), 'patient_id', gen_random_uuid());
    v_function text;
BEGIN
    FOREACH v_function IN ARRAY '{document_get,document_open,document_list}'::text[] LOOP
        PERFORM t.has(t.expect('not_found', v_function, v_key), 'outcome');
        PERFORM t.eq('as one that is not there', t.call(v_function, v_none), t.call(v_function, v_key));
    END LOOP;
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.expect('not_found', 'document_get', v_key);
    PERFORM t.call('publication_withdraw', t.document(1));
    PERFORM t.expect('not_found', 'document_get', v_key);
    PERFORM t.eq('audited', (SELECT count(*) FROM dossier_data.audit WHERE outcome = 'not_found' AND actor_id = v_two.account::uuid), 11::bigint);
END $t$);

SELECT t.test(format('a dossier that is %s shows nothing', state), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.call('publication_complete', t.document(1)) ->> 'id', 'read', true));
    v_function text;
BEGIN
    UPDATE dossier_data.dossier SET state = %1$L;
    FOREACH v_function IN ARRAY '{document_get,document_open,document_list}'::text[] LOOP
        PERFORM t.has(t.expect('dossier_%1$s', v_function, v_key), 'outcome');
    END LOOP;
    PERFORM t.eq('patient', (SELECT concat_ws(' ', x ->> 'dossier', x ->> 'new_documents')
        FROM (SELECT t.call('patient_list', v_key) -> 'patients' -> 0 AS x) y), '%1$s 0');
END $t$, state)) FROM unnest('{inactive,disabled}'::text[]) AS state;

SELECT t.test('document_list: pages, newest first, each document once', $t$
DECLARE
    v_person t.person := t.active(1);
    v_cursor text;
    v_answer jsonb;
    v_seen text[] := '{}';
    v_pages int := 0;
BEGIN
    FOR i IN 1..7 LOOP
        PERFORM t.call('publication_complete', t.document(1, 'b' || i, jsonb_build_object('title', i), jsonb_build_object('external_id', 'R-' || i)));
    END LOOP;
    -- three of one moment: the id decides; the others microseconds apart
    UPDATE dossier_data.document SET published_at = now() - CASE WHEN title IN ('1', '2', '3') THEN interval '1 day' ELSE title::int * interval '1 microsecond' END;
    LOOP
        v_answer := t.expect('ok', 'document_list', t.mine(v_person, jsonb_build_object('limit', 2, 'cursor', v_cursor)));
        PERFORM t.has(v_answer, 'outcome documents next');
        v_seen := v_seen || ARRAY(SELECT x ->> 'title' FROM jsonb_array_elements(v_answer -> 'documents') x);
        v_pages := v_pages + 1;
        v_cursor := v_answer ->> 'next';
        EXIT WHEN v_cursor IS NULL;
    END LOOP;
    PERFORM t.eq('pages', v_pages, 4);
    PERFORM t.eq('order', v_seen, ARRAY(SELECT title FROM dossier_data.document ORDER BY published_at DESC, id DESC));
    PERFORM t.has(v_answer -> 'documents' -> 0, 'id patient_id title type author facility media_type size issued_at published_at expires_at version corrected new');
    PERFORM t.eq('facility', v_answer -> 'documents' -> 0 -> 'facility', '{"id": "san-pellegrino", "name": "Ospedale San Pellegrino"}');
    v_answer := t.expect('ok', 'document_list', t.mine(v_person, '{"limit": 7}'));
    PERFORM t.eq('a full page that is the last', v_answer -> 'next', 'null');
    PERFORM t.eq('documents', jsonb_array_length(v_answer -> 'documents'), 7);
END $t$);

SELECT t.test('document_list: cursor_invalid for anything it did not give out', $t$
DECLARE
    v_person t.person := t.active(1);
    v_cursor text;
BEGIN
    FOREACH v_cursor IN ARRAY ARRAY['', 'x', '''; DROP TABLE', repeat('0', 47), repeat('0', 49), repeat('f', 48), repeat('G', 48), repeat('0', 48) || E'\n'] LOOP
        PERFORM t.has(t.expect('cursor_invalid', 'document_list', t.mine(v_person, jsonb_build_object('cursor', v_cursor))), 'outcome');
    END LOOP;
    PERFORM t.eq('an early one', t.call('document_list', t.mine(v_person, jsonb_build_object('cursor', repeat('0', 48)))),
        '{"outcome": "ok", "documents": [], "next": null}');
    PERFORM t.expect('ok', 'document_list', t.mine(v_person, jsonb_build_object('cursor', '000' || repeat('f', 45))));
END $t$);

SELECT t.test('document_list: filters by type, facility, and days in Rome', $t$
DECLARE
    v_person t.person := t.active(1);
    v_case record;
BEGIN
    PERFORM dossier_admin.integrator_put('LIS', t.sha('san-pellegrino'), '{san-pellegrino,citta-di-suzzara}');
    PERFORM set_config('role', 'none', true);
    FOR v_case IN SELECT * FROM (VALUES ('a', 'laboratory', 'san-pellegrino', '2026-03-01T22:59:59Z'), ('b', 'radiology', 'san-pellegrino', '2026-03-01T23:00:00Z'),
            ('c', 'laboratory', 'citta-di-suzzara', '2026-03-02T22:59:59Z')) AS v (id, type, facility, issued_at) LOOP
        INSERT INTO dossier_data.document (integrator_id, external_id, facility_id, patient_id, title, type, issued_at, media_type, size, sha256, object_id, key_id, wrapped_key, published_at, expires_at)
        SELECT id, v_case.id, v_case.facility, v_person.patient::uuid, v_case.id, v_case.type, v_case.issued_at::timestamptz, 'application/pdf', 1, 'x', gen_random_uuid(), 'k', 'w', now(), now() + interval '1 day'
        FROM dossier_data.integrator WHERE name = 'LIS';
    END LOOP;
    FOR v_case IN SELECT * FROM (VALUES ('{}', 'a b c'), ('{"type": "laboratory"}', 'a c'), ('{"type": "LABORATORY"}', NULL), ('{"facility": "citta-di-suzzara"}', 'c'),
            ('{"facility": "san-pellegrino", "type": "radiology"}', 'b'), ('{"from": "2026-03-02"}', 'b c'), ('{"to": "2026-03-01"}', 'a'),
            ('{"from": "2026-03-02", "to": "2026-03-02"}', 'b c'), ('{"from": "2026-03-03"}', NULL)) AS v (filter, titles) LOOP
        PERFORM t.eq(v_case.filter, (SELECT string_agg(x ->> 'title', ' ' ORDER BY x ->> 'title')
            FROM jsonb_array_elements(t.expect('ok', 'document_list', t.mine(v_person, v_case.filter::jsonb)) -> 'documents') x), v_case.titles);
    END LOOP;
END $t$);

SELECT t.test('document_open: receipt and audit line; a second account''s reading is its own', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_body jsonb := t.document(1);
    v_key jsonb := t.mine(v_one, jsonb_build_object('document_id', t.call('publication_complete', v_body) ->> 'id', 'read', true));
    v_answer jsonb;
    v_lines bigint := (SELECT count(*) FROM dossier_data.audit);
BEGIN
    v_answer := t.expect('ok', 'document_open', v_key || '{"read": false}');
    PERFORM t.eq('audit lines', (SELECT count(*) FROM dossier_data.audit), v_lines);
    PERFORM t.eq('exported', t.expect('ok', 'document_open', v_key || '{"read": false, "exported": true}'), v_answer);
    PERFORM t.eq('noted', t.audited(1), 'document_exported ok');
    PERFORM t.eq('an export is no reading', t.call('document_get', v_key) -> 'document' ->> 'new', 'true');
    PERFORM t.has(v_answer, 'outcome document receipt');
    PERFORM t.eq('receipt', v_answer -> 'receipt', v_body -> 'receipt');
    PERFORM t.eq('document', t.call('document_get', v_key) -> 'document', v_answer -> 'document');
    PERFORM t.eq('with reading', t.call('document_open', v_key), v_answer);
    PERFORM t.call('document_open', v_key);
    PERFORM t.eq('audit', (SELECT string_agg(concat_ws(' ', action, outcome, account_id = v_one.account::uuid, dossier_lib.audit_subject(patient_id) = v_one.patient::uuid, facility_id, detail), ', ')
        FROM dossier_data.audit WHERE action = 'document_read'), 'document_read ok t t san-pellegrino version 1, document_read ok t t san-pellegrino version 1');
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state) VALUES (v_two.account::uuid, v_one.patient::uuid, 'relative', 'delegate', 'active');
    PERFORM t.eq('new for the other', t.call('document_get', v_key || jsonb_build_object('account_id', v_two.account)) -> 'document' -> 'new', 'true');
END $t$);

SELECT t.test('document_unread: a reading that did not take place is taken back, one before it stays', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.call('publication_complete', v_body) ->> 'id', 'read', true));
    v_unread jsonb := v_key || jsonb_build_object('object_id', v_body -> 'receipt' ->> 'object_id', 'version', 1, 'failure', 'document_damaged');
BEGIN
    PERFORM t.expect('ok', 'document_open', v_key);
    PERFORM t.eq('read', t.call('document_get', v_key) -> 'document' -> 'new', 'false');
    PERFORM t.expect('ok', 'document_unread', v_unread || '{"new": true}');
    PERFORM t.eq('still new', t.call('document_get', v_key) -> 'document' -> 'new', 'true');
    PERFORM t.eq('no reading', (SELECT count(*) FROM dossier_data.document_reading), 0::bigint);
    PERFORM t.eq('audit', t.audited(1), 'document_read document_damaged');
    PERFORM t.expect('ok', 'document_open', v_key);
    PERFORM t.expect('ok', 'document_unread', v_unread || '{"new": false}');
    PERFORM t.eq('read before', t.call('document_get', v_key) -> 'document' -> 'new', 'false');
    PERFORM t.expect('document_replaced', 'document_unread', v_unread || jsonb_build_object('new', true, 'object_id', gen_random_uuid()));
    PERFORM t.eq('of the other file', t.audited(1), 'document_read document_replaced');
    PERFORM t.expect('not_found', 'document_unread', v_unread || jsonb_build_object('new', true, 'account_id', (t.active(2)).account));
END $t$);

SELECT t.test('a dry run of a publication answers what would happen, and leaves nothing', $t$
DECLARE
    v_person t.person := t.active(1);
    v_dry jsonb;
    v_audit bigint;
BEGIN
    SELECT count(*) INTO v_audit FROM dossier_data.audit WHERE action = 'document_published';
    v_dry := t.expect('created', 'publication_dry_run', t.document(1));
    PERFORM t.eq('alert', v_dry #>> '{alerts,0,state}', 'queued');
    PERFORM t.eq('state', v_dry ->> 'state', 'published');
    PERFORM t.expect('ok', 'publication_dry_run', t.document(1) - 'receipt');
    PERFORM t.expect('patient_unknown', 'publication_dry_run', t.document(9));
    PERFORM t.expect('patient_unknown', 'publication_dry_run', t.document(9) - 'receipt');
    PERFORM t.eq('documents', (SELECT count(*) FROM dossier_data.document), 0::bigint);
    PERFORM t.eq('alerts', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents'), 0::bigint);
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'document_published'), v_audit);
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    SELECT count(*) INTO v_audit FROM dossier_data.audit WHERE action = 'document_published';
    PERFORM t.eq('other bytes', t.expect('ok', 'publication_dry_run', t.document(1, 'other')) ->> 'changed', 'replaced');
    PERFORM t.eq('the same', t.expect('ok', 'publication_dry_run', t.document(1)) ->> 'changed', 'unchanged');
    PERFORM t.eq('bytes', (SELECT sha256 FROM dossier_data.document), t.sha('bytes'));
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'document_published'), v_audit);
END $t$);
