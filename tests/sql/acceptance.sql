SELECT t.test('integrator_load: ok, unauthenticated for an unknown and for a revoked key', $t$
DECLARE
    v_id uuid := t.integrator();
    v_answer jsonb := t.expect('ok', 'integrator_load', jsonb_build_object('key_hash', t.sha('san-pellegrino')));
BEGIN
    PERFORM t.has(v_answer, 'outcome integrator_id key_id ending');
    PERFORM t.eq('id', v_answer ->> 'integrator_id', v_id::text);
    PERFORM t.expect('unauthenticated', 'integrator_load', jsonb_build_object('key_hash', t.sha('another')));
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM t.expect('unauthenticated', 'integrator_load', jsonb_build_object('key_hash', t.sha('san-pellegrino')));
    PERFORM t.eq('audit', (SELECT string_agg(actor_kind || ' ' || outcome, ', ') FROM dossier_data.audit WHERE action = 'integrator_login'), 'integrator unauthenticated');
    PERFORM t.eq('nobody''s is counted', (SELECT sum(count) FROM dossier_data.audit_count WHERE action = 'integrator_login'), 1::numeric);
END $t$);

SELECT t.test('a revoked integrator may write nothing, whoever asks in its name', $t$
DECLARE
    v_acceptance jsonb := t.acceptance(1);
BEGIN
    PERFORM dossier_admin.integrator_revoke((v_acceptance ->> 'integrator_id')::uuid);
    PERFORM t.expect('facility_not_allowed', 'acceptance_put', v_acceptance);
END $t$);

SELECT t.test('admin: the same key keeps its id, facilities are replaced, mistakes are told', $t$
DECLARE
    v_id uuid := t.integrator();
BEGIN
    PERFORM t.eq('id', dossier_admin.integrator_put('LIS 2', t.sha('san-pellegrino'), '{citta-di-suzzara}'), v_id);
    PERFORM t.eq('facilities', (SELECT string_agg(facility_id, ' ') FROM dossier_data.integrator_facility
        WHERE integrator_id = v_id), 'citta-di-suzzara');
    BEGIN
        PERFORM dossier_admin.integrator_put('LIS', t.sha('x'), '{nowhere}');
        ASSERT false, 'an unknown facility was taken';
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq('message', SQLERRM, 'no facility "nowhere": mantova-dossier facility add registers it');
    END;
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM dossier_admin.integrator_revoke(v_id);
    BEGIN
        PERFORM dossier_admin.integrator_put('LIS', t.sha('san-pellegrino'), '{citta-di-suzzara}');
        ASSERT false, 'a revoked key was taken';
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq('message', SQLERRM, 'this key was revoked: make a new one');
    END;
    BEGIN
        PERFORM dossier_admin.integrator_revoke(gen_random_uuid());
        ASSERT false, 'an unknown integrator was revoked';
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq('message', SQLERRM, 'no integrator has this id');
    END;
    PERFORM dossier_admin.facility_put('san-pellegrino', 'Another name');
    PERFORM t.eq('name', (SELECT name FROM dossier_data.facility WHERE id = 'san-pellegrino'), 'Another name');
END $t$);

SELECT t.test('notice_get: both notices in both languages, not_found', $t$
DECLARE
    v_kind text;
    v_answer jsonb;
BEGIN
    FOREACH v_kind IN ARRAY '{portal,dossier}'::text[] LOOP
        v_answer := t.expect('ok', 'notice_get', jsonb_build_object('kind', v_kind));
        PERFORM t.has(v_answer, 'outcome kind version published_at it en');
        PERFORM t.has(v_answer -> 'it', 'title body');
        PERFORM t.has(v_answer -> 'en', 'title body');
        PERFORM t.eq('kind', v_answer ->> 'kind', v_kind);
        PERFORM t.eq('version', v_answer ->> 'version', '2026-01');
        PERFORM t.eq('published_at', v_answer ->> 'published_at', '2026-01-01T00:00:00Z');
    END LOOP;
    PERFORM t.expect('not_found', 'notice_get', '{"kind": "other"}');
    PERFORM t.expect('not_found', 'notice_get', '{}');
END $t$);

SELECT t.test('notice_get: a version of tomorrow is not the current one', $t$
BEGIN
    INSERT INTO dossier_data.notice VALUES ('portal', '2099-01', now() + interval '1 second');
    PERFORM t.eq('version', t.call('notice_get', '{"kind": "portal"}') ->> 'version', '2026-01');
    PERFORM t.eq('unknown version', t.call('notice_get', '{"kind": "portal", "version": "2025-01"}') ->> 'outcome', 'not_found');
    UPDATE dossier_data.notice SET published_at = now() WHERE version = '2099-01';
    PERFORM t.eq('version', t.call('notice_get', '{"kind": "portal"}') ->> 'version', '2099-01');
END $t$);

