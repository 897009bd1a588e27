-- Hospital systems and their keys.

CREATE FUNCTION t.loaded(p_key text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('key_hash', t.sha(p_key)) $$;

SELECT t.test('a system''s keys: one more, both good, what came with the old is the new one''s too; each ends alone', $t$
DECLARE
    v_id uuid := t.integrator();
    v_document jsonb;
    v_key uuid;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    v_key := dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('the new one'));
    PERFORM dossier_admin.integrator_key_add(v_id::text, t.sha('a third'), 'the spare one', 30);
    PERFORM t.eq('keys', (SELECT string_agg(concat_ws(' ', key_name, coalesce(last_used_at::text, 'never'), expires_at - now()), ', ' ORDER BY key_name)
        FROM dossier_admin.integrator_keys() WHERE system = v_id), format('first never, of %s never, the spare one never 30 days', dossier_lib.today()));
    PERFORM t.eq('the same system', t.expect('ok', 'integrator_load', t.loaded('the new one')) ->> 'integrator_id', v_id::text);
    PERFORM t.expect('ok', 'integrator_load', t.loaded('san-pellegrino'));
    PERFORM t.eq('used', (SELECT count(*) FROM dossier_admin.integrator_keys() k WHERE k.last_used_at = now()), 2::bigint);
    v_document := t.document(1, 'other') || jsonb_build_object('integrator_id', t.call('integrator_load', t.loaded('the new one')) -> 'integrator_id');
    PERFORM t.eq('corrected', t.expect('ok', 'publication_complete', v_document) ->> 'version', '2');
    PERFORM dossier_admin.integrator_key_end(k.key) FROM dossier_admin.integrator_keys() k WHERE k.system = v_id AND k.key_name = 'first';
    PERFORM t.expect('unauthenticated', 'integrator_load', t.loaded('san-pellegrino'));
    PERFORM t.eq('audit', (SELECT string_agg(concat_ws(' ', actor_kind, actor_id = v_id, action, outcome), ', ')
        FROM dossier_data.audit WHERE action = 'integrator_login'), 'integrator t integrator_login unauthenticated');
    PERFORM t.expect('ok', 'integrator_load', t.loaded('the new one'));
    PERFORM t.expect('ok', 'publication_withdraw', v_document);
    PERFORM dossier_admin.integrator_key_end(v_key);
    PERFORM dossier_admin.integrator_key_end(v_key, 10); -- what has ended stays so
    PERFORM t.expect('unauthenticated', 'integrator_load', t.loaded('the new one'));
    PERFORM t.expect('ok', 'integrator_load', t.loaded('a third'));
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM t.expect('unauthenticated', 'integrator_load', t.loaded('a third'));
    PERFORM t.eq('audited', (SELECT count(*) FROM dossier_data.audit WHERE action IN ('integrator_key_added', 'integrator_key_ended')), 4::bigint);
END $t$);

SELECT t.test('a system that has ended works again with a new key: what it has published can be taken back; its old keys stay ended', $t$
DECLARE
    v_id uuid := t.integrator();
    v_new uuid;
    v_document jsonb;
BEGIN
    PERFORM t.active(1);
    v_document := t.document(1);
    PERFORM t.expect('created', 'publication_complete', v_document);
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM t.expect('not_found', 'publication_withdraw', v_document);
    PERFORM t.eq('listed as ended', (SELECT ended FROM dossier_admin.integrator_keys() WHERE system = v_id), now());
    PERFORM dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('again'));
    PERFORM t.eq('of its facilities', (SELECT string_agg(concat_ws(' ', facilities, key_name, revoked_at IS NULL, ended IS NULL), ', ' ORDER BY key_name)
        FROM dossier_admin.integrator_keys() WHERE system = v_id),
        format('san-pellegrino first f t, san-pellegrino of %s t t', dossier_lib.today()));
    PERFORM t.expect('unauthenticated', 'integrator_load', t.loaded('san-pellegrino'));
    PERFORM t.eq('the same system', t.expect('ok', 'integrator_load', t.loaded('again')) ->> 'integrator_id', v_id::text);
    PERFORM t.expect('ok', 'publication_withdraw', v_document);
    PERFORM t.eq('audited', (SELECT count(*) FROM dossier_data.audit
        WHERE actor_kind = 'operator' AND action = 'integrator_resumed' AND object_id = v_id), 1::bigint);
    -- one of the same name that works is meant first; the ended one has its id
    PERFORM dossier_admin.integrator_revoke(v_id);
    v_new := dossier_admin.integrator_put('LIS of san-pellegrino', t.sha('second'), '{san-pellegrino}');
    PERFORM dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('by name'));
    PERFORM dossier_admin.integrator_key_add(v_id::text, t.sha('by id'));
    PERFORM t.eq('by name', t.expect('ok', 'integrator_load', t.loaded('by name')) ->> 'integrator_id', v_new::text);
    PERFORM t.eq('by id', t.expect('ok', 'integrator_load', t.loaded('by id')) ->> 'integrator_id', v_id::text);
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM dossier_admin.integrator_revoke(v_new);
    BEGIN
        PERFORM dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('one of two'));
        ASSERT false, 'one of two ended systems was chosen';
    EXCEPTION WHEN raise_exception THEN
        ASSERT SQLERRM LIKE 'several systems %', SQLERRM;
    END;
