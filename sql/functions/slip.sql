-- The pick-up slip of an acceptance: what stands on it. Each printing is noted, since whoever printed it
-- has seen the code.
CREATE OR REPLACE FUNCTION dossier.acceptance_slip(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_acceptance acceptance;
    v_code activation_code;
    v_outcome text;
BEGIN
    SELECT * INTO v_acceptance FROM acceptance
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id';
    SELECT * INTO v_code FROM activation_code_live(v_acceptance.id) WHERE sealed IS NOT NULL;
    v_outcome := coalesce(integrator_refusal(p, 'not_found', v_acceptance.facility_id),
        CASE WHEN v_code.id IS NULL THEN 'slip_no_code' ELSE 'ok' END);
    PERFORM audit_write('integrator', v_integrator, 'slip_printed', v_outcome, p ->> 'address',
        patient => v_acceptance.patient_id, object => v_acceptance.id,
        facility => v_acceptance.facility_id);
    IF v_outcome <> 'ok' THEN
        RETURN outcome(v_outcome);
    END IF;
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'facility', f.id, 'facility_name', f.name,
            'first_name', v_acceptance.first_name, 'last_name', v_acceptance.last_name,
            'mobile', v_acceptance.mobile, 'mac', v_code.mac, 'sealed', v_code.sealed,
            'expires_on', to_char(v_code.expires_at AT TIME ZONE 'Europe/Rome', 'YYYY-MM-DD'),
            'expires_time', to_char(v_code.expires_at AT TIME ZONE 'Europe/Rome', 'HH24:MI'))
        FROM facility f WHERE f.id = v_acceptance.facility_id);
END
$$;

-- Wipes the codes that no slip may show any more. True when there may be more.
CREATE OR REPLACE FUNCTION dossier_data.slips_purge(p_limit int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rows bigint;
BEGIN
    UPDATE dossier_data.activation_code SET sealed = NULL WHERE id IN (
        SELECT id FROM dossier_data.activation_code
        WHERE sealed IS NOT NULL AND expires_at <= now()
        ORDER BY expires_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows >= p_limit;
END
$$;
