SELECT t.test('purge: keys and words of expired documents go, the row stays for the desk', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1);
    v_kept jsonb := t.document(1, 'kept', '{}', '{"external_id": "kept"}');
    v_answer jsonb;
BEGIN
    PERFORM t.call('publication_complete', v_body);
    PERFORM t.call('publication_complete', v_kept);
    PERFORM t.eq('nothing yet', t.expect('ok', 'purge', '{"limit": 10}'), '{"outcome": "ok", "objects": [], "more": false}');
    UPDATE dossier_data.document SET expires_at = now() WHERE external_id = 'R-77';
    UPDATE dossier_data.document SET expires_at = now() + interval '1 microsecond' WHERE external_id = 'kept';
    v_answer := t.expect('ok', 'purge', '{"limit": 10}');
    PERFORM t.eq('answer', v_answer, jsonb_build_object('outcome', 'ok', 'more', false, 'objects', jsonb_build_array(v_body -> 'receipt' ->> 'object_id')));
    PERFORM t.eq('row', (SELECT concat_ws(' ', wrapped_key, title, author, purged_at = now()) FROM dossier_data.document WHERE external_id = 'R-77'), 't');
    PERFORM t.eq('kept', (SELECT wrapped_key FROM dossier_data.document WHERE external_id = 'kept'), 'wrapped kept');
    PERFORM t.eq('audit', t.audited(1), 'document_purged ok');
    PERFORM t.eq('once', t.call('purge', '{"limit": 10}') -> 'objects', '[]');
    PERFORM t.eq('state', t.call('publication_get', v_body) ->> 'state', 'expired');
END $t$);

SELECT t.test('purge: in batches, more says whether to come again', $t$
DECLARE
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    FOR i IN 1..5 LOOP
        PERFORM t.call('publication_complete', t.document(1, 'b', '{}', jsonb_build_object('external_id', i)));
    END LOOP;
    UPDATE dossier_data.document SET expires_at = now();
    FOR i IN 1..3 LOOP
        v_answer := t.expect('ok', 'purge', '{"limit": 2}');
        PERFORM t.eq('batch', concat_ws(' ', jsonb_array_length(v_answer -> 'objects'), v_answer ->> 'more'), CASE i WHEN 3 THEN '1 false' ELSE '2 true' END);
    END LOOP;
END $t$);

SELECT t.test('purge: a withdrawn document loses its words when its time is over', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.call('publication_withdraw', t.document(1));
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('title', (SELECT title FROM dossier_data.document), 'Esami del sangue');
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('title', (SELECT title FROM dossier_data.document), NULL);
    PERFORM t.eq('state', t.call('publication_get', t.document(1)) ->> 'state', 'withdrawn');
END $t$);

SELECT t.test('purge: stale traces go, what is alive or tells of consent stays', $t$
DECLARE
    v_old t.person := t.active(1);
    v_new t.person;
    v_counts text;
BEGIN
    PERFORM dossier.session_begin(jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'address', '192.0.2.1'));
    INSERT INTO dossier_data.account_change (kind, recipient, language, subject, expires_at)
    VALUES ('password_reset', 'x', 'it', 's', now() - interval '4 days'), ('password_reset', 'x', 'it', 's', now());
    UPDATE dossier_data.registration SET expires_at = expires_at - interval '4 days';
    UPDATE dossier_data.session SET created_at = created_at - interval '4 days';
    UPDATE dossier_data.login_attempt SET created_at = created_at - interval '4 days';
    UPDATE dossier_data.throttle SET touched_at = touched_at - interval '4 days', tat = tat - interval '4 days';
    UPDATE dossier_data.outbox SET state = 'sent', sealed = NULL, ended_at = now() - interval '31 days';
    v_new := t.active(2);
    PERFORM dossier.session_begin(jsonb_build_object('kind', 'mobile', 'login', t.mobile(2), 'address', '192.0.2.2'));
    PERFORM t.expect('ok', 'purge', '{"limit": 100}');
    SELECT concat_ws(' ', (SELECT count(*) FROM dossier_data.registration), (SELECT count(*) FROM dossier_data.verification_code),
        (SELECT count(*) FROM dossier_data.session), (SELECT count(*) FROM dossier_data.login_attempt), (SELECT count(*) FROM dossier_data.outbox)) INTO v_counts;
    PERFORM t.eq('changes', (SELECT count(*) FROM dossier_data.account_change), 1::bigint);
    PERFORM t.eq('registrations, codes, sessions, attempts, messages', v_counts, '1 1 1 1 1');
    PERFORM t.eq('counters', (SELECT string_agg(DISTINCT scope, ' ' ORDER BY scope) FROM dossier_data.throttle), 'code_address code_send code_wrong login login_address login_anywhere');
    PERFORM t.eq('counters of one', (SELECT count(*) FROM dossier_data.throttle), 6::bigint);
    PERFORM t.eq('accounts, consents', (SELECT count(*) FROM dossier_data.account) || ' ' || (SELECT count(*) FROM dossier_data.consent), '2 4');
    PERFORM t.expect('ok', 'session_load', jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session)));
END $t$);

SELECT t.test('vault_live: what a row has a key for, and nothing else', $t$
DECLARE
    v_live jsonb := t.document(1);
    v_withdrawn jsonb := t.document(1, 'b', '{}', '{"external_id": "withdrawn"}');
    v_expired jsonb := t.document(1, 'c', '{}', '{"external_id": "expired"}');
    v_objects jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('publication_complete', v_live);
    PERFORM t.call('publication_complete', v_withdrawn);
    PERFORM t.call('publication_complete', v_expired);
    PERFORM t.call('publication_withdraw', v_withdrawn);
    v_objects := jsonb_build_array(v_live -> 'receipt' -> 'object_id', v_withdrawn -> 'receipt' -> 'object_id', v_expired -> 'receipt' -> 'object_id',
        gen_random_uuid(), 'no uuid', '');
    PERFORM t.eq('live', (SELECT count(*) FROM jsonb_array_elements(t.expect('ok', 'vault_live', jsonb_build_object('objects', v_objects)) -> 'live')), 2::bigint);
    UPDATE dossier_data.document SET expires_at = now() WHERE external_id = 'expired';
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('live', t.call('vault_live', jsonb_build_object('objects', v_objects)) -> 'live', jsonb_build_array(v_live -> 'receipt' -> 'object_id'));
    PERFORM t.eq('none', t.call('vault_live', '{"objects": []}') -> 'live', '[]');
END $t$);

-- ---- what must never stand in the audit, or in an error

SELECT t.test('the audit holds no name, number, code or address of mail', $t$
DECLARE
    v_person t.person := t.active(1);
    v_secret text;
BEGIN
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(7))));
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', (SELECT id FROM dossier_data.document), 'read', true)));
    PERFORM dossier.session_begin(jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'address', '192.0.2.1'));
    PERFORM t.eq('there are lines', (SELECT count(*) > 8 FROM dossier_data.audit), true);
    FOREACH v_secret IN ARRAY ARRAY['Mario', 'Rossi', t.cf(1), t.mobile(1), t.mobile(7), 'example.org', 'mac of', 'sealed', 'activation 1', 'hash 1', 'Esami', 'Verdi', 'Mantova'] LOOP
        PERFORM t.eq('lines with ' || v_secret, (SELECT count(*) FROM dossier_data.audit a WHERE strpos(a::text, v_secret) > 0), 0::bigint);
    END LOOP;
END $t$);
