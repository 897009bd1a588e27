CREATE FUNCTION t.numbers(p_channel text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', m -> 'waiting', m -> 'later', m -> 'on_the_way', m -> 'given_up', m -> 'oldest_urgent_seconds', m -> 'oldest_alert_seconds')
    FROM (SELECT t.expect('ok', 'metrics', '{}') -> 'outbox' -> p_channel AS m) x
$$;
CREATE FUNCTION t.queue(p_channel text, p_priority int, p_due interval, p_not_before interval DEFAULT NULL) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    VALUES (p_channel, t.mobile(1), 'new_documents', 'it', p_priority, now() + p_due, now() + coalesce(p_not_before, p_due), now() + interval '1 day') RETURNING id
$$;

SELECT t.test('metrics: messages by what they wait for', $t$
DECLARE
    v_id uuid;
BEGIN
    PERFORM t.eq('none', t.numbers('sms'), '0 0 0 0 0 0');
    PERFORM t.queue('sms', 2, '-300 seconds');
    PERFORM t.queue('sms', 0, '-20 seconds');
    PERFORM t.queue('sms', 2, '60 seconds'); -- gathers
    PERFORM t.queue('sms', 1, '-100 seconds', '5 seconds'); -- is tried again in a moment
    PERFORM t.queue('mail', 2, '-1 second');
    PERFORM t.eq('waiting', t.numbers('sms'), '2 2 0 0 100 300');
    PERFORM t.eq('mail', t.numbers('mail'), '1 0 0 0 0 1');
    v_id := t.queue('mail', 1, '-7 seconds');
    UPDATE dossier_data.outbox SET claimed_by = 'w', claimed_at = now() WHERE id = v_id;
    PERFORM t.eq('on the way', t.numbers('mail'), '1 0 1 0 7 1');
    UPDATE dossier_data.outbox SET claimed_by = NULL, claimed_at = NULL, state = 'failed', ended_at = now() WHERE id = v_id;
    PERFORM t.eq('given up', t.numbers('mail'), '1 0 0 1 0 1');
END $t$);

SELECT t.test('metrics: documents and bytes are those whose key is there', $t$
DECLARE
    v_document uuid;
BEGIN
    PERFORM t.eq('none', t.expect('ok', 'metrics', '{}') -> 'vault', '{"documents": 0, "bytes": 0}');
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_document := t.expect('created', 'publication_complete', t.document(1)) ->> 'id';
    PERFORM t.eq('one', t.expect('ok', 'metrics', '{}') -> 'vault' ->> 'documents', '1');
    PERFORM t.eq('its size', t.expect('ok', 'metrics', '{}') -> 'vault' ->> 'bytes', (SELECT size::text FROM dossier_data.document));
    UPDATE dossier_data.document SET purged_at = now(), wrapped_key = NULL, title = NULL WHERE id = v_document;
    PERFORM t.eq('purged', t.expect('ok', 'metrics', '{}') -> 'vault', '{"documents": 0, "bytes": 0}');
END $t$);

SELECT t.test('metrics: many documents are not counted when somebody asks, but with the keys, and the answer says when', $t$
DECLARE
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    PERFORM t.eq('now', t.expect('ok', 'metrics', '{}') -> 'counted', to_jsonb(extract(epoch FROM now())::bigint));
    INSERT INTO dossier_data.vault_counted (counted_at, documents, bytes, keys) VALUES (now() - interval '9 minutes', 1001, 77, '["k1"]');
    v_answer := t.expect('ok', 'metrics', '{}');
    PERFORM t.eq('as counted', v_answer -> 'vault', '{"documents": 1001, "bytes": 77}');
    PERFORM t.eq('keys', v_answer -> 'keys', '["k1"]');
    PERFORM t.eq('then', v_answer -> 'counted', to_jsonb(extract(epoch FROM now() - interval '9 minutes')::bigint));
    PERFORM t.expect('ok', 'key_needed', '{}');
    PERFORM t.eq('counted again', (SELECT format('%s %s', counted_at = now(), documents) FROM dossier_data.vault_counted), 't 1');
    PERFORM t.eq('the one', t.expect('ok', 'metrics', '{}') -> 'vault' ->> 'documents', '1');
END $t$);

SELECT t.test('connections: those of the web server only, which has none here', $t$
BEGIN
    PERFORM t.eq('connections', t.expect('ok', 'connections', '{}') -> 'connections',
        jsonb_build_object('open', 0, 'busy', 0, 'limit', current_setting('max_connections')::int));
END $t$);

SELECT t.test('status and metrics say that a database is read-only, by its SQLSTATE', $t$
DECLARE
    v_call text;
BEGIN
    PERFORM t.expect('ok', 'status', '{}');
    FOREACH v_call IN ARRAY ARRAY['status', 'metrics'] LOOP
        BEGIN
            SET LOCAL transaction_read_only = on;
            PERFORM t.call(v_call, '{}');
            RAISE EXCEPTION '% answered', v_call;
        EXCEPTION WHEN read_only_sql_transaction THEN
            NULL;
        END;
    END LOOP;
END $t$);

SELECT t.test('server_check: facilities that are not registered, and statements that nothing ends', $t$
BEGIN
    PERFORM t.integrator();
    PERFORM t.eq('known', t.expect('ok', 'server_check', '{"facilities": ["san-pellegrino"]}') -> 'facilities_unknown', '[]');
    PERFORM t.eq('unknown', t.call('server_check', '{"facilities": ["san-pelegrino", "san-pellegrino", "san-pelegrino"]}') -> 'facilities_unknown', '["san-pelegrino"]');
    PERFORM t.eq('none', t.call('server_check', '{"facilities": []}') -> 'facilities_unknown', '[]');
    SET LOCAL statement_timeout = '10s';
    SET LOCAL lock_timeout = 0;
    PERFORM t.eq('timeouts', t.call('server_check', '{"facilities": []}') - 'outcome' - 'facilities_unknown', '{"statement_timeout": true, "lock_timeout": false}');
END $t$);
