-- What the SQL tests share. Schema t lives in the scratch database only.
CREATE SCHEMA t;

-- Runs a plpgsql block and takes back all it did; one line says how it went.
CREATE FUNCTION t.test(p_name text, p_body text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('DO %L', p_body);
    RAISE SQLSTATE 'TDONE';
EXCEPTION
    WHEN SQLSTATE 'TDONE' THEN RETURN 'ok      ' || p_name;
    WHEN OTHERS OR assert_failure THEN
        RETURN format('FAILED  %s: %s (%s)', p_name, SQLERRM, SQLSTATE);
END
$$;

CREATE FUNCTION t.eq(p_what text, p_is anycompatible, p_wanted anycompatible) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_is IS DISTINCT FROM p_wanted THEN
        RAISE EXCEPTION '% is %, wanted %', p_what, p_is, p_wanted;
    END IF;
END
$$;

-- Seconds since the test began: what the machine may have spent of a wait.
CREATE FUNCTION t.elapsed() RETURNS numeric LANGUAGE sql VOLATILE AS $$
    SELECT extract(epoch FROM clock_timestamp() - now())
$$;

-- Seconds to wait: exactly so many, but for those that have gone by.
CREATE FUNCTION t.wait(p_what text, p_is text, p_wanted int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_is IS NULL OR p_is::int NOT BETWEEN ceil(p_wanted - t.elapsed()) AND p_wanted THEN
        RAISE EXCEPTION '% is %, wanted %', p_what, p_is, p_wanted;
    END IF;
END
$$;

-- An answer, to be compared with another's word by word. Once seconds have gone by, its wait is rounded up to
-- the whole twenties that all waits are.
CREATE FUNCTION t.story(p jsonb) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT (CASE WHEN t.elapsed() < 1 OR NOT p ? 'retry_after' THEN p
        ELSE p || jsonb_build_object('retry_after', ceil((p ->> 'retry_after')::int / 20.0) * 20) END)::text
$$;

-- The members of an answer, and its outcome among them.
CREATE FUNCTION t.members(p dossier_data.answer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(p.body::jsonb, '{}') || jsonb_build_object('outcome', p.outcome)
$$;

-- An API function, called as the web server's role.
CREATE FUNCTION t.call(p_function text, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_answer dossier_data.answer;
BEGIN
    PERFORM set_config('role', 'dossier_app', true);
    EXECUTE format('SELECT * FROM dossier.%I($1)', p_function) INTO v_answer USING p || '{"address": "192.0.2.1"}';
    PERFORM set_config('role', 'none', true);
    RETURN t.members(v_answer);
END
$$;

CREATE FUNCTION t.outcome(p_function text, p jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT t.call(p_function, p) ->> 'outcome'
$$;

-- Expects one outcome; the answer.
CREATE FUNCTION t.expect(p_outcome text, p_function text, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_answer jsonb := t.call(p_function, p);
BEGIN
    PERFORM t.eq('outcome of ' || p_function, v_answer ->> 'outcome', p_outcome);
    RETURN v_answer;
END
$$;

CREATE FUNCTION t.keys(p jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(k, ' ' ORDER BY k) FROM jsonb_object_keys(p) k
$$;

-- What the answer of an outcome holds, and nothing else.
CREATE FUNCTION t.has(p jsonb, p_keys text) RETURNS void LANGUAGE sql AS $$
    SELECT t.eq('members', t.keys(p), (SELECT string_agg(k, ' ' ORDER BY k) FROM regexp_split_to_table(p_keys, ' ') k))
$$;

CREATE FUNCTION t.limit_to(p_name text, p_value int) RETURNS void LANGUAGE sql AS $$
    UPDATE dossier_data.throttle_limit SET value = p_value WHERE name = p_name
$$;

CREATE FUNCTION t.cf(n int) RETURNS text LANGUAGE sql AS $$ SELECT format('RSSMRA80A01E%sX', lpad(n::text, 3, '0')) $$;
CREATE FUNCTION t.mobile(n int) RETURNS text LANGUAGE sql AS $$ SELECT '+39333' || lpad(n::text, 7, '0') $$;
CREATE FUNCTION t.sha(p text) RETURNS text LANGUAGE sql AS $$ SELECT encode(sha256(convert_to(p, 'UTF8')), 'hex') $$;

-- Two facilities, and an integrator for one of them (or the one named).
-- The statement is refused, and says so.
CREATE FUNCTION t.refused(p_statement text, p_because text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        EXECUTE p_statement;
    EXCEPTION WHEN raise_exception THEN
        PERFORM t.eq(p_statement, position(p_because IN SQLERRM) > 0, true);
        RETURN;
    END;
    RAISE EXCEPTION '% was taken', p_statement;
END
$$;

CREATE FUNCTION t.integrator(p_facility text DEFAULT 'san-pellegrino') RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    PERFORM dossier_admin.facility_put('san-pellegrino', 'Ospedale San Pellegrino');
    PERFORM dossier_admin.facility_put('citta-di-suzzara', 'Ospedale Città di Suzzara');
    RETURN dossier_admin.integrator_put('LIS of ' || p_facility, t.sha(p_facility), ARRAY[p_facility]);
END
$$;

CREATE FUNCTION t.code() RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('id', id, 'key_id', 'k1', 'mac', 'mac of ' || id, 'sealed', 'sealed ' || id,
        'site_url', 'https://referti.example.org')
    FROM (SELECT gen_random_uuid() AS id) c
$$;

-- The body of acceptance_put for person n.
CREATE FUNCTION t.acceptance(n int, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'A-' || n, 'dry_run', false,
        'facility', 'san-pellegrino', 'mobile', t.mobile(n), 'email', format('p%s@example.org', n),
        'patient', jsonb_build_object('codice_fiscale', t.cf(n), 'first_name', 'Mario', 'last_name', 'Rossi',
            'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'sex', 'M'),
        'activation', jsonb_build_object('key_id', 'k1', 'mac', 'activation ' || n),
        'registration_code', t.code() - 'site_url') || p_change
$$;

CREATE FUNCTION t.registration(n int, p_profile jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('profile', jsonb_build_object('codice_fiscale', t.cf(n), 'first_name', 'Mario',
            'last_name', 'Rossi', 'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'mobile', t.mobile(n),
            'email', format('p%s@example.org', n), 'language', 'it') || p_profile,
        'consent', '{"notice": "portal", "version": "2026-01"}'::jsonb, 'password_hash', 'hash ' || n,
        'macs', NULL, 'code', t.code())
$$;

CREATE FUNCTION t.session(p_token text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('token_hash', t.sha(p_token), 'user_agent', 'Firefox')
$$;

-- Counts a try and gives the right digits, or wrong ones: the body of registration_complete.
CREATE FUNCTION t.proof(p_registration text, p_right boolean DEFAULT true) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_code text := t.expect('ok', 'registration_try', jsonb_build_object('id', p_registration)) ->> 'code_id';
BEGIN
    RETURN jsonb_build_object('id', p_registration, 'code_id', v_code,
        'mac', CASE WHEN p_right THEN 'mac of ' || v_code ELSE 'wrong' END,
        'session', t.session('token of ' || p_registration));
END
$$;

CREATE TYPE t.person AS (n int, account text, patient text, session text);

-- Person n with an acceptance and an account; the dossier is inactive.
CREATE FUNCTION t.account(n int) RETURNS t.person LANGUAGE plpgsql AS $$
DECLARE
    v_registration text;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(n));
    v_registration := t.expect('ok', 'registration_start', t.registration(n)) ->> 'id';
    v_answer := t.expect('created', 'registration_complete', t.proof(v_registration));
    RETURN (n, v_answer -> 'account' ->> 'id', t.call('patient_list', jsonb_build_object(
        'account_id', v_answer -> 'account' ->> 'id')) -> 'patients' -> 0 ->> 'id', v_answer ->> 'session_id');
END
$$;

CREATE FUNCTION t.activation(p t.person, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('account_id', p.account, 'patient_id', p.patient,
        'consent', '{"notice": "dossier", "version": "2026-01"}'::jsonb, 'codice_fiscale', t.cf(p.n),
        'macs', jsonb_build_object('k0', 'other', 'k1', 'activation ' || p.n)) || p_change
$$;

-- Person n with an active dossier.
CREATE FUNCTION t.active(n int) RETURNS t.person LANGUAGE plpgsql AS $$
DECLARE
    v_person t.person := t.account(n);
BEGIN
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person));
    RETURN v_person;
END
$$;

CREATE FUNCTION t.receipt(p_bytes text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('receipt', jsonb_build_object('object_id', gen_random_uuid(), 'size', length(p_bytes),
        'sha256', t.sha(p_bytes), 'key_id', 'k1', 'wrapped_key', 'wrapped ' || p_bytes))
$$;

-- The body of publication_complete for person n: document R-77 with these bytes.
-- The vault's id, as it stands in its folder.
CREATE FUNCTION t.vault() RETURNS text LANGUAGE sql AS $$ SELECT '5afe5afe-0000-4000-8000-000000000001' $$;
UPDATE dossier_data.vault SET id = t.vault()::uuid;

CREATE FUNCTION t.document(n int, p_bytes text DEFAULT 'bytes', p_meta jsonb DEFAULT '{}', p_change jsonb DEFAULT '{}')
RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'R-77',
        'metadata', jsonb_build_object('facility', 'san-pellegrino', 'codice_fiscale', t.cf(n), 'acceptance', null,
            'title', 'Esami del sangue', 'type', 'laboratory', 'issued_at', '2026-11-24T09:00:00Z',
            'author', 'Dr. Anna Verdi') || p_meta,
        'media_type', 'application/pdf', 'retention_days', 60, 'vault', t.vault()) || t.receipt(p_bytes) || p_change
$$;

CREATE FUNCTION t.mine(p t.person, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('account_id', p.account, 'patient_id', p.patient, 'limit', 50) || p_change
$$;

-- A login, with its password judged (or not yet: null).
CREATE FUNCTION t.login(p_kind text, p_login text, p_right boolean DEFAULT NULL, p_address text DEFAULT '192.0.2.1', p_device text DEFAULT NULL)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_begun jsonb;
BEGIN
    v_begun := t.members(dossier.session_begin(jsonb_build_object('kind', p_kind, 'login', p_login, 'address', p_address,
        'device_hash', p_device)));
    IF p_right IS NULL OR v_begun ->> 'outcome' <> 'ok' THEN
        RETURN v_begun;
    END IF;
    RETURN t.members(dossier.session_finish(jsonb_build_object('attempt', v_begun ->> 'attempt', 'right', p_right, 'rehash', null,
        'session', t.session(gen_random_uuid()::text), 'address', p_address)));
END
$$;

-- The last audit lines but the operator's, newest first: "action outcome".
CREATE FUNCTION t.audited(p_count int) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(action || ' ' || outcome, ', ' ORDER BY id DESC)
    FROM (SELECT * FROM dossier_data.audit WHERE actor_kind <> 'operator' ORDER BY id DESC LIMIT p_count) a
$$;

-- Person's password, typed again: the proof.
CREATE FUNCTION t.typed(p t.person) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_proof jsonb := t.expect('ok', 'password_begin', jsonb_build_object('account_id', p.account)) -> 'proof';
BEGIN
    PERFORM t.expect('ok', 'password_finish', jsonb_build_object('account_id', p.account, 'proof', v_proof, 'right', true));
    RETURN v_proof #>> '{}';
END
$$;

-- Keeps a patient as this person's relative, with an active dossier.
CREATE FUNCTION t.relative(p t.person, p_patient text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, state, activated_at)
    VALUES (p.account::uuid, p_patient::uuid, 'relative', 'delegate', 'active', now())
$$;

-- Moves all that is counted into the past.
CREATE FUNCTION t.later(p interval) RETURNS void LANGUAGE sql AS $$
    UPDATE dossier_data.throttle SET tat = tat - p, hits = ARRAY(SELECT h - p FROM unnest(hits) h)
$$;

CREATE FUNCTION t.reset(p_kind text, p_login text) RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT t.call('password_reset_start', jsonb_build_object('kind', p_kind, 'login', p_login, 'language', 'it', 'code', t.code()))
$$;

-- Counts a try of a change and gives the right digits, or wrong ones.
CREATE FUNCTION t.change_proof(p_id text, p_kind text, p_account text DEFAULT NULL, p_right boolean DEFAULT true)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_code text := t.expect('ok', 'account_change_try',
        jsonb_build_object('id', p_id, 'kind', p_kind, 'account_id', p_account)) ->> 'code_id';
BEGIN
    RETURN jsonb_build_object('id', p_id, 'kind', p_kind, 'account_id', p_account, 'code_id', v_code,
        'mac', CASE WHEN p_right THEN 'mac of ' || v_code ELSE 'wrong' END, 'password_hash', 'new hash', 'personal', false);
END
$$;

CREATE FUNCTION t.right_password(p t.person) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_proof jsonb := t.call('password_begin', jsonb_build_object('account_id', p.account)) -> 'proof';
BEGIN
    PERFORM t.expect('ok', 'password_finish', jsonb_build_object('account_id', p.account, 'proof', v_proof, 'right', true));
    RETURN jsonb_build_object('account_id', p.account, 'session_id', p.session, 'proof', v_proof, 'token_hash', t.sha('renewed'));
END
$$;

CREATE FUNCTION t.contact(p t.person, p_kind text, p_recipient text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.call('contact_change_start', t.right_password(p) || jsonb_build_object('kind', p_kind,
        'recipient', p_recipient, 'code', t.code()))
$$;

-- Registered some time ago, and so was all that the desks have noted.
CREATE FUNCTION t.long_ago() RETURNS void LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.account SET mobile_proved_at = mobile_proved_at - interval '1 day';
    UPDATE dossier_data.acceptance SET created_at = created_at - interval '2 days', updated_at = updated_at - interval '2 days';
    UPDATE dossier_data.throttle SET hits = '{}';
    DELETE FROM dossier_data.outbox;
$$;

-- A minute that has been over for long: the first claim of each test begins its own, which does not end amid the test.
UPDATE dossier_data.sms_budget SET started_at = now() - interval '2 minutes' WHERE period = 'minute';