SELECT t.test('acceptance_put: created, then ok without a change', $t$
DECLARE
    v_first jsonb := t.expect('created', 'acceptance_put', t.acceptance(1));
    v_again jsonb;
BEGIN
    PERFORM t.has(v_first, 'outcome external_id facility online_pickup created_at updated_at changed activation_code_expires_at messages tag');
    PERFORM t.eq('changed', v_first -> 'changed', 'true');
    PERFORM t.eq('messages', v_first -> 'messages', '[]');
    PERFORM t.eq('days', (v_first ->> 'activation_code_expires_at')::timestamptz - (v_first ->> 'created_at')::timestamptz,
        interval '1440 hours');
    PERFORM t.eq('time', v_first ->> 'created_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'));
    v_again := t.expect('ok', 'acceptance_put', t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "fresh"}}'));
    PERFORM t.eq('again', v_again, v_first || '{"outcome": "ok", "changed": false}');
    PERFORM t.eq('codes', (SELECT count(*) FROM dossier_data.activation_code), 1::bigint);
    PERFORM t.eq('audit', t.audited(1), 'acceptance_created ok');
END $t$);

SELECT t.test('acceptance_put: the creating call repeated answers created again', $t$
DECLARE
    v_call jsonb := t.acceptance(1);
    v_first jsonb := t.expect('created', 'acceptance_put', v_call);
BEGIN
    PERFORM t.eq('again', t.call('acceptance_put', v_call), v_first);
    PERFORM t.eq('codes', (SELECT count(*) FROM dossier_data.activation_code), 1::bigint);
END $t$);

SELECT t.test('acceptance_put: every datum updates, and null empties', $t$
DECLARE
    v_change jsonb;
    v_put jsonb := t.acceptance(1);
    v_answer jsonb := t.expect('created', 'acceptance_put', v_put);
BEGIN
    PERFORM dossier_admin.integrator_put('LIS', t.sha('san-pellegrino'), '{san-pellegrino,citta-di-suzzara}');
    v_put := v_put || '{"activation": {"key_id": "k1", "mac": "fresh"}}';
    FOR v_change IN SELECT jsonb_array_elements('[{"mobile": "+393330000099"}, {"email": null}, {"facility": "citta-di-suzzara"},
        {"patient": {"first_name": "Maria"}}, {"patient": {"last_name": "Bianchi"}}, {"patient": {"birth_date": "1980-01-02"}},
        {"patient": {"birth_place": null}}, {"patient": {"sex": "F"}}]') LOOP
        v_put := v_put || (v_change - 'patient') || jsonb_build_object('patient', v_put -> 'patient' || coalesce(v_change -> 'patient', '{}'));
        v_answer := t.expect('ok', 'acceptance_put', v_put);
        PERFORM t.eq(format('changed by %s', v_change), v_answer -> 'changed', 'true');
        PERFORM t.eq('again', t.call('acceptance_put', v_put) -> 'changed', 'false');
    END LOOP;
    v_answer := t.expect('ok', 'acceptance_get', v_put);
    PERFORM t.eq('facility', v_answer ->> 'facility', 'citta-di-suzzara');
    PERFORM t.eq('patient', v_answer -> 'patient', v_put -> 'patient');
    PERFORM t.eq('email', v_answer -> 'email', 'null');
END $t$);

SELECT t.test('acceptance_put: what the desk leaves open does not empty the patient', $t$
DECLARE
    v_put jsonb := t.acceptance(1);
BEGIN
    PERFORM t.call('acceptance_put', v_put);
    PERFORM t.call('acceptance_put', v_put || jsonb_build_object('external_id', 'A-2', 'activation', '{"key_id": "k", "mac": "2"}'::jsonb,
        'patient', v_put -> 'patient' || '{"birth_date": null, "birth_place": null, "sex": null, "first_name": "MARIO"}'));
    PERFORM t.eq('patient', (SELECT concat_ws(' ', first_name, birth_date, birth_place, sex) FROM dossier_data.patient),
        'MARIO 1980-01-01 Mantova M');
    PERFORM t.eq('patients', (SELECT count(*) FROM dossier_data.patient), 1::bigint);
END $t$);

SELECT t.test('acceptance_put: facility_not_allowed, acceptance_patient_changed', $t$
BEGIN
    PERFORM t.expect('facility_not_allowed', 'acceptance_put', t.acceptance(1, '{"facility": "citta-di-suzzara"}'));
    PERFORM t.expect('facility_not_allowed', 'acceptance_put', t.acceptance(1, '{"facility": "nowhere"}'));
    PERFORM t.eq('acceptances', (SELECT count(*) FROM dossier_data.acceptance), 0::bigint);
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.has(t.expect('acceptance_patient_changed', 'acceptance_put', t.acceptance(2, '{"external_id": "A-1"}')), 'outcome');
    PERFORM t.eq('patients', (SELECT count(*) FROM dossier_data.patient), 1::bigint);
    PERFORM t.eq('audit', t.audited(3), 'acceptance_put acceptance_patient_changed, acceptance_created ok, acceptance_put facility_not_allowed');
END $t$);

