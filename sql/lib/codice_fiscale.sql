-- The desk joins what a person has under two codici fiscali, or writes the new one down before anything came under it.
-- A typo must show nobody another's documents: the caller says who the person is, and everything on record must agree.

-- "Nicolò D'Amico" and "NICOLO' DAMICO" are one name.
CREATE OR REPLACE FUNCTION dossier_lib.name_letters(p_name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT upper(regexp_replace(normalize(p_name, NFD), '[\u0300-\u036f\s''’`´.-]', '', 'g'))
$$;

-- p: first_name, last_name, birth_date. A patient whose day of birth nobody knows matches nobody.
CREATE OR REPLACE FUNCTION dossier_lib.patient_is(t dossier_data.patient, p jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.name_letters(t.first_name) = dossier_lib.name_letters(p ->> 'first_name')
       AND dossier_lib.name_letters(t.last_name) = dossier_lib.name_letters(p ->> 'last_name')
       AND coalesce(dossier_lib.birth_of(t) = (p ->> 'birth_date')::date, false)
       AND coalesce(t.sex = p ->> 'sex', true)
$$;

-- Two people may have name and birthday in common: a number that the desk noted for both, and no other place of birth
-- in two definitive codes, make them one.
CREATE OR REPLACE FUNCTION dossier_lib.patients_are_one(t dossier_data.patient, u dossier_data.patient) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.acceptance a JOIN dossier_data.acceptance b ON b.mobile = a.mobile
                   WHERE a.patient_id = t.id AND b.patient_id = u.id)
       AND (dossier_lib.birth_by_code(t.codice_fiscale) IS NULL OR dossier_lib.birth_by_code(u.codice_fiscale) IS NULL
            OR translate(substr(t.codice_fiscale, 7, 9), 'LMNPQRSTUV', '0123456789')
             = translate(substr(u.codice_fiscale, 7, 9), 'LMNPQRSTUV', '0123456789'))
$$;

-- Null: what is known by p_former is p_new's too. Confirmed: somebody has seen who it is.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_refusal(
    p_old dossier_data.patient, p_new dossier_data.patient, p_code text, p_person jsonb, p_confirmed boolean)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_old.id IS NULL THEN 'patient_unknown'
        WHEN EXISTS (SELECT FROM dossier_data.former_codice_fiscale
                     WHERE codice_fiscale = p_code AND patient_id <> p_old.id) THEN 'person_differs'
        WHEN NOT p_confirmed AND NOT dossier_lib.patient_is(p_old, p_person) THEN 'person_differs'
        WHEN NOT p_confirmed AND p_new.id IS NOT NULL AND NOT (dossier_lib.patient_is(p_new, p_person)
            AND dossier_lib.patients_are_one(p_old, p_new)) THEN 'person_differs'
        WHEN EXISTS (SELECT FROM dossier_data.account WHERE patient_id = p_old.id)
            AND EXISTS (SELECT FROM dossier_data.account WHERE patient_id = p_new.id) THEN 'codice_fiscale_accounts' END
$$;