END $t$);

SELECT t.test('a key that ended during an upload publishes nothing', $t$
DECLARE
    v_id uuid := t.integrator();
    v_key uuid := dossier_admin.integrator_key_add(v_id::text, t.sha('new'), NULL, 1);
    v_other uuid := dossier_admin.integrator_put('RIS', t.sha('ris'), '{san-pellegrino}');
    v_body jsonb;
BEGIN
    PERFORM t.active(1);
    v_body := t.document(1) || jsonb_build_object('key_id', v_key);
    PERFORM t.expect('ok', 'publication_prepare', v_body);
    FOR v_way IN 1..3 LOOP -- it expires, is revoked, is another system's
        CASE v_way WHEN 1 THEN UPDATE dossier_data.integrator_key SET expires_at = now() WHERE id = v_key;
            WHEN 2 THEN UPDATE dossier_data.integrator_key SET expires_at = NULL, revoked_at = now() WHERE id = v_key;
            ELSE UPDATE dossier_data.integrator_key SET revoked_at = NULL, integrator_id = v_other WHERE id = v_key; END CASE;
        PERFORM t.expect('key_refused', 'publication_complete', v_body);
        PERFORM t.eq('audited', t.audited(1), 'document_published key_refused');
        PERFORM t.expect('key_refused', 'publication_dry_run', v_body);
        PERFORM t.eq('documents', (SELECT count(*) FROM dossier_data.document), 0::bigint);
    END LOOP;
    UPDATE dossier_data.integrator_key SET integrator_id = v_id WHERE id = v_key;
    PERFORM t.expect('created', 'publication_complete', v_body);
END $t$);

-- All that a system can change, and all that it can read.
CREATE FUNCTION t.systems_rows() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(d::text || a::text || p::text || c::text, ' ' ORDER BY c.id)
    FROM dossier_data.document d, dossier_data.acceptance a, dossier_data.patient p, dossier_data.activation_code c
$$;

SELECT t.test(format('what came with a key, or of a system, that has ended since does nothing: %s', f), format($t$
DECLARE
    v_function text := %L;
    v_key uuid := dossier_admin.integrator_key_add(t.integrator()::text, t.sha('new'));
    v_body jsonb := jsonb_build_object('key_id', v_key);
    v_before text;
BEGIN
    PERFORM t.account(1);
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"hold": true}'));
    v_body := v_body || CASE WHEN v_function LIKE 'publication%%' THEN t.document(1, 'other bytes') ELSE t.acceptance(1, '{"email": null}') END;
    IF v_function = 'codice_fiscale_change' THEN
        v_body := jsonb_set(v_body, '{patient,codice_fiscale}', to_jsonb(t.cf(2))) || jsonb_build_object('former_codice_fiscale', t.cf(1));
    ELSIF v_function = 'acceptance_new_code' THEN
        v_body := v_body || '{"activation": {"key_id": "k1", "mac": "another"}}';
    END IF;
    UPDATE dossier_data.activation_code SET sealed = 'sealed';
    v_before := t.systems_rows();
    UPDATE dossier_data.integrator_key SET revoked_at = now() WHERE id = v_key;
    PERFORM t.has(t.expect('key_refused', v_function, v_body), 'outcome');
    ASSERT v_function IN ('publication_get', 'acceptance_get', 'publication_dry_run') OR t.audited(1) LIKE '%% key_refused', t.audited(1);
    UPDATE dossier_data.integrator_key SET revoked_at = NULL WHERE id = v_key;
    UPDATE dossier_data.integrator SET revoked_at = now();
    ASSERT t.outcome(v_function, v_body) IN ('not_found', 'facility_not_allowed'), 'the system has ended';
    UPDATE dossier_data.integrator SET revoked_at = NULL;
    PERFORM t.eq('nothing has changed', t.systems_rows(), v_before);
    ASSERT t.outcome(v_function, v_body) IN ('ok', 'created'), 'with a good key';
END $t$, f)) FROM unnest('{publication_prepare,publication_complete,publication_dry_run,publication_get,publication_release,publication_withdraw,
    acceptance_put,acceptance_get,acceptance_new_code,acceptance_slip,codice_fiscale_change}'::text[]) f;

