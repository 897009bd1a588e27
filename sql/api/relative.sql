-- Relatives: other patients kept under an account holder's account.

CREATE OR REPLACE FUNCTION dossier.relative_add(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    RETURN answer('created', json_build_object('patient', patient_json(v_dossier)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.relative_remove(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