-- Everything that p_gone has is p_kept's. An account that keeps both keeps the dossier that is open; what the patient's
-- own has hidden, the patient has.
CREATE OR REPLACE FUNCTION dossier_lib.patients_join(p_gone uuid, p_kept uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.patient t SET birth_date = coalesce(t.birth_date, g.birth_date),
        birth_place = coalesce(t.birth_place, g.birth_place), sex = coalesce(t.sex, g.sex),
        independent_at = greatest(t.independent_at, g.independent_at),
        calls = (t.calls || array_remove(g.calls, ''))[:100]
    FROM dossier_data.patient g WHERE t.id = p_kept AND g.id = p_gone;
    UPDATE dossier_data.dossier s SET state = g.state, activated_at = g.activated_at FROM dossier_data.dossier g
    WHERE g.patient_id = p_gone AND s.patient_id = p_kept AND s.account_id = g.account_id
      AND s.relation = 'relative' AND s.state = 'inactive';
    DELETE FROM dossier_data.dossier g USING dossier_data.dossier s
    WHERE g.patient_id = p_gone AND s.patient_id = p_kept AND s.account_id = g.account_id;
    UPDATE dossier_data.dossier SET patient_id = p_kept WHERE patient_id = p_gone;
    UPDATE dossier_data.acceptance SET patient_id = p_kept WHERE patient_id = p_gone;
    UPDATE dossier_data.activation_code SET patient_id = p_kept WHERE patient_id = p_gone;
    UPDATE dossier_data.document_hidden h SET by_patient = true
    FROM dossier_data.document d, dossier_data.dossier s
    WHERE d.patient_id = p_gone AND h.document_id = d.id
      AND s.patient_id = p_kept AND s.relation = 'self' AND s.account_id = h.account_id;
    UPDATE dossier_data.document SET patient_id = p_kept WHERE patient_id = p_gone;
    UPDATE dossier_data.consent SET patient_id = p_kept WHERE patient_id = p_gone AND unlinked_at IS NULL
        AND account_id IN (SELECT account_id FROM dossier_data.dossier WHERE patient_id = p_kept);
    UPDATE dossier_data.former_codice_fiscale SET patient_id = p_kept WHERE patient_id = p_gone;
    UPDATE dossier_data.audit_alias a SET subject = p_kept WHERE subject = p_gone AND NOT EXISTS (
        SELECT FROM dossier_data.audit_alias b WHERE b.account_id = a.account_id AND b.subject = p_kept);
    DELETE FROM dossier_data.patient WHERE id = p_gone;
END
$$;

-- Both codes stand in a line with whatever registers patients by one of them. What the patient is known by now: it
-- stays so until the transaction ends, also where that is a third one, which may be changing at this moment.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_hold(p_code text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_now text;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('mantova-dossier:codice_fiscale:' || p_code, 0));
    LOOP
        v_now := dossier_lib.codice_fiscale_now(p_code);
        EXIT WHEN v_now IS NOT DISTINCT FROM p_code;
        PERFORM FROM dossier_data.patient WHERE codice_fiscale = v_now FOR KEY SHARE;
        EXIT WHEN FOUND;
    END LOOP;
    RETURN v_now;
END
$$;

-- Whoever has the dossier is told, and finds it in the activity. Of relatives, nobody keeps what its patient has
-- opened.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_tell(
    p_patient uuid, p_actor text, p_actor_id uuid, p_address text, p_facility text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_own dossier_data.dossier;
    v_account uuid;
BEGIN
    SELECT * INTO v_own FROM dossier_data.dossier
    WHERE patient_id = p_patient AND relation = 'self' AND activated_at IS NOT NULL;
    IF FOUND THEN
        PERFORM dossier_lib.relatives_take_over(v_own, p_facility);
    END IF;
    FOR v_account IN
        SELECT account_id FROM dossier_lib.dossiers_kept() WHERE patient_id = p_patient ORDER BY account_id
    LOOP
        PERFORM dossier_lib.audit_write(p_actor, p_actor_id, 'codice_fiscale_changed', 'ok', p_address,
            account => v_account, patient => p_patient, facility => p_facility);
        PERFORM dossier_lib.message_queue(v_account, 'codice_fiscale_changed', 'told', p_facility);
    END LOOP;
    PERFORM dossier_lib.alerts_unneeded(p_patient);
END
$$;

-- Whatever else concerns the patients known by one of them stands in a line.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_lock(p_former text, p_code text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.lock_name('codice_fiscale:' || c)
        FROM (SELECT unnest(ARRAY[p_former, p_code]) AS c ORDER BY 1) b;
    PERFORM dossier_lib.lock_name('patient:' || id) FROM (
        SELECT id FROM dossier_data.patient
        WHERE codice_fiscale IN (dossier_lib.codice_fiscale_now(p_former), p_code) ORDER BY id) t;
END
$$;

-- p: former_codice_fiscale, patient (codice_fiscale, first_name, last_name, birth_date, sex); may be asked again, by a
-- system only while no other change has come since. Behind codice_fiscale_lock().
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_apply(
    OUT refusal text, OUT changed boolean, p jsonb, p_confirmed boolean,
    p_actor text, p_actor_id uuid, p_facility text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_former text := p ->> 'former_codice_fiscale';
    v_code text := p -> 'patient' ->> 'codice_fiscale';
    v_call text := dossier_lib.digest(v_former || ' ' || v_code);
    v_old dossier_data.patient;
    v_new dossier_data.patient;
    v_kept uuid;
BEGIN
    SELECT * INTO v_old FROM dossier_data.patient
    WHERE codice_fiscale = dossier_lib.codice_fiscale_now(v_former) FOR UPDATE;
    SELECT * INTO v_new FROM dossier_data.patient WHERE codice_fiscale = v_code AND id <> v_old.id FOR UPDATE;
    refusal := dossier_lib.codice_fiscale_refusal(v_old, v_new, v_code, p -> 'patient', p_confirmed);
    IF refusal IS NULL AND v_old.codice_fiscale <> v_code AND p_actor = 'integrator'
            AND dossier_lib.call_superseded(p, v_call, v_old.calls, NULL) THEN
        refusal := 'call_superseded';
    END IF;
    changed := refusal IS NULL AND v_old.codice_fiscale <> v_code;
    IF NOT changed THEN
        UPDATE dossier_data.patient SET calls = dossier_lib.calls_noted(calls, v_call)
        WHERE refusal IS NULL AND id = v_old.id AND v_call <> ALL (calls);
        RETURN;
    END IF;
    v_kept := v_old.id;
    IF v_new.id IS NOT NULL THEN -- the one with an account stays, and with it all that is known by its id
        v_kept := CASE WHEN EXISTS (SELECT FROM dossier_data.account WHERE patient_id = v_old.id)
            THEN v_old.id ELSE v_new.id END;
        PERFORM dossier_lib.patients_join(CASE v_kept WHEN v_old.id THEN v_new.id ELSE v_old.id END, v_kept);
    END IF;
    DELETE FROM dossier_data.former_codice_fiscale WHERE codice_fiscale = v_code;
    UPDATE dossier_data.patient SET codice_fiscale = v_code, calls = dossier_lib.calls_with(calls, v_call),
        updated_at = now()
    WHERE id = v_kept;
    INSERT INTO dossier_data.former_codice_fiscale (codice_fiscale, patient_id) VALUES (v_old.codice_fiscale, v_kept);
    UPDATE dossier_data.registration SET codice_fiscale = v_code
    WHERE codice_fiscale = v_old.codice_fiscale AND closed_at IS NULL;
    PERFORM dossier_lib.audit_write(p_actor, p_actor_id, 'codice_fiscale_changed', 'ok', p ->> 'address',
        object => v_kept,
        facility => p_facility, detail => CASE WHEN v_new.id IS NULL THEN 'written down' ELSE 'joined with '
            || CASE v_kept WHEN v_old.id THEN v_new.id ELSE v_old.id END END);
    PERFORM dossier_lib.codice_fiscale_tell(v_kept, p_actor, p_actor_id, p ->> 'address', p_facility);
END
$$;

-- For the desk: of patients that have been at one of its facilities.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_change_by(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_facility text := p ->> 'facility';
    v_refusal text;
    v_answer record;
BEGIN
    PERFORM dossier_lib.codice_fiscale_lock(p ->> 'former_codice_fiscale', p -> 'patient' ->> 'codice_fiscale');
    v_refusal := dossier_lib.integrator_refusal(p, 'facility_not_allowed', v_facility);
    IF v_refusal IS NOT NULL THEN
        SELECT v_refusal AS refusal, false AS changed INTO v_answer;
    ELSIF NOT EXISTS (SELECT FROM dossier_data.acceptance a JOIN dossier_data.patient t ON t.id = a.patient_id
            WHERE t.codice_fiscale = dossier_lib.codice_fiscale_now(p ->> 'former_codice_fiscale')
              AND a.facility_id = v_facility) THEN
        SELECT 'patient_unknown' AS refusal, false AS changed INTO v_answer;
    ELSE
        SELECT * INTO v_answer FROM dossier_lib.codice_fiscale_apply(p, false, 'integrator', v_integrator, v_facility);
    END IF;
    IF v_answer.refusal IS NOT NULL THEN
        PERFORM dossier_lib.audit_write('integrator', v_integrator, 'codice_fiscale_changed', v_answer.refusal,
            p ->> 'address',
            facility => v_facility);
        RETURN dossier_lib.outcome(v_answer.refusal);
    END IF;
    RETURN dossier_lib.answer('ok', jsonb_build_object('codice_fiscale', p -> 'patient' ->> 'codice_fiscale',
        'changed', v_answer.changed));
END
$$;
