CREATE OR REPLACE FUNCTION dossier.integrator_load(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_integrator integrator;
BEGIN
    SELECT * INTO v_integrator FROM integrator WHERE key_hash = p ->> 'key_hash';
    IF v_integrator.id IS NULL OR v_integrator.revoked_at IS NOT NULL THEN
        PERFORM audit_write(CASE WHEN v_integrator.id IS NULL THEN 'anyone' ELSE 'integrator' END,
            v_integrator.id, 'integrator_login', 'unauthenticated', p ->> 'address');
        RETURN outcome('unauthenticated');
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'integrator_id', v_integrator.id);
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.integrator_may(p_integrator uuid, p_facility text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.integrator_facility f
                   JOIN dossier_data.integrator i ON i.id = f.integrator_id
                   WHERE f.integrator_id = p_integrator AND f.facility_id = p_facility
                     AND i.revoked_at IS NULL)
$$;
