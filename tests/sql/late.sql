-- Calls of hospital systems that come late: nothing comes back by itself, and who states a condition is held to it.

CREATE FUNCTION t.tag(p jsonb) RETURNS text LANGUAGE sql AS $$ SELECT '"' || (t.call('publication_get', p) ->> 'tag') || '"' $$;

SELECT t.test('a withdrawn document stays so, whatever bytes come late; it comes back when that is asked', $t$
DECLARE
    v_person t.person := t.active(1);
    v_bytes text;
    v_function text;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'corrected'));
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1));
    FOREACH v_bytes IN ARRAY '{bytes,corrected,new}'::text[] LOOP
        FOREACH v_function IN ARRAY '{publication_prepare,publication_complete,publication_dry_run}'::text[] LOOP
            PERFORM t.has(t.expect('document_was_withdrawn', v_function, t.document(1, v_bytes)), 'outcome');
        END LOOP;
        PERFORM t.eq('audit', t.audited(1), 'document_published document_was_withdrawn');
    END LOOP;
    PERFORM t.eq('list', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
    PERFORM t.eq('would', t.expect('ok', 'publication_dry_run', t.document(1, 'new', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.eq('asked', t.expect('ok', 'publication_complete', t.document(1, 'new', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.eq('again, as it is now', t.expect('ok', 'publication_complete', t.document(1, 'new')) ->> 'changed', 'unchanged');
END $t$);

SELECT t.test('bytes that were replaced do not come back: not over the correction, nor over what has ended since', $t$
DECLARE
    v_person t.person := t.active(1);
    v_one jsonb := t.document(1, 'one');
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_one);
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two'));
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'one'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'three'));
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'one'));
    PERFORM t.expect('document_was_replaced', 'publication_dry_run', t.document(1, 'two'));
    PERFORM t.eq('version', t.call('publication_get', v_one) ->> 'version', '3');
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'two'));
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'two'));
    PERFORM t.eq('asked', t.expect('ok', 'publication_complete', t.document(1, 'one', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'three'));
    FOR i IN 1..120 LOOP
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'version ' || i));
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
    PERFORM t.expect('precondition_failed', 'publication_complete', v_body || '{"if_match": "*"}');
    PERFORM t.expect('created', 'publication_complete', v_body || '{"if_none_match": "*"}');
    PERFORM t.expect('precondition_failed', 'publication_prepare', v_body || '{"if_none_match": "*"}');
    v_old := t.tag(v_body);
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two') || jsonb_build_object('if_match', v_old));
    v_tag := t.tag(v_body);
    FOR v_case IN SELECT * FROM (VALUES
            ('if_match', v_old, true), ('if_match', '"x", ' || v_old, true), ('if_match', 'W/' || v_tag, true), ('if_match', btrim(v_tag, '"'), true),
            ('if_match', '', true), ('if_match', v_tag, false), ('if_match', '*', false), ('if_match', v_old || ' ,' || v_tag, false),
            ('if_none_match', v_tag, true), ('if_none_match', 'W/' || v_tag, true), ('if_none_match', '*', true),
            ('if_none_match', v_old, false), ('if_none_match', '', false)) AS v (header, list, fails) LOOP
        PERFORM t.eq(v_case.header || ': ' || v_case.list, t.outcome('publication_prepare', t.document(1) || jsonb_build_object(v_case.header, v_case.list)),
            CASE WHEN v_case.fails THEN 'precondition_failed' ELSE 'ok' END);
    END LOOP;
    PERFORM t.expect('precondition_failed', 'publication_complete', t.document(1, 'three') || jsonb_build_object('if_match', v_old));
    PERFORM t.eq('audit', t.audited(1), 'document_published precondition_failed');
    PERFORM t.expect('precondition_failed', 'publication_dry_run', t.document(1, 'three') || jsonb_build_object('if_match', v_old));
    PERFORM t.expect('precondition_failed', 'publication_release', v_body || jsonb_build_object('if_match', v_old));
    PERFORM t.expect('precondition_failed', 'publication_withdraw', v_body || jsonb_build_object('if_match', v_old));
    PERFORM t.eq('audit', t.audited(1), 'document_withdrawn precondition_failed');
    PERFORM t.eq('nothing has changed', t.tag(v_body), v_tag);
    PERFORM t.expect('ok', 'publication_release', v_body || jsonb_build_object('if_match', v_tag));
    PERFORM t.expect('ok', 'publication_withdraw', v_body || jsonb_build_object('if_match', v_tag));
    ASSERT t.tag(v_body) <> v_tag, 'withdrawn, and the same tag';
    -- who asks for nothing learns nothing of what is another's
    PERFORM t.expect('not_found', 'publication_withdraw', v_body || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'), 'if_match', v_old));
END $t$);

