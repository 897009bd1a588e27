CREATE OR REPLACE FUNCTION dossier.activation_begin(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_outcome text := 'ok';
    v_wait int := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM dossier WHERE account_id = v_account AND patient_id = v_patient) THEN
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
        RETURN CASE v_outcome WHEN 'throttled' THEN throttled(v_wait) ELSE outcome(v_outcome) END;
    END IF;
    PERFORM throttle_hit('activation_wrong', v_account::text);
    RETURN outcome('ok');
END
$$;

-- The code among the MACs of all keys, locked; of this patient only.
CREATE OR REPLACE FUNCTION dossier_data.activation_code_lock(p_patient uuid, p_macs jsonb)
RETURNS dossier_data.activation_code
LANGUAGE sql VOLATILE AS $$
    SELECT c.* FROM dossier_data.activation_code c
    JOIN jsonb_each_text(p_macs) m ON c.key_id = m.key AND c.mac = m.value
    WHERE c.patient_id = p_patient FOR NO KEY UPDATE OF c
$$;

-- Unknown code, wrong pair and somebody else's codice fiscale are one refusal.
CREATE OR REPLACE FUNCTION dossier_data.activation_judge(
    p_code dossier_data.activation_code, p_account uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_code.id IS NULL THEN 'activation_wrong'
        WHEN p_code.used_by = p_account THEN 'again'
        WHEN p_code.used_at IS NOT NULL THEN 'activation_used'
        WHEN p_code.revoked_at IS NOT NULL THEN 'activation_wrong'
        WHEN now() >= p_code.expires_at THEN 'activation_expired' ELSE 'ok' END
$$;

CREATE OR REPLACE FUNCTION dossier.activate(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_dossier dossier;
    v_code activation_code;
    v_refusal jsonb := consent_refusal(p -> 'consent', 'dossier');
    v_judged text;
BEGIN
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE;
    IF v_dossier.id IS NULL THEN
        v_judged := 'not_found';
    ELSIF v_refusal IS NOT NULL THEN
        v_judged := v_refusal ->> 'outcome';
        PERFORM throttle_forgive('activation_wrong', v_account::text); -- no code was looked at
    ELSE
        IF EXISTS (SELECT FROM patient
                   WHERE id = v_dossier.patient_id AND codice_fiscale = p ->> 'codice_fiscale') THEN
            v_code := activation_code_lock(v_dossier.patient_id, p -> 'macs');
        END IF;
        v_judged := activation_judge(v_code, v_account);
    END IF;
    IF v_judged NOT IN ('ok', 'again') THEN
        PERFORM audit_write('account', v_account, 'dossier_activated', v_judged, p ->> 'address',
            patient => v_dossier.patient_id);
        RETURN coalesce(v_refusal, outcome(v_judged));
    END IF;
    PERFORM throttle_forgive('activation_wrong', v_account::text);
    IF v_judged = 'ok' THEN
        UPDATE activation_code SET used_at = now(), used_by = v_account, sealed = NULL WHERE id = v_code.id;
        UPDATE dossier SET state = 'active', activated_at = now() WHERE id = v_dossier.id
        RETURNING * INTO v_dossier;
        INSERT INTO consent (account_id, patient_id, kind, version, address)
        VALUES (v_account, v_dossier.patient_id, 'dossier', p -> 'consent' ->> 'version', p ->> 'address');
        PERFORM audit_write('account', v_account, 'consent_given', 'ok', p ->> 'address',
            patient => v_dossier.patient_id, detail => 'dossier ' || (p -> 'consent' ->> 'version'));
        PERFORM audit_write('account', v_account, 'dossier_activated', 'ok', p ->> 'address',
            patient => v_dossier.patient_id, object => v_code.acceptance_id);
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'patient', patient_json(v_dossier));
END
$$;
