-- Activating a dossier with the code of a pick-up slip.

CREATE OR REPLACE FUNCTION dossier.activation_begin(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_outcome text := 'ok';
    v_wait int := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM dossiers_kept() WHERE account_id = v_account AND patient_id = v_patient) THEN
        v_outcome := 'not_found';
    ELSE
        v_wait := throttle_wait(throttle_lock('activation_wrong', v_account::text, '1 hour'),
            limit_of('activation_wrong_per_hour'), '1 hour');
        IF v_wait > 0 THEN
            v_outcome := 'throttled';
        END IF;
    END IF;
    IF v_outcome <> 'ok' THEN
        PERFORM audit_write('account', v_account, 'dossier_activated', v_outcome, p ->> 'address',
            patient => v_patient);
        RETURN CASE v_outcome WHEN 'throttled' THEN throttled(v_wait, limit_of('activation_wrong_per_hour'))
            ELSE outcome(v_outcome) END;
    END IF;
    PERFORM throttle_hit('activation_wrong', v_account::text);
    -- a slip may be of a time when the patient was known by another one, whichever of them is typed
    RETURN answer('ok', jsonb_build_object('codici_fiscali', (SELECT coalesce(jsonb_agg(c), '[]') FROM (
        SELECT t.codice_fiscale AS c FROM patient t JOIN former_codice_fiscale f ON f.patient_id = t.id
            WHERE t.id = v_patient
        UNION SELECT f.codice_fiscale FROM former_codice_fiscale f WHERE f.patient_id = v_patient) b)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.activation_complete(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient patient;
    v_dossier dossier;
    v_code activation_code;
    v_refusal answer := consent_refusal(p -> 'consent', 'dossier');
    v_judged text;
BEGIN
    PERFORM lock_name('patient:' || (p ->> 'patient_id')); -- it may end what other accounts have of the patient
    SELECT d.* INTO v_dossier FROM dossier d JOIN dossiers_kept() k USING (id)
    WHERE d.account_id = v_account AND d.patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE OF d;
    IF v_dossier.id IS NULL THEN
        v_judged := 'not_found';
    ELSIF v_refusal.outcome IS NOT NULL THEN
        v_judged := v_refusal.outcome;
        PERFORM throttle_forgive('activation_wrong', v_account::text); -- no code was looked at
    ELSE
        SELECT * INTO v_patient FROM patient WHERE id = v_dossier.patient_id;
        IF v_patient.codice_fiscale = codice_fiscale_now(p ->> 'codice_fiscale') THEN
            v_code := activation_code_lock(v_patient.id, coalesce(p -> 'other_macs', '[]') || (p -> 'macs'));
            v_refusal := CASE WHEN v_code.id IS NULL THEN activation_unread(v_patient.id, p -> 'macs') END;
        END IF;
        v_judged := coalesce(v_refusal.outcome,
            activation_judge(v_code, v_dossier, independent_since(v_patient)));
        IF v_judged = 'unavailable' THEN
            PERFORM throttle_forgive('activation_wrong', v_account::text);
        END IF;
    END IF;
    IF v_judged NOT IN ('ok', 'again') THEN
        PERFORM audit_write('account', v_account, 'dossier_activated', v_judged, p ->> 'address',
            patient => v_dossier.patient_id);
        RETURN CASE WHEN v_refusal.outcome IS NOT NULL THEN v_refusal ELSE outcome(v_judged) END;
    END IF;
    IF v_judged = 'ok' THEN
        v_dossier := activation_apply(p, v_dossier, v_code);
    END IF;
    PERFORM throttle_forgive('activation_wrong', v_account::text);
    RETURN answer('ok', json_build_object('patient', patient_json(v_dossier)));
END
$$;