SELECT t.test('a release, a hold and a wipe are changes too; a reading and an alert are none', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1, 'bytes', '{"hold": true}');
    v_id text := t.expect('created', 'publication_complete', v_body) ->> 'id';
    v_tags text[] := ARRAY[t.tag(v_body)];
BEGIN
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'bytes', jsonb_build_object('hold_until', now() + interval '1 day')));
    v_tags := v_tags || t.tag(v_body);
    PERFORM t.eq('answer', t.expect('ok', 'publication_release', v_body) ->> 'tag', btrim(t.tag(v_body), '"'));
    v_tags := v_tags || t.tag(v_body);
    PERFORM t.call('document_open', t.mine(v_person, jsonb_build_object('document_id', v_id, 'read', true)));
    PERFORM t.call('hiding_set', t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', true)));
    UPDATE dossier_data.document SET last_call_at = now();
    PERFORM t.call('publication_announce', '{"limit": 10}');
    PERFORM set_config('timezone', 'Europe/Rome', true);
    PERFORM t.eq('as it was', t.tag(v_body), v_tags[3]);
    PERFORM t.call('hiding_set', t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', false)));
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
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

SELECT t.test(format('a late repetition of a whole call changes nothing: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_first jsonb := t.document(1, 'bytes', %L);
    v_then jsonb := t.document(1, 'bytes', %L);
    v_tag text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"external_id": "A-1b", "activation": {"key_id": "k1", "mac": "1b"}}'));
    PERFORM t.expect('created', 'publication_complete', v_first);
    PERFORM t.eq('then', t.expect('ok', 'publication_complete', v_then || t.receipt('bytes')) ->> 'changed', 'updated');
    v_tag := t.tag(v_first);
    PERFORM t.has(t.expect('call_superseded', 'publication_complete', v_first || t.receipt('bytes')), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'document_published call_superseded');
    PERFORM t.expect('call_superseded', 'publication_dry_run', v_first || t.receipt('bytes'));
    PERFORM t.expect('call_superseded', 'publication_complete', v_first || t.receipt('bytes') || '{"if_match": "*"}');
    PERFORM t.eq('as it was', t.tag(v_first), v_tag);
    PERFORM t.eq('the latest again', t.expect('ok', 'publication_complete', v_then || t.receipt('bytes')) ->> 'changed', 'unchanged');
    -- who knows the present state goes back; and with the tag of before no late repetition does once more
    PERFORM t.eq('meant', t.expect('ok', 'publication_complete', v_first || t.receipt('bytes') || jsonb_build_object('if_match', v_tag)) ->> 'changed', 'updated');
    PERFORM t.expect('call_superseded', 'publication_complete', v_then || t.receipt('bytes'));
    PERFORM t.expect('ok', 'publication_complete', v_then || t.receipt('bytes') || jsonb_build_object('if_match', t.tag(v_first)));
    PERFORM t.expect('precondition_failed', 'publication_complete', v_first || t.receipt('bytes') || jsonb_build_object('if_match', v_tag));
END $t$, first, later)) FROM (VALUES
    ('its class', '{"class": "ordinary"}', '{"class": "hiv"}'),
    ('its acceptance', '{"acceptance": "A-1"}', '{"acceptance": "A-1b"}'),
    ('its title', '{}', '{"title": "Esami del sangue e delle urine"}'),
    ('its hold', '{"hold": false, "hold_until": "2026-01-01T00:00:00Z", "class": "substances"}', '{"class": "abortion"}')) AS v (what, first, later);

SELECT t.test('a late repetition that says republish brings nothing back: not over a correction, nor over a withdrawal', $t$
DECLARE
    v_person t.person := t.active(1);
    v_body jsonb := t.document(1, 'one', '{"republish": true}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one'));
    PERFORM t.expect('ok', 'publication_withdraw', v_body);
    PERFORM t.expect('ok', 'publication_complete', v_body);
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two'));
    PERFORM t.expect('call_superseded', 'publication_complete', v_body || t.receipt('one'));
    PERFORM t.expect('call_superseded', 'publication_dry_run', v_body || t.receipt('one'));
    PERFORM t.expect('ok', 'publication_complete', v_body || t.receipt('one') || jsonb_build_object('if_match', t.tag(v_body)));
    PERFORM t.expect('ok', 'publication_withdraw', v_body || jsonb_build_object('if_match', t.tag(v_body)));
    PERFORM t.expect('call_superseded', 'publication_complete', v_body || t.receipt('one'));
    PERFORM t.eq('list', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
    PERFORM t.expect('ok', 'publication_complete', v_body || t.receipt('one') || jsonb_build_object('if_match', t.tag(v_body)));
    FOR i IN 1..120 LOOP
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'one', jsonb_build_object('title', 'title ' || i)));
    END LOOP;
    PERFORM t.eq('remembered', (SELECT cardinality(calls) FROM dossier_data.document), 100);
