-- Relatives: other patients kept under an account holder's account.

-- Since when a patient decides alone who else sees the dossier: since an own account's activation, whatever
-- has become of that account, or the 18th birthday. What the desk registered or handed out before opens no relative's dossier.
CREATE OR REPLACE FUNCTION dossier_data.independent_since(p_patient dossier_data.patient)
RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce(greatest(p_patient.independent_at,
        (SELECT a.day::timestamp AT TIME ZONE 'Europe/Rome'
         FROM (SELECT dossier_data.adult_on(dossier_data.birth_of(p_patient)) AS day) a
         WHERE a.day <= dossier_data.today())), '-infinity')
$$;

-- Null: this account may keep this patient. No acceptance, an old one and an unknown patient are
-- one refusal.
CREATE OR REPLACE FUNCTION dossier_data.relative_refusal(
    p_account dossier_data.account, p_patient dossier_data.patient, p_birth date, p_role text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM dossier_data.dossier
                WHERE account_id = p_account.id AND patient_id = p_patient.id) THEN 'relative_exists'
        WHEN NOT EXISTS (SELECT FROM dossier_data.acceptance
                WHERE patient_id = p_patient.id AND mobile = p_account.mobile
                  AND created_at > dossier_data.independent_since(p_patient)) THEN 'relative_not_at_desk'
        WHEN p_role = CASE WHEN dossier_data.is_minor(p_birth) THEN 'delegate' ELSE 'parent' END
            THEN 'role_age' END
$$;

CREATE OR REPLACE FUNCTION dossier.relative_add(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_relative jsonb := p -> 'relative';
    v_account account;
    v_patient patient;
    v_birth date;
    v_refusal text;
    v_dossier dossier;
BEGIN
    SELECT * INTO v_patient FROM patient
    WHERE codice_fiscale = codice_fiscale_now(v_relative ->> 'codice_fiscale');
    -- the same work for a patient nobody knows
    PERFORM lock_name('patient:' || coalesce(v_patient.id, (p ->> 'account_id')::uuid));
    SELECT * INTO v_patient FROM patient WHERE id = v_patient.id; -- who may have opened the own dossier meanwhile
    SELECT * INTO v_account FROM account WHERE id = (p ->> 'account_id')::uuid FOR NO KEY UPDATE;
    v_birth := coalesce(v_patient.birth_date, (v_relative ->> 'birth_date')::date);
    v_refusal := relative_refusal(v_account, v_patient, v_birth, v_relative ->> 'role');
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account.id, 'relative_added', v_refusal, p ->> 'address',
            patient => CASE WHEN v_refusal <> 'relative_not_at_desk' THEN v_patient.id END);
        RETURN outcome(v_refusal);
    END IF;
    UPDATE patient SET birth_date = v_birth, birth_place = coalesce(birth_place, v_relative ->> 'birth_place')
    WHERE id = v_patient.id AND (birth_date IS NULL OR birth_place IS NULL);
    INSERT INTO dossier (account_id, patient_id, relation, role)
    VALUES (v_account.id, v_patient.id, 'relative', v_relative ->> 'role')
    RETURNING * INTO v_dossier;
    PERFORM audit_write('account', v_account.id, 'relative_added', 'ok', p ->> 'address',
        patient => v_patient.id);
    RETURN jsonb_build_object('outcome', 'created', 'patient', patient_json(v_dossier));
END
$$;

CREATE OR REPLACE FUNCTION dossier.relative_remove(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_outcome text := 'ok';
BEGIN
    DELETE FROM dossier
    WHERE account_id = v_account AND patient_id = v_patient AND relation = 'relative';
    IF FOUND THEN
        PERFORM alerts_drop(v_account);
    ELSE
        v_outcome := CASE WHEN EXISTS (SELECT FROM dossier
                WHERE account_id = v_account AND patient_id = v_patient)
            THEN 'patient_is_holder' ELSE 'not_found' END;
    END IF;
    PERFORM audit_write('account', v_account, 'relative_removed', v_outcome, p ->> 'address',
        patient => v_patient);
    RETURN outcome(v_outcome);
END
$$;

-- Who activates the own dossier has it alone: whoever kept it as a relative's loses it and is told, not where it was
-- opened.
DROP FUNCTION IF EXISTS dossier_data.relatives_take_over(dossier_data.dossier, text, text);
CREATE OR REPLACE FUNCTION dossier_data.relatives_take_over(p_own dossier_data.dossier, p_facility text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_holder uuid;
BEGIN
    FOR v_holder IN
        WITH lost AS (DELETE FROM dossier_data.dossier
            WHERE patient_id = p_own.patient_id AND relation = 'relative' RETURNING account_id)
        SELECT account_id FROM lost ORDER BY account_id
    LOOP
        PERFORM dossier_data.audit_write('account', p_own.account_id, 'relative_taken_over', 'ok', NULL,
            account => v_holder, patient => p_own.patient_id);
        PERFORM dossier_data.alerts_drop(v_holder);
        PERFORM dossier_data.message_queue(v_holder, 'relative_taken_over', 'told', p_facility);
    END LOOP;
END
$$;

-- The account holders of minors who turn 18 soon, each told once. How many.
CREATE OR REPLACE FUNCTION dossier_data.handovers_announce(p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_until date := dossier_data.today() + dossier_data.limit_of('handover_notice_days');
    v_dossier dossier_data.dossier;
    v_count int := 0;
BEGIN
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier d
        WHERE d.of_minor AND d.handover_told_at IS NULL
          AND d.adult_on > dossier_data.today() AND d.adult_on <= v_until
        ORDER BY d.account_id, d.id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        UPDATE dossier_data.dossier SET handover_told_at = now() WHERE id = v_dossier.id;
        PERFORM dossier_data.audit_write('system', NULL, 'handover_announced', 'ok', NULL,
            account => v_dossier.account_id, patient => v_dossier.patient_id);
        PERFORM dossier_data.message_queue(v_dossier.account_id, 'minor_handover_soon', 'told');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- Ends what the account holders had of minors who have turned 18. How many.
CREATE OR REPLACE FUNCTION dossier_data.handovers_end(p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_dossier dossier_data.dossier;
    v_count int := 0;
BEGIN
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier d WHERE d.of_minor AND d.adult_on <= dossier_data.today()
        ORDER BY d.account_id, d.id LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        DELETE FROM dossier_data.dossier WHERE id = v_dossier.id;
        PERFORM dossier_data.audit_write('system', NULL, 'handover', 'ok', NULL,
            account => v_dossier.account_id, patient => v_dossier.patient_id);
        PERFORM dossier_data.alerts_drop(v_dossier.account_id);
        PERFORM dossier_data.message_queue(v_dossier.account_id, 'minor_handover', 'told');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- What DossierMinorHandover says, and then what is due.
CREATE OR REPLACE FUNCTION dossier.handover(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_enabled boolean := (p ->> 'enabled')::boolean;
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_most int := 0;
BEGIN
    UPDATE setting SET enabled = v_enabled WHERE name = 'minor_handover' AND enabled <> v_enabled;
    IF v_enabled THEN
        v_most := greatest(handovers_end(v_limit), handovers_announce(v_limit));
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'more', v_most >= v_limit);
END
$$;
