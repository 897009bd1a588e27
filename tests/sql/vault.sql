-- The vault's id and the newest seal it has heard of; what was destroyed on purpose.
CREATE FUNCTION t.check(p_id text, p_seal bigint DEFAULT 0, p_hash text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.expect('ok', 'vault_check', jsonb_build_object('id', p_id, 'seal', p_seal, 'seal_hash', p_hash))
$$;

SELECT t.test('vault_check: ok, missing, foreign, unclaimed', $t$
BEGIN
    PERFORM t.eq('right', t.check(t.vault()) ->> 'vault', 'ok');
    PERFORM t.eq('none', t.check(NULL) ->> 'vault', 'missing');
    PERFORM t.eq('another', t.check(gen_random_uuid()::text) ->> 'vault', 'foreign');
    PERFORM t.eq('whose', t.check(NULL) ->> 'id', t.vault());
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('publication_complete', t.document(1));
    UPDATE dossier_data.vault SET id = NULL;
    PERFORM t.eq('first start', t.check(t.vault()) ->> 'vault', 'unclaimed');
    PERFORM t.eq('proof', t.check(NULL) -> 'documents', (SELECT jsonb_build_array(object_id) FROM dossier_data.document));
END $t$);

SELECT t.test('vault_claim: once, and again only by the operator''s word, which is used up', $t$
DECLARE
    v_other text := gen_random_uuid()::text;
BEGIN
    UPDATE dossier_data.vault SET id = NULL;
    PERFORM t.eq('claimed', t.call('vault_claim', jsonb_build_object('id', t.vault())) ->> 'vault', 'ok');
    PERFORM t.eq('too late', t.call('vault_claim', jsonb_build_object('id', v_other)) ->> 'vault', 'foreign');
    PERFORM dossier_admin.vault_accept();
    PERFORM t.eq('accepted', t.check(v_other) -> 'accepted', 'true');
    PERFORM t.eq('by word', t.call('vault_claim', jsonb_build_object('id', v_other)) ->> 'vault', 'ok');
    PERFORM t.eq('used up', t.call('vault_claim', jsonb_build_object('id', t.vault())) ->> 'vault', 'foreign');
    PERFORM t.eq('audit', (SELECT string_agg(action, ' ' ORDER BY id) FROM dossier_data.audit WHERE action LIKE 'vault%'), 'vault_claimed vault_accepted vault_claimed');
END $t$);

SELECT t.test('vault_accept: the documents that prove the folder; without them by a word of its own, which is used up too', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.eq('none asked', t.check(t.vault()) -> 'documents', 'null');
    PERFORM dossier_admin.vault_accept();
    PERFORM t.eq('proof', t.check(NULL) -> 'documents', (SELECT jsonb_build_array(object_id) FROM dossier_data.document));
    PERFORM t.eq('needed', t.check(NULL) -> 'without_documents', 'false');
    PERFORM dossier_admin.vault_accept(true);
    PERFORM t.eq('not needed', t.check(NULL) -> 'without_documents', 'true');
    PERFORM t.eq('audit', (SELECT detail FROM dossier_data.audit WHERE action = 'vault_accepted' ORDER BY id DESC LIMIT 1), 'without documents');
    PERFORM t.call('vault_claim', jsonb_build_object('id', t.vault()));
    PERFORM t.eq('used up', t.check(t.vault()) -> 'without_documents', 'false');
    PERFORM dossier_admin.vault_accept(true);
    PERFORM dossier_admin.vault_accept();
    PERFORM t.eq('the last word', t.check(t.vault()) -> 'without_documents', 'false');
END $t$);

SELECT t.test('vault_check: behind is who lacks the seal that the vault has heard of', $t$
DECLARE
    v_seal jsonb;
BEGIN
    PERFORM t.eq('no seal', t.check(t.vault()) -> 'behind', 'false');
    PERFORM t.eq('a seal and none here', t.check(t.vault(), 1, t.sha('x')) -> 'behind', 'true');
    INSERT INTO dossier_data.audit_seal (number, lines, count, newest_at, root, previous, hash)
    VALUES (6, '{[1,2)}', 1, now(), t.sha('root'), t.sha('five'), t.sha('six')), (7, '{[2,3)}', 1, now(), t.sha('root'), t.sha('six'), t.sha('seven'));
    PERFORM t.eq('the newest', t.check(t.vault(), 7, t.sha('seven')) -> 'behind', 'false');
    PERFORM t.eq('one before', t.check(t.vault(), 6, t.sha('six')) -> 'behind', 'false');
    PERFORM t.eq('a newer one', t.check(t.vault(), 8, t.sha('eight')) -> 'behind', 'true');
    PERFORM t.eq('another history', t.check(t.vault(), 7, t.sha('other')) -> 'behind', 'true');
    PERFORM t.eq('older than what is kept', t.check(t.vault(), 5, t.sha('five')) -> 'behind', 'false');
    v_seal := t.check(t.vault()) -> 'seal';
    PERFORM t.eq('to be noted', v_seal, jsonb_build_object('number', 7, 'hash', t.sha('seven')));
END $t$);

SELECT t.test('vault_check: another database than the one that the vault has noted', $t$
DECLARE
    v_own text := t.check(t.vault()) ->> 'database';
BEGIN
    PERFORM t.eq('who', v_own ~ '^\d+-\d+$', true);
    PERFORM t.eq('not noted', t.check(t.vault()) -> 'other_database', 'false');
    PERFORM t.eq('this', t.call('vault_check', jsonb_build_object('id', t.vault(), 'seal', 0, 'database', v_own)) -> 'other_database', 'false');
    PERFORM t.eq('another', t.call('vault_check', jsonb_build_object('id', t.vault(), 'seal', 0, 'database', v_own || '1')) -> 'other_database', 'true');
END $t$);

SELECT t.test('vault_newest: what is published and not of this minute, the newest first', $t$
DECLARE
    v_first uuid;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('publication_complete', t.document(1));
    SELECT object_id INTO v_first FROM dossier_data.document;
    PERFORM t.call('publication_complete', t.document(1, 'bytes 2', p_change => '{"external_id": "R-2"}'));
    PERFORM t.call('publication_complete', t.document(1, 'bytes 3', p_change => '{"external_id": "R-3"}'));
    PERFORM t.eq('of this minute', t.call('vault_newest', '{"limit": 9}') -> 'objects', '[]');
    UPDATE dossier_data.document SET created_at = now() - CASE object_id WHEN v_first THEN interval '2 hours' ELSE interval '1 hour' END;
    PERFORM t.eq('all', jsonb_array_length(t.call('vault_newest', '{"limit": 9}') -> 'objects'), 3);
    PERFORM t.eq('the newest', t.call('vault_newest', '{"limit": 2}') -> 'objects' ? v_first::text, false);
    UPDATE dossier_data.document SET wrapped_key = NULL, withdrawn_at = now() WHERE object_id <> v_first;
    PERFORM t.eq('what is left', t.call('vault_newest', '{"limit": 9}') -> 'objects', jsonb_build_array(v_first));
END $t$);

SELECT t.test('publication: only into the vault', $t$
DECLARE
    v_body jsonb := t.document(1);
    v_other jsonb := v_body || jsonb_build_object('vault', gen_random_uuid());
    v_none jsonb := v_body - 'vault';
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.expect('storage_failed', 'publication_prepare', v_other);
    PERFORM t.expect('storage_failed', 'publication_prepare', v_none);
    PERFORM t.expect('storage_failed', 'publication_complete', v_other);
    PERFORM t.expect('storage_failed', 'publication_complete', v_none);
    PERFORM t.expect('storage_failed', 'publication_dry_run', v_none);
    PERFORM t.eq('rows', (SELECT count(*) FROM dossier_data.document), 0::bigint);
    PERFORM t.expect('created', 'publication_complete', v_body);
    UPDATE dossier_data.vault SET id = NULL;
    PERFORM t.expect('storage_failed', 'publication_complete', v_none || t.receipt('b'));
END $t$);

-- Publishes four documents of person 1 and ends each in another way; the object ids by how.
CREATE FUNCTION t.ended(p t.person) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_objects jsonb := '{}';
    v_body jsonb;
BEGIN
    FOR i IN 1..4 LOOP
        v_body := t.document(1, 'b' || i, '{}', jsonb_build_object('external_id', i));
        PERFORM t.expect('created', 'publication_complete', v_body);
        v_objects := v_objects || jsonb_build_object((ARRAY['withdrawn', 'replaced', 'expired', 'deleted'])[i], v_body -> 'receipt' ->> 'object_id');
    END LOOP;
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1, 'b1', '{}', '{"external_id": "1"}'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'other', '{}', '{"external_id": "2"}'));
    UPDATE dossier_data.document SET expires_at = now() WHERE external_id = '3';
    PERFORM t.expect('ok', 'purge', '{"limit": 10}');
    UPDATE dossier_data.document SET wrapped_key = NULL, deleted_at = now() WHERE external_id = '4';
    RETURN v_objects;
