-- The patients of an account, and the service of their dossiers.

CREATE OR REPLACE FUNCTION dossier.patient_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'patients', coalesce(
            jsonb_agg(patient_json(d) ORDER BY d.relation = 'self' DESC, d.created_at, d.id), '[]'))
        FROM dossier d WHERE d.account_id = (p ->> 'account_id')::uuid AND NOT handed_over(d));
END
$$;

-- Enabling shows what is still within its days, and needs a consent to the notice of today.
CREATE OR REPLACE FUNCTION dossier.service_set(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_enabled boolean := (p ->> 'enabled')::boolean;
    v_dossier dossier;
    v_refusal text;
BEGIN
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE;
    v_refusal := service_refusal(v_dossier, p);
    IF v_refusal IS NULL AND v_enabled
            AND NOT consent_stands(v_account, 'dossier', v_dossier.patient_id, now()) THEN
        v_refusal := 'consent_due';
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account,
            CASE WHEN v_enabled THEN 'service_enabled' ELSE 'service_disabled' END, v_refusal,
            p ->> 'address', patient => (p ->> 'patient_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    IF NOT v_enabled THEN
        PERFORM dossiers_disable(v_account, v_dossier.patient_id, p ->> 'address');
    ELSIF v_dossier.state = 'disabled' THEN
        UPDATE dossier SET state = 'active' WHERE id = v_dossier.id;
        PERFORM audit_write('account', v_account, 'service_enabled', 'ok', p ->> 'address',
            patient => v_dossier.patient_id);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE id = v_dossier.id;
    RETURN jsonb_build_object('outcome', 'ok', 'patient', patient_json(v_dossier));
END
$$;
