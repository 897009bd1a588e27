-- Rules that many rows are held against are written into the statement that asks, as visibility.sql's header says.
-- PostgreSQL counts the calls of functions, and none of those that it has written into a statement.

-- Rules that return rows, and those of one row without a subquery that they are made of.
CREATE FUNCTION t.rules() RETURNS SETOF oid LANGUAGE sql AS $$
    SELECT oid FROM pg_proc WHERE pronamespace = 'dossier_lib'::regnamespace AND proname = ANY ('{
        dossiers_kept, handover_of, dossier_documents, dossier_acceptances, pickup_of, document_told, patients_told,
        audit_concealed, activity_lines, activity_told,
        export_acceptances, export_messages, export_sessions, export_devices,
        sessions_live, session_login, session_account, consent_of, consents_due, consent_patients, consents_told,
        dossier_refusal_of, document_held, document_there, document_ended, document_state,
        account_json, acceptance_json}')
$$;

-- Runs what a patient waits for; the rules that were called, and how often.
CREATE FUNCTION t.rules_called() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
    v_id text := t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"acceptance": "A-1"}')) ->> 'id';
    v_one jsonb;
    v_visit text;
    v_proofs text[] := ARRAY[t.typed(v_person), t.typed(v_person)];
    v_called text;
BEGIN
    PERFORM t.relative(v_other, v_person.patient);
    v_visit := t.call('pickup_list', t.mine(v_person)) -> 'acceptances' -> 0 ->> 'id';
    v_one := t.mine(v_person, jsonb_build_object('document_id', v_id, 'acceptance_id', v_visit));
    SET LOCAL track_functions = 'all';
    PERFORM t.expect('ok', 'session_load', jsonb_build_object('token_hash', t.sha('token of ' || (
        SELECT id FROM dossier_data.registration WHERE account_id = v_person.account::uuid))));
    PERFORM t.expect('ok', 'session_get', v_one || jsonb_build_object('session_id', v_person.session));
    PERFORM t.expect('ok', 'patient_list', v_one);
    PERFORM t.expect('ok', 'consent_list', v_one);
    PERFORM t.expect('ok', 'document_list', v_one);
    PERFORM t.expect('ok', 'document_list', t.mine(v_other, jsonb_build_object('patient_id', v_person.patient)));
    PERFORM t.expect('ok', 'document_get', v_one);
    PERFORM t.expect('ok', 'document_open', v_one || '{"read": true}');
    PERFORM t.expect('ok', 'pickup_list', v_one);
    PERFORM t.expect('ok', 'pickup_set', v_one || '{"online_pickup": false}');
    PERFORM t.expect('ok', 'pickup_set', v_one || '{"online_pickup": true}');
    PERFORM t.expect('ok', 'hiding_set', v_one || '{"hidden": true}');
    PERFORM t.expect('ok', 'hiding_list', v_one || jsonb_build_object('proof', v_proofs[1]));
    PERFORM t.expect('ok', 'activity_list', v_one);
    PERFORM t.expect('ok', 'activity_list', t.mine(v_other));
    PERFORM t.expect('ok', 'export_begin', v_one);
    PERFORM t.expect('ok', 'leaving_documents_wipe', v_one || jsonb_build_object('proof', v_proofs[2]));
    SELECT string_agg(format('%s (%s)', f::regproc, pg_stat_get_xact_function_calls(f)), ', ' ORDER BY f::regproc::text)
    INTO v_called FROM t.rules() f WHERE pg_stat_get_xact_function_calls(f) > 0;
    SET LOCAL track_functions = 'none';
    RETURN v_called;
END
$$;

SELECT t.test('inlined: all rules are there', $t$
BEGIN
    PERFORM t.eq('rules', (SELECT count(DISTINCT proname) FROM t.rules() f JOIN pg_proc ON oid = f), 28::bigint);
END $t$);

SELECT t.test('inlined: nothing that a patient waits for calls a rule', $t$
BEGIN
    PERFORM t.eq('called', t.rules_called(), NULL);
END $t$);

-- What keeps a function from being written into a statement: a SET.
SELECT t.test('inlined: rules that are called are seen', $t$
BEGIN
    ALTER FUNCTION dossier_lib.pickup_of(uuid, uuid, timestamptz) SET enable_sort = on;
    ALTER FUNCTION dossier_lib.document_held(dossier_data.document) SET enable_sort = on;
    PERFORM t.eq('called', regexp_replace(t.rules_called(), '\d+', 'n', 'g'),
        'dossier_lib.document_held (n), dossier_lib.pickup_of (n)');
END $t$);

-- How often this person's call of a list calls each function of the portal.
CREATE FUNCTION t.calls_of(p_list text, p_person t.person) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_before jsonb;
BEGIN
    SET LOCAL track_functions = 'all';
    SELECT jsonb_object_agg(oid, coalesce(pg_stat_get_xact_function_calls(oid), 0)) INTO v_before FROM pg_proc
    WHERE pronamespace IN ('dossier'::regnamespace, 'dossier_lib'::regnamespace);
    PERFORM t.expect('ok', p_list, t.mine(p_person, jsonb_build_object('session_id', p_person.session)));
    SET LOCAL track_functions = 'none';
    RETURN (SELECT jsonb_object_agg(f::regproc, pg_stat_get_xact_function_calls(f) - b::bigint)
        FROM jsonb_each_text(v_before) e (f_text, b), LATERAL (SELECT f_text::oid AS f) o
        WHERE pg_stat_get_xact_function_calls(f) > b::bigint);
END
$$;

-- The lists whose answers call more functions when there are three documents and visits more.
CREATE FUNCTION t.lists_that_call_by_row() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_person t.person := t.active(1);
    v_lists text[] := '{document_list,activity_list,pickup_list,patient_list,session_get}';
    v_before jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes', '{"acceptance": "A-1"}'));
    SELECT jsonb_object_agg(list, t.calls_of(list, v_person)) INTO v_before FROM unnest(v_lists) list;
    FOR i IN 1..3 LOOP
        PERFORM t.expect('created', 'publication_complete', t.document(1, 'bytes ' || i, '{"acceptance": "A-1"}',
            jsonb_build_object('external_id', 'more-' || i)));
    END LOOP;
    RETURN (SELECT string_agg(list, ' ') FROM unnest(v_lists) list
        WHERE v_before -> list IS DISTINCT FROM t.calls_of(list, v_person));
END
$$;

SELECT t.test('inlined: no list calls more functions for more rows', $t$
BEGIN
    PERFORM t.eq('lists', t.lists_that_call_by_row(), NULL);
END $t$);

SELECT t.test('inlined: a list that calls a function for each row is seen', $t$
BEGIN
    ALTER FUNCTION dossier_lib.document_held(dossier_data.document) SET enable_sort = on;
    PERFORM t.eq('lists', t.lists_that_call_by_row() ~ 'document_list', true);
END $t$);