END $t$);

SELECT t.test(format('bytes that %s never come back, after a correction either, whatever is said', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_asked jsonb := t.document(1, 'one', '{"republish": true}');
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one'));
    %s;
    PERFORM t.eq('the same', t.expect('ok', 'publication_complete', t.document(1, 'one')) ->> 'changed', 'unchanged');
    PERFORM t.expect('document_ended', 'publication_complete', v_asked);
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two'));
    PERFORM t.expect('document_was_replaced', 'publication_complete', t.document(1, 'one'));
    PERFORM t.expect('document_ended', 'publication_complete', v_asked || t.receipt('one'));
    PERFORM t.expect('document_ended', 'publication_dry_run', v_asked || t.receipt('one'));
    PERFORM t.expect('document_ended', 'publication_complete', v_asked || t.receipt('one') || jsonb_build_object('if_match', t.tag(v_asked)));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'three'));
    PERFORM t.eq('what was only replaced', t.expect('ok', 'publication_complete', t.document(1, 'two', '{"republish": true}')) ->> 'state', 'published');
    PERFORM t.expect('document_ended', 'publication_complete', v_asked || t.receipt('one'));
END $t$, ending)) FROM (VALUES
    ('expired', 'UPDATE dossier_data.document SET expires_at = now()'),
    ('were purged', $q$UPDATE dossier_data.document SET expires_at = now(); PERFORM t.call('purge', '{"limit": 10}')$q$),
    ('the patient deleted', $q$PERFORM t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))))$q$)) AS v (what, ending);

SELECT t.test('what has ended keeps of its calls only those that could bring an old file back, or be taken for one about a later file', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one'));
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'one', '{"republish": true}'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two'));
    PERFORM t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
    PERFORM t.eq('calls', (SELECT array_to_string(calls, ',') ~ '^,republish [0-9a-f]+,withdraw$' FROM dossier_data.document), true);
    PERFORM t.expect('call_superseded', 'publication_complete', t.document(1, 'one', '{"republish": true}'));
    PERFORM t.eq('the last one', t.expect('ok', 'publication_complete', t.document(1, 'two')) ->> 'changed', 'unchanged');
    UPDATE dossier_data.document SET expires_at = now();
    PERFORM t.call('purge', '{"limit": 10}');
    PERFORM t.eq('calls', (SELECT cardinality(calls) FROM dossier_data.document), 3);
END $t$);

SELECT t.test('acceptances: a late repetition changes nothing, unless its caller knows the present one', $t$
DECLARE
    v_person t.person := t.active(1);
    v_online jsonb := t.acceptance(1, '{"online_pickup": true}');
    v_tag text;
BEGIN
    PERFORM t.expect('ok', 'acceptance_put', v_online || '{"email": null}');
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"acceptance": "A-1"}'));
    v_tag := format('"%s"', t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}')) ->> 'tag');
    PERFORM t.has(t.expect('call_superseded', 'acceptance_put', v_online || '{"email": null}'), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'acceptance_put call_superseded');
    PERFORM t.expect('call_superseded', 'acceptance_put', v_online || '{"email": null, "dry_run": true}');
    PERFORM t.expect('call_superseded', 'acceptance_put', v_online || '{"email": null, "if_match": "*"}');
    PERFORM t.eq('not online', t.call('publication_get', t.document(1)) ->> 'state', 'declined');
    PERFORM t.eq('what would change nothing', t.expect('ok', 'acceptance_put', t.acceptance(1)) -> 'changed', 'false');
    PERFORM t.expect('ok', 'acceptance_put', v_online || '{"email": null}' || jsonb_build_object('if_match', v_tag));
    PERFORM t.eq('online', t.call('publication_get', t.document(1)) ->> 'state', 'published');
    PERFORM t.expect('call_superseded', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}'));
    PERFORM t.expect('precondition_failed', 'acceptance_put', t.acceptance(1, '{"online_pickup": false}') || jsonb_build_object('if_match', v_tag));
END $t$);