END
$$;

SELECT t.test('however a document ends, its file is one that may go; that of before a correction stays', $t$
DECLARE
    v_objects jsonb := t.ended(t.active(1));
    v_answer jsonb;
    v_how text;
BEGIN
    v_answer := t.expect('ok', 'vault_live', jsonb_build_object('objects', (SELECT jsonb_agg(value) FROM jsonb_each(v_objects)) || jsonb_build_array(gen_random_uuid())));
    PERFORM t.eq('live', v_answer -> 'live', jsonb_build_array(v_objects -> 'replaced'));
    PERFORM t.eq('destroyed', jsonb_array_length(v_answer -> 'destroyed'), 3);
    FOR v_how IN SELECT jsonb_object_keys(v_objects) LOOP
        PERFORM t.eq(v_how, (SELECT why FROM dossier_data.destroyed_object WHERE object_id = (v_objects ->> v_how)::uuid), v_how);
    END LOOP;
    DELETE FROM dossier_data.document_reading;
    DELETE FROM dossier_data.document WHERE external_id = '2';
    PERFORM t.eq('a row that is removed', (SELECT count(*) FROM dossier_data.destroyed_object WHERE why = 'deleted'), 3::bigint);
END $t$);

-- Publishes one document of person 1 and corrects it twice; the object ids, the oldest first.
CREATE FUNCTION t.corrected() RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_objects jsonb := '[]';
    v_body jsonb;
