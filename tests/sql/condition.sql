-- Calls of hospital systems that come late: nothing comes back by itself, and who states a condition is held to it.

CREATE FUNCTION t.tag(p jsonb) RETURNS text LANGUAGE sql AS $$ SELECT '"' || (t.call('document_state', p) ->> 'tag') || '"' $$;

SELECT t.test('a withdrawn document stays so, whatever bytes come late; it comes back when that is asked', $t$
DECLARE
    v_person t.person := t.active(1);
    v_bytes text;
    v_function text;
BEGIN
    PERFORM t.expect('created', 'document_publish', t.document(1));
    PERFORM t.expect('ok', 'document_publish', t.document(1, 'corrected'));
    PERFORM t.expect('ok', 'document_withdraw', t.document(1));
    FOREACH v_bytes IN ARRAY '{bytes,corrected,new}'::text[] LOOP
        FOREACH v_function IN ARRAY '{document_prepare,document_publish,document_dry_run}'::text[] LOOP
            PERFORM t.has(t.expect('document_was_withdrawn', v_function, t.document(1, v_bytes)), 'outcome');
        END LOOP;
        PERFORM t.eq('audit', t.audited(1), 'document_published document_was_withdrawn');
    END LOOP;
    PERFORM t.eq('list', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
    PERFORM t.eq('would', t.expect('ok', 'document_dry_run', t.document(1, 'new', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.eq('asked', t.expect('ok', 'document_publish', t.document(1, 'new', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.eq('again, as it is now', t.expect('ok', 'document_publish', t.document(1, 'new')) ->> 'changed', 'unchanged');
END $t$);

SELECT t.test('bytes that were replaced do not come back: not over the correction, nor over what has ended since', $t$
DECLARE
    v_person t.person := t.active(1);
    v_one jsonb := t.document(1, 'one');
BEGIN
    PERFORM t.expect('created', 'document_publish', v_one);
    PERFORM t.expect('ok', 'document_publish', t.document(1, 'two'));
    PERFORM t.expect('document_was_replaced', 'document_publish', t.document(1, 'one'));
    PERFORM t.expect('ok', 'document_publish', t.document(1, 'three'));
    PERFORM t.expect('document_was_replaced', 'document_publish', t.document(1, 'one'));
    PERFORM t.expect('document_was_replaced', 'document_dry_run', t.document(1, 'two'));
    PERFORM t.eq('version', t.call('document_state', v_one) ->> 'version', '3');
    PERFORM t.expect('ok', 'documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
    PERFORM t.expect('document_was_replaced', 'document_publish', t.document(1, 'two'));
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.expect('document_was_replaced', 'document_publish', t.document(1, 'two'));
    PERFORM t.eq('asked', t.expect('ok', 'document_publish', t.document(1, 'one', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.expect('document_was_replaced', 'document_publish', t.document(1, 'three'));
    FOR i IN 1..120 LOOP
        PERFORM t.expect('ok', 'document_publish', t.document(1, 'version ' || i));
    END LOOP;
    PERFORM t.eq('remembered', (SELECT cardinality(former) FROM dossier_data.document), 100);
END $t$);

SELECT t.test('If-Match: only what the caller has seen is changed, released or withdrawn; If-None-Match: only what is new', $t$
DECLARE
    v_body jsonb := t.document(1);
    v_tag text;
    v_old text;
    v_case record;
BEGIN
    PERFORM t.account(1);
    PERFORM t.expect('precondition_failed', 'document_publish', v_body || '{"if_match": "*"}');
    PERFORM t.expect('created', 'document_publish', v_body || '{"if_none_match": "*"}');
    PERFORM t.expect('precondition_failed', 'document_prepare', v_body || '{"if_none_match": "*"}');
    v_old := t.tag(v_body);
    PERFORM t.expect('ok', 'document_publish', t.document(1, 'two') || jsonb_build_object('if_match', v_old));
    v_tag := t.tag(v_body);
    FOR v_case IN SELECT * FROM (VALUES
            ('if_match', v_old, true), ('if_match', '"x", ' || v_old, true), ('if_match', 'W/' || v_tag, true), ('if_match', btrim(v_tag, '"'), true),
            ('if_match', '', true), ('if_match', v_tag, false), ('if_match', '*', false), ('if_match', v_old || ' ,' || v_tag, false),
            ('if_none_match', v_tag, true), ('if_none_match', 'W/' || v_tag, true), ('if_none_match', '*', true),
            ('if_none_match', v_old, false), ('if_none_match', '', false)) AS v (header, list, fails) LOOP
        PERFORM t.eq(v_case.header || ': ' || v_case.list, t.outcome('document_prepare', t.document(1) || jsonb_build_object(v_case.header, v_case.list)),
            CASE WHEN v_case.fails THEN 'precondition_failed' ELSE 'ok' END);
    END LOOP;
    PERFORM t.expect('precondition_failed', 'document_publish', t.document(1, 'three') || jsonb_build_object('if_match', v_old));
    PERFORM t.eq('audit', t.audited(1), 'document_published precondition_failed');
    PERFORM t.expect('precondition_failed', 'document_dry_run', t.document(1, 'three') || jsonb_build_object('if_match', v_old));
    PERFORM t.expect('precondition_failed', 'document_release', v_body || jsonb_build_object('if_match', v_old));
    PERFORM t.expect('precondition_failed', 'document_withdraw', v_body || jsonb_build_object('if_match', v_old));
    PERFORM t.eq('audit', t.audited(1), 'document_withdrawn precondition_failed');
    PERFORM t.eq('nothing has changed', t.tag(v_body), v_tag);
    PERFORM t.expect('ok', 'document_release', v_body || jsonb_build_object('if_match', v_tag));
    PERFORM t.expect('ok', 'document_withdraw', v_body || jsonb_build_object('if_match', v_tag));
    ASSERT t.tag(v_body) <> v_tag, 'withdrawn, and the same tag';
    -- who asks for nothing learns nothing of what is another's
    PERFORM t.expect('not_found', 'document_withdraw', v_body || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'), 'if_match', v_old));
END $t$);

SELECT t.test('a release, a hold and a wipe are changes too; a reading and an alert are none', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1, 'bytes', '{"hold": true}');
    v_id text := t.expect('created', 'document_publish', v_body) ->> 'id';
    v_tags text[] := ARRAY[t.tag(v_body)];
BEGIN
    PERFORM t.expect('ok', 'document_publish', t.document(1, 'bytes', jsonb_build_object('hold_until', now() + interval '1 day')));
    v_tags := v_tags || t.tag(v_body);
    PERFORM t.eq('answer', t.expect('ok', 'document_release', v_body) ->> 'tag', btrim(t.tag(v_body), '"'));
    v_tags := v_tags || t.tag(v_body);
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.call('document_hide', t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', true)));
    UPDATE dossier_data.document SET last_call_at = now();
    PERFORM t.call('announce', '{"limit": 10}');
    PERFORM set_config('timezone', 'Europe/Rome', true);
    PERFORM t.eq('as it was', t.tag(v_body), v_tags[3]);
    PERFORM t.call('document_hide', t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', false)));
    PERFORM t.expect('ok', 'documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
    v_tags := v_tags || t.tag(v_body);
    PERFORM t.eq('tags', (SELECT count(DISTINCT x) FROM unnest(v_tags) x), 4::bigint);
END $t$);

SELECT t.test('acceptances: a late repetition with If-Match does not bring an old number back', $t$
DECLARE
    v_first jsonb;
    v_new jsonb;
    v_again jsonb;
BEGIN
    PERFORM t.expect('precondition_failed', 'acceptance_put', t.acceptance(1, '{"if_match": "*"}'));
    PERFORM t.eq('audit', t.audited(1), 'acceptance_put precondition_failed');
    v_first := t.expect('created', 'acceptance_put', t.acceptance(1, '{"if_none_match": "*"}'));
    PERFORM t.eq('the call itself again', t.expect('created', 'acceptance_put', t.acceptance(1, '{"if_none_match": "*"}')) -> 'tag', v_first -> 'tag');
    v_again := jsonb_build_object('if_match', format('"%s"', v_first ->> 'tag'));
    v_new := t.expect('ok', 'acceptance_put', t.acceptance(1, v_again || jsonb_build_object('mobile', t.mobile(7))));
    ASSERT v_new -> 'tag' <> v_first -> 'tag', 'the same tag';
    v_again := v_again || '{"activation": {"key_id": "k1", "mac": "of another call"}}';
    PERFORM t.expect('precondition_failed', 'acceptance_put', t.acceptance(1, v_again));
    PERFORM t.expect('precondition_failed', 'acceptance_put', t.acceptance(1, v_again || '{"dry_run": true}'));
    PERFORM t.expect('precondition_failed', 'acceptance_put', t.acceptance(1, v_again - 'if_match' || '{"if_none_match": "*"}'));
    PERFORM t.eq('number', (SELECT mobile FROM dossier_data.acceptance), t.mobile(7));
END $t$);
