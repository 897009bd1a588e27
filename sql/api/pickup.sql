-- The visits of a patient, and whether their reports may be online: the patient may say no to one exam.

CREATE OR REPLACE FUNCTION dossier.pickup_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal text := dossier_refusal(v_account, v_patient);
    v_dossier dossier;
BEGIN
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'acceptances_listed', v_refusal, p ->> 'address',
            patient => v_patient);
        RETURN outcome(v_refusal);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE account_id = v_account AND patient_id = v_patient;
    RETURN answer('ok', jsonb_build_object('acceptances', (
        SELECT coalesce(jsonb_agg(acceptance_json(a) ORDER BY a.created_at DESC, a.id DESC), '[]')
        FROM acceptance a WHERE a.patient_id = v_patient AND acceptance_shown(a, v_dossier))));
END
$$;

-- What was published for that visit goes out of sight with it, and comes back within its days.
CREATE OR REPLACE FUNCTION dossier.pickup_set(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_online boolean := (p ->> 'online_pickup')::boolean;
    v_refusal text := dossier_refusal(v_account, v_patient);
    v_acceptance acceptance;
    v_by_patient boolean;
    v_declined uuid[];
BEGIN
    IF v_refusal IS NULL THEN
        SELECT a.* INTO v_acceptance FROM acceptance a
        JOIN dossier s ON s.account_id = v_account AND s.patient_id = v_patient
        WHERE a.id = (p ->> 'acceptance_id')::uuid AND acceptance_shown(a, s) FOR NO KEY UPDATE OF a;
        v_refusal := CASE WHEN NOT FOUND THEN 'not_found' END;
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'online_pickup_set', v_refusal, p ->> 'address',
            patient => v_patient, object => (p ->> 'acceptance_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    v_by_patient := NOT v_online AND EXISTS (SELECT FROM account WHERE id = v_account AND patient_id = v_patient);
    IF (v_acceptance.online_pickup, v_acceptance.declined_by_patient) <> (v_online, v_by_patient) THEN
        v_declined := documents_declined(v_patient);
        UPDATE acceptance SET online_pickup = v_online, declined_by_patient = v_by_patient WHERE id = v_acceptance.id
        RETURNING * INTO v_acceptance;
        PERFORM alerts_unneeded(v_patient);
        PERFORM pickup_resume(v_declined);
        PERFORM audit_write('account', v_account, 'online_pickup_set', 'ok', p ->> 'address',
            patient => v_patient, object => v_acceptance.id, facility => v_acceptance.facility_id,
            detail => CASE WHEN v_online THEN 'on' ELSE 'off' END);
    END IF;
    RETURN answer('ok', jsonb_build_object('acceptance', acceptance_json(v_acceptance)));
END
$$;