BEGIN
    FOR i IN 1..3 LOOP
        v_body := t.document(1, 'version ' || i);
        PERFORM t.call('publication_complete', v_body);
        v_objects := v_objects || jsonb_build_array(v_body -> 'receipt' ->> 'object_id');
    END LOOP;
    RETURN v_objects;
END
$$;

CREATE FUNCTION t.sorted(p jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(o ORDER BY o) FROM jsonb_array_elements_text(p) o $$;

-- What the vault is told, as an older copy reads it: it knows one of the former files as the document's.
SELECT t.test(format('with a document the files of its former versions go: %s', how), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_objects jsonb := t.corrected();
    v_answer jsonb;
BEGIN
    PERFORM t.eq('stay', jsonb_array_length(t.call('vault_live', jsonb_build_object('objects', v_objects)) -> 'live'), 3);
    PERFORM t.eq('not told', t.call('vault_destroyed', '{"told": [], "limit": 10}') -> 'objects', '[]');
    %s
    PERFORM t.eq('files', t.sorted(v_answer), t.sorted(v_objects));
    v_answer := t.call('vault_live', jsonb_build_object('objects', v_objects));
    PERFORM t.eq('live', v_answer -> 'live', '[]');
    PERFORM t.eq('destroyed', jsonb_array_length(v_answer -> 'destroyed'), 3);
    PERFORM t.eq('told', jsonb_array_length(t.call('vault_destroyed', '{"told": [], "limit": 10}') -> 'objects'), %s);
END $t$, change, told)) FROM (VALUES
    ('withdrawn', $q$v_answer := t.expect('ok', 'publication_withdraw', t.document(1)) -> 'obsolete';$q$, 3),
    ('expired', $q$UPDATE dossier_data.document SET expires_at = now(); v_answer := t.expect('ok', 'purge', '{"limit": 10}') -> 'objects';$q$, 0),
    ('wiped', $q$v_answer := t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person)))) -> 'obsolete';$q$, 3)) v (how, change, told);

