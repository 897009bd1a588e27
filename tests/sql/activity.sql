CREATE FUNCTION t.activity(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', l ->> 'actor', l ->> 'action', l ->> 'outcome'), ', ' ORDER BY n)
    FROM jsonb_array_elements(t.expect('ok', 'activity_list', t.mine(p)) -> 'activity') WITH ORDINALITY l (l, n)
    WHERE l ->> 'action' LIKE 'document%'
$$;

SELECT t.test('activity: what facilities did is seen by who has the open dossier, refusals are not', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
    v_id text := t.call('publication_complete', t.document(1)) ->> 'id';
BEGIN
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.expect('document_patient_changed', 'publication_complete', t.document(2));
    PERFORM t.eq('lines', t.activity(v_person), 'you document_read ok, facility document_published created');
    PERFORM t.eq('names', (SELECT l ->> 'document_id' || (l -> 'facility' ->> 'id') || (l ->> 'patient_id')
        FROM jsonb_array_elements(t.call('activity_list', t.mine(v_person)) -> 'activity') l WHERE l ->> 'actor' = 'facility' AND l ->> 'action' = 'document_published'),
        v_id || 'san-pellegrino' || v_person.patient);
    PERFORM t.eq('the other', t.activity(v_other), NULL);
    UPDATE dossier_data.dossier SET state = 'disabled' WHERE account_id = v_person.account::uuid;
    PERFORM t.eq('disabled', t.activity(v_person), 'you document_read ok');
END $t$);

SELECT t.test('activity: the title of a report is told while the reader can read it', $t$
DECLARE
    v_person t.person := t.active(1);
    v_id text := t.call('publication_complete', t.document(1)) ->> 'id';
    v_step text;
    v_titles text := '';
BEGIN
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    FOREACH v_step IN ARRAY ARRAY['SELECT $1',
            'INSERT INTO dossier_data.document_hidden (document_id, account_id, by_patient) SELECT id, $1, true FROM dossier_data.document',
            'DELETE FROM dossier_data.document_hidden WHERE account_id = $1',
            'UPDATE dossier_data.dossier SET state = ''disabled'' WHERE account_id = $1',
            'UPDATE dossier_data.dossier SET state = ''active'' WHERE account_id = $1',
            'UPDATE dossier_data.document SET withdrawn_at = now() WHERE $1 IS NOT NULL'] LOOP
        EXECUTE v_step USING v_person.account::uuid;
        v_titles := v_titles || coalesce((SELECT coalesce(l ->> 'document_title', '-')
            FROM jsonb_array_elements(t.call('activity_list', t.mine(v_person)) -> 'activity') l WHERE l ->> 'action' = 'document_read'), 'no line') || '|';
    END LOOP;
    PERFORM t.eq('titles', v_titles, 'Esami del sangue|no line|Esami del sangue|-|Esami del sangue|-|');
END $t$);

SELECT t.test('activity: pages', $t$
DECLARE
    v_person t.person := t.active(1);
    v_page jsonb := t.expect('ok', 'activity_list', t.mine(v_person, '{"limit": 1}'));
BEGIN
    PERFORM t.has(v_page, 'outcome activity next');
    PERFORM t.has(v_page -> 'activity' -> 0, 'id at action outcome actor patient_id facility document_id document_title notice device address');
    PERFORM t.eq('next', t.call('activity_list', t.mine(v_person, jsonb_build_object('limit', 1, 'cursor', v_page -> 'next'))) -> 'activity' -> 0 ->> 'id' < v_page ->> 'next', true);
    PERFORM t.expect('cursor_invalid', 'activity_list', t.mine(v_person, '{"cursor": "0"}'));
END $t$);

SELECT t.test('export: everything of one account, nothing of another', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
    v_answer jsonb;
BEGIN
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.call('publication_complete', t.document(2, 'b', '{}', '{"external_id": "R-78"}'));
    v_answer := t.expect('ok', 'export_begin', t.mine(v_person));
    PERFORM t.has(v_answer, 'outcome data documents');
    PERFORM t.eq('documents', jsonb_array_length(v_answer -> 'documents'), 1);
    PERFORM t.eq('nothing of the other', strpos(v_answer::text, t.cf(2)) + strpos(v_answer::text, t.mobile(2)) + strpos(v_answer::text, v_other.patient), 0);
    PERFORM t.eq('no secret', strpos(v_answer::text, 'hash') + strpos(v_answer::text, 'wrapped') + strpos(v_answer::text, 'sealed'), 0);
    PERFORM t.eq('audit', t.audited(1), 'data_exported ok');
    PERFORM t.expect('not_found', 'export_begin', jsonb_build_object('account_id', gen_random_uuid()));
END $t$);

SELECT t.test('devices: a login from one not known is told by mail, once; the first comes with the account', $t$
DECLARE
    v_person t.person := t.account(1);
    v_session jsonb := t.session('second') || jsonb_build_object('device_hash', t.sha('phone'),
        'user_agent', 'Mozilla/5.0 (Windows NT 10.0) Firefox/120.0');
    v_mail jsonb;
BEGIN
    PERFORM t.eq('at registration', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_device'), 0::bigint);
    UPDATE dossier_data.account SET created_at = now() - interval '1 day';
    PERFORM dossier_lib.session_open(v_person.account::uuid, v_session, '192.0.2.1');
    PERFORM t.eq('told', (SELECT string_agg(channel, ' ') FROM dossier_data.outbox WHERE template = 'new_device'), 'mail');
    UPDATE dossier_data.outbox SET created_at = '2026-07-24T08:15:00Z' WHERE template = 'new_device';
    SELECT m INTO v_mail FROM jsonb_array_elements(t.expect('ok', 'outbox_claim',
        '{"worker": "w", "limit": 10, "channel": "mail"}') -> 'messages') m WHERE m ->> 'template' = 'new_device';
    PERFORM t.eq('when, with what, whose desk', concat_ws('; ', v_mail ->> 'at', v_mail ->> 'device', v_mail ->> 'facility'),
        '24/07/2026 alle 10:15; Firefox, Windows; san-pellegrino');
    PERFORM dossier_lib.session_open(v_person.account::uuid, v_session || t.session('third'), '192.0.2.1');
    PERFORM t.eq('known now', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_device'), 1::bigint);
    PERFORM t.eq('its name', t.call('activity_list', t.mine(v_person)) -> 'activity' -> 0 ->> 'device', 'Firefox');
    UPDATE dossier_data.device SET last_seen_at = now() - interval '401 days';
    PERFORM t.expect('ok', 'purge', '{"limit": 10}');
    PERFORM t.eq('forgotten', (SELECT count(*) FROM dossier_data.device), 0::bigint);
END $t$);