SELECT t.test(format('a late repetition of a release releases nothing that is held anew: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_first jsonb := t.document(1, 'one', %L);
    v_release jsonb := v_first || '{"retention_days": 60}' || %L;
    v_tag text;
BEGIN
    PERFORM t.expect('created', 'publication_complete', v_first);
    v_tag := t.tag(v_first);
    PERFORM t.expect('ok', 'publication_release', v_release);
    PERFORM t.eq('again', t.expect('ok', 'publication_release', v_release) ->> 'state', 'published');
    PERFORM t.eq('repeated, it publishes nothing anew', t.expect('ok', 'publication_complete', v_first || t.receipt('one')) ->> 'changed', 'unchanged');
    %s;
    PERFORM t.eq('held', t.call('publication_get', v_first) ->> 'state', 'held');
    PERFORM t.has(t.expect('call_superseded', 'publication_release', v_release), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'document_released call_superseded');
    PERFORM t.expect('call_superseded', 'publication_release', v_release || '{"if_match": "*"}');
    PERFORM t.expect('precondition_failed', 'publication_release', v_release || jsonb_build_object('if_match', v_tag));
    PERFORM t.eq('still', t.call('publication_get', v_first) ->> 'state', 'held');
    PERFORM t.eq('list', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
    PERFORM t.eq('meant', t.expect('ok', 'publication_release', v_release || jsonb_build_object('if_match', t.tag(v_first))) ->> 'state', 'published');
END $t$, meta, release, anew)) FROM (VALUES
    ('a correction', '{"hold": true}', '{}', $q$PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"hold": true}'))$q$),
    ('of an HIV report', '{"class": "hiv"}', '{"told_by_doctor": true}', $q$PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two'))$q$),
    ('it was not held then', '{}', '{}', $q$PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"hold": true}'))$q$),
    ('withdrawn, and published again with a hold', '{"hold": true}', '{}', $q$PERFORM t.expect('ok', 'publication_withdraw', v_first);
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"hold": true, "republish": true}'))$q$),
    ('the patient deleted it', '{"hold": true}', '{}', $q$PERFORM t.expect('ok', 'leaving_documents_wipe', t.mine(v_person, jsonb_build_object('proof', t.typed(v_person))));
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"hold": true}'))$q$),
    ('it expired', '{"hold": true}', '{}', $q$UPDATE dossier_data.document SET expires_at = now(); PERFORM t.call('purge', '{"limit": 10}');
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"hold": true}'))$q$)) AS v (what, meta, release, anew);

SELECT t.test('a late release says of no later file that a doctor has told of it', $t$
DECLARE
    v_told jsonb := '{"retention_days": 60, "told_by_doctor": true}';
BEGIN
    PERFORM t.active(1);
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one', '{"class": "hiv"}'));
    PERFORM t.expect('ok', 'publication_release', t.document(1) || v_told);
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"class": "ordinary"}'));
    PERFORM t.expect('call_superseded', 'publication_release', t.document(1) || v_told);
    PERFORM t.eq('told', (SELECT told_by_doctor FROM dossier_data.document), false);
    PERFORM t.eq('with nothing to say it changes nothing', t.expect('ok', 'publication_release', t.document(1) || '{"retention_days": 60}') ->> 'state', 'published');
END $t$);

SELECT t.test(format('a late repetition of a withdrawal withdraws nothing that was published again: %s', what), format($t$
DECLARE
    v_person t.person := t.active(1);
    v_tag text;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'one'));
    v_tag := t.tag(t.document(1));
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1));
    PERFORM t.eq('again', t.expect('ok', 'publication_withdraw', t.document(1)) ->> 'state', 'withdrawn');
    %s;
    PERFORM t.has(t.expect('call_superseded', 'publication_withdraw', t.document(1)), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'document_withdrawn call_superseded');
    PERFORM t.expect('call_superseded', 'publication_withdraw', t.document(1) || '{"if_match": "*"}');
    PERFORM t.expect('precondition_failed', 'publication_withdraw', t.document(1) || jsonb_build_object('if_match', v_tag));
    PERFORM t.eq('there', jsonb_array_length(t.call('document_list', t.mine(v_person)) -> 'documents'), 1);
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1) || jsonb_build_object('if_match', t.tag(t.document(1))));
    PERFORM t.eq('gone', t.call('document_list', t.mine(v_person)) -> 'documents', '[]');
END $t$, back)) FROM (VALUES
    ('the same file', $q$PERFORM t.expect('ok', 'publication_complete', t.document(1, 'one', '{"republish": true}'))$q$),
    ('another one, corrected since', $q$PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"republish": true}'));
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'three'))$q$),
    ('after it was purged', $q$UPDATE dossier_data.document SET expires_at = now(); PERFORM t.call('purge', '{"limit": 10}');
        PERFORM t.expect('ok', 'publication_complete', t.document(1, 'two', '{"republish": true}'))$q$)) AS v (what, back);