SELECT t.test('wiped while a correction is held: what the patient could read before goes, the correction stays', $t$
DECLARE
    v_person t.person := t.active(1);
    v_old jsonb := t.document(1);
    v_new jsonb := t.document(1, 'other', '{"hold": true}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_old);
    PERFORM t.expect('ok', 'publication_complete', v_new);
    PERFORM t.eq('files', t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person)))) -> 'obsolete',
        jsonb_build_array(v_old -> 'receipt' -> 'object_id'));
    PERFORM t.eq('told', t.call('vault_destroyed', '{"told": [], "limit": 10}') ->> 'lines', format(E'%s deleted\n', v_old -> 'receipt' ->> 'object_id'));
    PERFORM t.eq('live', t.call('vault_live', jsonb_build_object('objects', jsonb_build_array(v_new -> 'receipt' -> 'object_id'))) -> 'live',
        jsonb_build_array(v_new -> 'receipt' -> 'object_id'));
END $t$);

-- What a wipe destroys is destroyed in a restored copy as well: only what its dossier could show.
SELECT t.test('wiped: of documents that stay no file goes that this dossier could not show', $t$
DECLARE
    v_person t.person := t.active(1);
    v_parent t.person := t.active(2);
    v_file text;
    v_answer jsonb;
BEGIN
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state, activated_at)
    VALUES (v_parent.account::uuid, v_person.patient::uuid, 'relative', 'delegate', 'active', now());
    v_parent.patient := v_person.patient;
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one', '{"class": "hiv", "told_by_doctor": true}'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"class": "hiv", "told_by_doctor": true}'));
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'three', '{"hold": true}', '{"external_id": "R-held"}'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'four', '{"hold": true}', '{"external_id": "R-held"}'));
    PERFORM t.eq('by the relative', t.expect('ok', 'leaving_documents_wipe', t.mine(v_parent, jsonb_build_object('proof', t.typed(v_parent)))) -> 'obsolete', '[]');
    v_answer := t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
    PERFORM t.eq('by the patient', jsonb_array_length(v_answer -> 'obsolete'), 2);
    PERFORM t.eq('what is held', (SELECT count(*) FROM dossier_data.destroyed_object WHERE why = 'replaced'), 1::bigint);
END $t$);

SELECT t.test('purge: the file that a correction replaced goes after the days, and so does what is known of it', $t$
DECLARE
    v_person t.person := t.active(1);
    v_objects jsonb := t.corrected();
BEGIN
    UPDATE dossier_data.destroyed_object SET at = now() - CASE WHEN object_id = (v_objects ->> 0)::uuid THEN interval '31 days' ELSE interval '29 days' END;
    PERFORM t.eq('the oldest', t.expect('ok', 'purge', '{"limit": 10, "quarantine_days": 30}') -> 'objects', jsonb_build_array(v_objects -> 0));
    PERFORM t.eq('live', t.sorted(t.call('vault_live', jsonb_build_object('objects', v_objects)) -> 'live'), t.sorted(v_objects - 0));
    PERFORM t.eq('destroyed', t.call('vault_live', jsonb_build_object('objects', v_objects)) -> 'destroyed', jsonb_build_array(v_objects -> 0));
    PERFORM t.eq('once', t.call('purge', '{"limit": 10, "quarantine_days": 30}') -> 'objects', '[]');
    UPDATE dossier_data.destroyed_object SET at = now() - interval '31 days' WHERE why = 'expired';
    PERFORM t.call('purge', '{"limit": 10, "quarantine_days": 30}');
    PERFORM t.eq('forgotten', (SELECT string_agg(object_id::text, ' ') FROM dossier_data.destroyed_object), v_objects ->> 1);
END $t$);

SELECT t.test('the same bytes each night: of the files they had the newest stays, and that of each version', $t$
DECLARE
    v_objects jsonb := '[]';
    v_body jsonb;
    v_bytes text;
BEGIN
    PERFORM t.active(1);
    FOREACH v_bytes IN ARRAY '{one,one,one,two,two,two}'::text[] LOOP
        v_body := t.document(1, v_bytes);
        PERFORM t.call('publication_complete', v_body);
        v_objects := v_objects || jsonb_build_array(v_body -> 'receipt' ->> 'object_id');
    END LOOP;
    PERFORM t.eq('live', t.sorted(t.call('vault_live', jsonb_build_object('objects', v_objects)) -> 'live'),
        t.sorted(jsonb_build_array(v_objects -> 2, v_objects -> 4, v_objects -> 5)));
    PERFORM t.call('publication_withdraw', v_body);
    PERFORM t.eq('an older copy may know each', jsonb_array_length(t.call('vault_destroyed', '{"told": [], "limit": 10}') -> 'objects'), 6);
END $t$);

