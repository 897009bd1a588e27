-- The visits of a patient, and whether their reports may be online: the patient may say no to one exam.

CREATE OR REPLACE FUNCTION dossier.pickup_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal text;
    v_visits json;
BEGIN
    SELECT json_agg(v.told ORDER BY (v.acceptance).created_at DESC, (v.acceptance).id DESC) INTO v_visits
    FROM dossier_acceptances() v
    WHERE v.account_id = v_account AND v.patient_id = v_patient AND v.refusal IS NULL AND v.shown;
    IF v_visits IS NULL THEN -- of none it is asked why
        v_refusal := dossier_refusal(v_account, v_patient);
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'acceptances_listed', v_refusal, p ->> 'address',
            patient => v_patient);
        RETURN outcome(v_refusal);
    END IF;
    RETURN answer('ok', json_build_object('acceptances', coalesce(v_visits, '[]')));
END
$$;

-- What was published for that visit goes out of sight with it, and comes back within its days.
CREATE OR REPLACE FUNCTION dossier.pickup_set(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_id uuid := (p ->> 'acceptance_id')::uuid;
    v_online boolean := (p ->> 'online_pickup')::boolean;
    v_refusal text := dossier_refusal(v_account, v_patient);
    v_acceptance acceptance;
    v_by_patient boolean;
    v_declined uuid[];
BEGIN
    IF v_refusal IS NULL THEN
        -- held first: whether it is shown is asked of what another has just decided
        PERFORM FROM acceptance WHERE id = v_id AND patient_id = v_patient FOR NO KEY UPDATE;
        SELECT (v.acceptance).* INTO v_acceptance FROM dossier_acceptances() v
        WHERE v.account_id = v_account AND v.patient_id = v_patient AND (v.acceptance).id = v_id AND v.shown;
        v_refusal := CASE WHEN NOT FOUND THEN 'not_found' END;
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'online_pickup_set', v_refusal, p ->> 'address',
            patient => v_patient, object => v_id);
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
    RETURN answer('ok', json_build_object('acceptance', (SELECT v.told FROM dossier_acceptances() v
        WHERE v.account_id = v_account AND (v.acceptance).id = v_id)));
END
$$;
