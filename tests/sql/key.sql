CREATE FUNCTION t.keys() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(concat_ws(' ', k ->> 'key_id', k -> 'documents', k -> 'activation_codes', k -> 'verification_codes', k -> 'messages'), ', ')
    FROM jsonb_array_elements(t.expect('ok', 'key_needed', '{}') -> 'keys') k
$$;

SELECT t.test('a key is known by its id once it has fitted the vault, and no other one after it', $t$
DECLARE
    v_check jsonb := jsonb_build_object('id', t.vault(), 'seal', 0);
    v_one jsonb := jsonb_build_object('a', t.sha('one'), 'b', t.sha('two'));
    v_other jsonb := v_one || jsonb_build_object('b', t.sha('other'));
BEGIN
    PERFORM t.eq('none noted', t.call('vault_check', v_check || jsonb_build_object('keys', v_other)) - 'seal' @> '{"wrong_key": null, "new_keys": true}', true);
    PERFORM t.expect('ok', 'key_note', jsonb_build_object('keys', v_one));
    PERFORM t.eq('right', t.call('vault_check', v_check || jsonb_build_object('keys', v_one)) @> '{"wrong_key": null, "new_keys": false}', true);
    PERFORM t.eq('wrong', t.call('vault_check', v_check || jsonb_build_object('keys', v_other)) @> '{"wrong_key": "b", "new_keys": false}', true);
    PERFORM t.eq('also to whom the vault is away', t.call('vault_check', jsonb_build_object('seal', 0, 'keys', v_other)) @> '{"wrong_key": "b", "vault": "missing"}', true);
    PERFORM t.eq('not there', t.call('vault_check', v_check || jsonb_build_object('keys', v_other - 'b')) @> '{"wrong_key": null, "new_keys": false}', true);
    PERFORM t.expect('ok', 'key_note', jsonb_build_object('keys', v_other || '{"c": "new"}'));
    PERFORM t.eq('the first stays', t.call('vault_check', v_check || jsonb_build_object('keys', v_other)) ->> 'wrong_key', 'b');
    PERFORM t.eq('a server of before', t.call('vault_check', v_check) @> '{"wrong_key": null, "new_keys": false}', true);
END $t$);

SELECT t.test('key_needed: every row that could not be read without its key, and no other', $t$
DECLARE
    v_old uuid;
    v_person t.person;
BEGIN
    PERFORM t.eq('none', t.keys(), NULL);
    v_person := t.active(1); -- its activation code is used, and so is the code of its registration
    UPDATE dossier_data.outbox SET sealed = NULL; -- its SMS has left
    PERFORM t.eq('used codes', t.keys(), NULL);
    v_old := t.expect('created', 'publication_complete', t.document(1)) ->> 'id';
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'others', '{}', '{"external_id": "R-78"}'));
    UPDATE dossier_data.document SET key_id = 'old' WHERE id = v_old;
    PERFORM t.eq('documents', t.keys(), 'k1 1 0 0 0, old 1 0 0 0');
    PERFORM t.call('acceptance_put', t.acceptance(2));
    UPDATE dossier_data.activation_code SET key_id = 'old' WHERE used_at IS NULL;
    PERFORM t.eq('a slip that is out', t.keys(), 'k1 1 0 0 0, old 1 1 0 0');
    UPDATE dossier_data.activation_code SET expires_at = now() WHERE used_at IS NULL;
    PERFORM t.eq('an expired slip', t.keys(), 'k1 1 0 0 0, old 1 0 0 0');
    UPDATE dossier_data.document SET withdrawn_at = now(), wrapped_key = NULL WHERE id = v_old;
    PERFORM t.eq('a document that is gone', t.keys(), 'k1 1 0 0 0');
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at, sealed)
    VALUES ('sms', t.mobile(1), 'verification_code', 'it', 0, now(), now(), now() + interval '10 minutes', 'old:c2VhbGVk');
    PERFORM t.eq('a code on its way', t.keys(), 'k1 1 0 0 0, old 0 0 0 1');
    PERFORM t.eq('as the metrics have it', t.call('metrics', '{}') -> 'keys', t.call('key_needed', '{}') -> 'keys');
END $t$);

SELECT t.test('key_needed: the operator sees until when; a held document keeps its key for its 180 days', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"hold": true}'));
    -- by the clock: counted in days it would be 181 in the hour before midnight, across the change to summer time
    PERFORM t.eq('until', (SELECT k.needed_until FROM dossier_admin.key_needed() k), date_trunc('second', now() + dossier_lib.days(180)));
END $t$);