SELECT t.test('whatever a system calls looks at its key once more', $t$
DECLARE
    v_called text[] := ARRAY(SELECT p.proname || CASE WHEN p.prosrc ~ 'integrator_refusal|publication_check|acceptance_apply|codice_fiscale_change_by|publication_complete|dry_run\('
            THEN '' ELSE ' does not' END FROM pg_proc p
        WHERE p.pronamespace = 'dossier'::regnamespace AND p.pronargs = 1
          AND p.prosrc ~ '''integrator_id''|acceptance_apply|codice_fiscale_change_by|publication_complete|dry_run\(' AND p.proname <> 'integrator_load' ORDER BY 1);
BEGIN
    PERFORM t.eq('those', v_called, '{acceptance_get,acceptance_new_code,acceptance_put,acceptance_slip,codice_fiscale_change,publication_complete,
        publication_dry_run,publication_get,publication_prepare,publication_release,publication_withdraw}'::text[]);
END $t$);

SELECT t.test('an end is never put off', $t$
DECLARE
    v_key uuid := dossier_admin.integrator_key_add(t.integrator()::text, t.sha('new'), NULL, 2);
    v_end timestamptz := (SELECT expires_at FROM dossier_admin.integrator_keys() WHERE key = v_key);
BEGIN
    FOR v_ended IN 0..1 LOOP
        BEGIN
            PERFORM dossier_admin.integrator_key_end(v_key, 300);
            ASSERT false, 'it is good for longer';
        EXCEPTION WHEN raise_exception THEN
            ASSERT SQLERRM LIKE 'this key ends at % by itself%', SQLERRM;
        END;
        PERFORM t.eq('its end', (SELECT expires_at FROM dossier_admin.integrator_keys() WHERE key = v_key),
            CASE v_ended WHEN 0 THEN v_end ELSE now() - interval '1 day' END);
        UPDATE dossier_data.integrator_key SET expires_at = now() - interval '1 day' WHERE id = v_key;
    END LOOP;
    UPDATE dossier_data.integrator_key SET expires_at = v_end WHERE id = v_key;
    PERFORM dossier_admin.integrator_key_end(v_key, 1);
    PERFORM t.eq('sooner', (SELECT expires_at FROM dossier_admin.integrator_keys() WHERE key = v_key), v_end - interval '1 day');
END $t$);

SELECT t.test('a key ends at its time, and its first use on a day within two weeks of it says so', $t$
DECLARE
    v_key uuid := dossier_admin.integrator_key_add(t.integrator()::text, t.sha('new'), NULL, 15);
BEGIN
    PERFORM t.eq('in time', t.expect('ok', 'integrator_load', t.loaded('new')) -> 'ending', 'null');
    PERFORM dossier_admin.integrator_key_end(v_key, 13);
    PERFORM t.eq('today already', t.expect('ok', 'integrator_load', t.loaded('new')) -> 'ending', 'null');
    UPDATE dossier_data.integrator_key SET last_used_at = now() - interval '1 day';
    PERFORM t.eq('ending', t.expect('ok', 'integrator_load', t.loaded('new')) ->> 'ending', dossier_lib.rfc3339(now() + interval '312 hours'));
    PERFORM t.eq('once', t.expect('ok', 'integrator_load', t.loaded('new')) -> 'ending', 'null');
    UPDATE dossier_data.integrator_key SET expires_at = now() WHERE id = v_key;
    PERFORM t.has(t.expect('unauthenticated', 'integrator_load', t.loaded('new')), 'outcome');
    PERFORM t.expect('ok', 'integrator_load', t.loaded('san-pellegrino'));
END $t$);

SELECT t.test('last use is noted once a minute', $t$
BEGIN
    PERFORM t.integrator();
    UPDATE dossier_data.integrator_key SET last_used_at = now() - interval '59 seconds';
    PERFORM t.expect('ok', 'integrator_load', t.loaded('san-pellegrino'));
    PERFORM t.eq('not yet', (SELECT last_used_at FROM dossier_data.integrator_key), now() - interval '59 seconds');
    UPDATE dossier_data.integrator_key SET last_used_at = now() - interval '1 minute';
    PERFORM t.expect('ok', 'integrator_load', t.loaded('san-pellegrino'));
    PERFORM t.eq('noted', (SELECT last_used_at FROM dossier_data.integrator_key), now());
END $t$);

SELECT t.test('a system''s keys: mistakes are told, and a name in use makes no second system', $t$
DECLARE
    v_case record;
    v_id uuid := t.integrator();
BEGIN
    FOR v_case IN SELECT * FROM (VALUES
            ('dossier_admin.integrator_put(''LIS of san-pellegrino'', t.sha(''b''), ''{san-pellegrino}'')', 'there is a system "LIS of san-pellegrino": add a key%'),
            ('dossier_admin.integrator_key_add(''nobody'', t.sha(''b''))', 'no system "nobody": %'),
            ('dossier_admin.integrator_key_add(''LIS of san-pellegrino'', t.sha(''b''), ''x'', 0)', 'a key lasts a day at least'),
            ('dossier_admin.integrator_key_add(''LIS of san-pellegrino'', t.sha(''san-pellegrino''))', '%integrator_key_key_hash_key%'),
            ('dossier_admin.integrator_key_add(''LIS of san-pellegrino'', ''abc'')', '%integrator_key_key_hash_check%'),
            ('dossier_admin.integrator_key_end(key, -1) FROM dossier_admin.integrator_keys()', 'days to come, or 0 for now'),
            ('dossier_admin.integrator_key_end(gen_random_uuid())', 'no key has this id: %')) AS v (call, message) LOOP
        BEGIN
            EXECUTE 'SELECT ' || v_case.call;
            ASSERT false, v_case.call || ' was taken';
        EXCEPTION WHEN raise_exception OR integrity_constraint_violation THEN
            ASSERT SQLERRM LIKE v_case.message, SQLERRM;
        END;
    END LOOP;
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM dossier_admin.integrator_put('LIS of san-pellegrino', t.sha('b'), '{san-pellegrino}'); -- after a revoked one, a new one
    INSERT INTO dossier_data.integrator (name) VALUES ('LIS of san-pellegrino'); -- as older versions made them
    BEGIN
        PERFORM dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('c'));
        ASSERT false, 'one of two systems was chosen';
    EXCEPTION WHEN raise_exception THEN
        ASSERT SQLERRM LIKE 'several systems %', SQLERRM;
    END;
END $t$);

SELECT t.test('another system of the same facility reaches nothing of this one''s; the same external id is another document', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other uuid := dossier_admin.integrator_put('RIS', t.sha('ris'), '{san-pellegrino}');
    v_mine jsonb := t.document(1);
    v_theirs jsonb := t.document(1, 'an image', '{}', jsonb_build_object('integrator_id', v_other));
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_mine);
    PERFORM t.expect('not_found', 'publication_get', v_theirs);
    PERFORM t.expect('not_found', 'publication_withdraw', v_theirs);
    PERFORM t.expect('not_found', 'publication_release', v_theirs);
    PERFORM t.expect('created', 'publication_complete', v_theirs);
    PERFORM t.eq('both are there', jsonb_array_length(t.call('document_list', t.mine(v_person)) -> 'documents'), 2);
    PERFORM t.expect('ok', 'publication_withdraw', v_theirs);
    PERFORM t.eq('ours stays', t.call('publication_get', v_mine) ->> 'state', 'published');
END $t$);