SELECT t.test('acceptance_put: external ids are each integrator''s own', $t$
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('external_id', 'A-1',
        'integrator_id', t.integrator('citta-di-suzzara'), 'facility', 'citta-di-suzzara')));
END $t$);

SELECT t.test('acceptance_put: a dry run answers alike and leaves nothing at all', $t$
DECLARE
    v_put jsonb := t.acceptance(1);
    v_rows text := (SELECT string_agg(format('SELECT %L, count(*), md5(string_agg(x::text, '''' ORDER BY x::text)) FROM dossier_data.%I x', relname, relname), ' UNION ALL ')
        FROM pg_class WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r');
    v_before text;
    v_after text;
    v_dry jsonb;
    v_real jsonb;
BEGIN
    EXECUTE format('SELECT string_agg(y::text, '' '' ORDER BY y::text) FROM (%s) y', v_rows) INTO v_before;
    v_dry := t.expect('created', 'acceptance_put', v_put || '{"dry_run": true}');
    PERFORM t.expect('facility_not_allowed', 'acceptance_put', v_put || '{"dry_run": true, "facility": "nowhere"}');
    EXECUTE format('SELECT string_agg(y::text, '' '' ORDER BY y::text) FROM (%s) y', v_rows) INTO v_after;
    PERFORM t.eq('rows', v_after, v_before);
    v_real := t.expect('created', 'acceptance_put', v_put);
    PERFORM t.eq('answer', v_dry, v_real);
    v_dry := t.expect('ok', 'acceptance_put', v_put || '{"dry_run": true, "email": null}');
    PERFORM t.eq('changed', v_dry -> 'changed', 'true');
    PERFORM t.eq('email', t.call('acceptance_get', v_put) ->> 'email', 'p1@example.org');
END $t$);

SELECT t.test('acceptance_new_code: the old code dies; repeated it answers the same; not_found', $t$
DECLARE
    v_person t.person := t.account(1);
    v_put jsonb := t.acceptance(1, '{"activation": {"key_id": "k2", "mac": "new"}}');
    v_answer jsonb := t.expect('created', 'acceptance_new_code', v_put);
BEGIN
    PERFORM t.has(v_answer, 'outcome external_id activation_code_expires_at');
    PERFORM t.eq('again', t.call('acceptance_new_code', v_put), v_answer);
    PERFORM t.eq('codes', (SELECT count(*) FROM dossier_data.activation_code), 2::bigint);
    PERFORM t.expect('activation_wrong', 'activation_complete', t.activation(v_person));
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person, '{"macs": {"k1": "x", "k2": "new"}}'));
    PERFORM t.expect('not_found', 'acceptance_new_code', v_put || '{"external_id": "none"}');
    PERFORM t.expect('not_found', 'acceptance_new_code', v_put || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara')));
    PERFORM t.eq('audit', t.audited(1), 'activation_code_renewed not_found');
END $t$);

SELECT t.test('acceptance_get: all of it; open, used, expired, none; not_found', $t$
DECLARE
    v_person t.person;
    v_key jsonb := jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'A-1');
    v_answer jsonb;
BEGIN
    PERFORM t.expect('not_found', 'acceptance_get', v_key);
    v_person := t.account(1);
    v_answer := t.expect('ok', 'acceptance_get', v_key);
    PERFORM t.has(v_answer, 'outcome external_id facility codice_fiscale mobile email patient activation');
    PERFORM t.has(v_answer -> 'patient', 'codice_fiscale first_name last_name birth_date birth_place sex');
    PERFORM t.has(v_answer -> 'activation', 'state expires_at');
    PERFORM t.eq('state', v_answer -> 'activation' ->> 'state', 'open');
    UPDATE dossier_data.activation_code SET expires_at = now();
    PERFORM t.eq('state', t.call('acceptance_get', v_key) -> 'activation' ->> 'state', 'expired');
    PERFORM t.eq('live code', t.call('acceptance_put', t.acceptance(1, '{"activation": {"key_id": "k", "mac": "m"}}')) -> 'activation_code_expires_at', 'null');
    UPDATE dossier_data.activation_code SET expires_at = now() + interval '1 second';
    PERFORM t.call('activation_complete', t.activation(v_person));
    PERFORM t.eq('state', t.call('acceptance_get', v_key) -> 'activation' ->> 'state', 'used');
    DELETE FROM dossier_data.activation_code;
    PERFORM t.eq('none', t.call('acceptance_get', v_key) -> 'activation', '{"state": "none", "expires_at": null}');
    PERFORM t.expect('not_found', 'acceptance_get', v_key || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara')));
END $t$);