SELECT t.test('vault_destroyed: told once it is in the vault''s list, but not what an older copy is sent again or finds out', $t$
DECLARE
    v_objects jsonb := t.ended(t.active(1));
    v_answer jsonb := t.expect('ok', 'vault_destroyed', '{"told": [], "limit": 10}');
BEGIN
    PERFORM t.eq('lines', (SELECT string_agg(l, ' ' ORDER BY l) FROM regexp_matches(v_answer ->> 'lines', ' ([a-z]+)\n', 'g') m, unnest(m) l), 'deleted withdrawn');
    PERFORM t.eq('again until told', t.call('vault_destroyed', '{"told": [], "limit": 10}') -> 'objects', v_answer -> 'objects');
    v_answer := t.call('vault_destroyed', jsonb_build_object('limit', 10, 'told', v_answer -> 'objects'));
    PERFORM t.eq('the end', v_answer, '{"outcome": "ok", "objects": [], "lines": ""}');
    PERFORM t.eq('expired', (SELECT string_agg(why, ' ' ORDER BY why) FROM dossier_data.destroyed_object WHERE NOT told), 'expired replaced');
END $t$);

SELECT t.test('vault_destroy: an older copy learns what was deleted and withdrawn since', $t$
DECLARE
    v_person t.person := t.active(1);
    v_lines text := E'torn 5afe\n\nnonsense\n';
    v_body jsonb;
BEGIN
    FOR i IN 1..4 LOOP
        v_body := t.document(1, 'b' || i, '{}', jsonb_build_object('external_id', i));
        PERFORM t.expect('created', 'publication_complete', v_body);
        v_lines := v_lines || format(E'%s %s\n', v_body -> 'receipt' ->> 'object_id', (ARRAY['withdrawn', 'replaced', 'deleted', 'not a why'])[i]);
    END LOOP;
    PERFORM t.eq('count', t.expect('ok', 'vault_destroy', jsonb_build_object('lines', v_lines)) ->> 'destroyed', '2');
    PERFORM t.eq('states', (SELECT string_agg(dossier_lib.document_state_of(d), ' ' ORDER BY external_id) FROM dossier_data.document d), 'withdrawn published deleted_by_patient published');
    PERFORM t.eq('keys', (SELECT count(*) FROM dossier_data.document WHERE wrapped_key IS NOT NULL), 2::bigint);
    PERFORM t.eq('words', (SELECT title FROM dossier_data.document WHERE external_id = '3'), NULL);
    PERFORM t.eq('once', t.call('vault_destroy', jsonb_build_object('lines', v_lines)) ->> 'destroyed', '0');
    PERFORM t.eq('a newer version is sent again', t.expect('ok', 'publication_complete', t.document(1, 'newer', '{}', '{"external_id": "2"}')) ->> 'state', 'published');
END $t$);

SELECT t.test('purge: what was destroyed is remembered for its days, and until the vault knows it', $t$
BEGIN
    INSERT INTO dossier_data.destroyed_object (object_id, why, at, told)
    VALUES (gen_random_uuid(), 'deleted', now() - interval '31 days', true), (gen_random_uuid(), 'deleted', now() - interval '31 days', false),
        (gen_random_uuid(), 'expired', now() - interval '31 days', false), (gen_random_uuid(), 'deleted', now() - interval '29 days', true);
    PERFORM t.expect('ok', 'purge', '{"limit": 10, "quarantine_days": 30}');
    PERFORM t.eq('left', (SELECT string_agg(why || ' ' || told, ', ' ORDER BY told) FROM dossier_data.destroyed_object), 'deleted false, deleted true');
END $t$);

SELECT t.test('vault_sweep: the operator''s word for one sweep', $t$
BEGIN
    PERFORM t.eq('no', t.check(t.vault()) -> 'sweep_allowed', 'false');
    PERFORM dossier_admin.vault_sweep();
    PERFORM t.eq('yes', t.check(t.vault()) -> 'sweep_allowed', 'true');
    PERFORM t.expect('ok', 'vault_swept', '{}');
    PERFORM t.eq('used up', t.check(t.vault()) -> 'sweep_allowed', 'false');
    PERFORM t.eq('state', (SELECT id::text FROM dossier_admin.vault_state()), t.vault());
END $t$);
