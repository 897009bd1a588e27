-- What the desks' systems say of visits, and the pick-up slip of one.

-- Says whether it is new ("created"), what the desk's call `changed`, and which `messages` wait to leave because of it.
CREATE OR REPLACE FUNCTION dossier.acceptance_put(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    IF (p ->> 'dry_run')::boolean THEN
        RETURN dry_run('acceptance', p);
    END IF;
    RETURN acceptance_apply(p);
END
$$;

-- The slip was lost: the old code dies.
CREATE OR REPLACE FUNCTION dossier.acceptance_new_code(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_acceptance acceptance;
    v_refusal text;
    v_expires timestamptz;
BEGIN
    PERFORM lock_name(format('acceptance:%s:%s', v_integrator, p ->> 'external_id'));
    SELECT * INTO v_acceptance FROM acceptance
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id' FOR NO KEY UPDATE;
    v_refusal := integrator_refusal(p, 'not_found', v_acceptance.facility_id);
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('integrator', v_integrator, 'activation_code_renewed', v_refusal,
            p ->> 'address', object => v_acceptance.id);
        RETURN outcome(v_refusal);
    END IF;
    -- the same call once more after its answer was lost
    SELECT expires_at INTO v_expires FROM activation_code_live(v_acceptance.id)
    WHERE key_id = p -> 'activation' ->> 'key_id' AND mac = p -> 'activation' ->> 'mac';
    IF NOT FOUND THEN
        v_expires := activation_code_issue(v_acceptance, p -> 'activation');
        PERFORM audit_write('integrator', v_integrator, 'activation_code_renewed', 'ok', p ->> 'address',
            patient => v_acceptance.patient_id, object => v_acceptance.id,
            facility => v_acceptance.facility_id);
    END IF;
    RETURN answer('created', jsonb_build_object('external_id', v_acceptance.external_id,
        'activation_code_expires_at', rfc3339(v_expires)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.acceptance_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_acceptance acceptance;
    v_refusal text;
    v_code activation_code;
    v_codice_fiscale text;
BEGIN
    SELECT * INTO v_acceptance FROM acceptance
    WHERE integrator_id = (p ->> 'integrator_id')::uuid AND external_id = p ->> 'external_id';
    v_refusal := integrator_refusal(p, 'not_found', v_acceptance.facility_id);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    SELECT codice_fiscale INTO v_codice_fiscale FROM patient WHERE id = v_acceptance.patient_id;
    SELECT * INTO v_code FROM activation_code
    WHERE acceptance_id = v_acceptance.id AND revoked_at IS NULL ORDER BY created_at DESC LIMIT 1;
    RETURN answer('ok', jsonb_build_object('external_id', v_acceptance.external_id,
        'facility', v_acceptance.facility_id, 'codice_fiscale', v_codice_fiscale,
        'mobile', v_acceptance.mobile, 'email', v_acceptance.email,
        'patient', jsonb_build_object('codice_fiscale', v_codice_fiscale,
            'first_name', v_acceptance.first_name, 'last_name', v_acceptance.last_name,
            'birth_date', v_acceptance.birth_date, 'birth_place', v_acceptance.birth_place,
            'sex', v_acceptance.sex),
        'activation', jsonb_build_object('state', CASE WHEN v_code.id IS NULL THEN 'none'
                WHEN v_code.used_at IS NOT NULL THEN 'used'
                WHEN now() < v_code.expires_at THEN 'open' ELSE 'expired' END,
            'expires_at', rfc3339(v_code.expires_at))));
END
$$;

-- The pick-up slip of an acceptance: what stands on it. Each printing is noted, since whoever printed it
-- has seen the code.
CREATE OR REPLACE FUNCTION dossier.acceptance_slip(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    RETURN (SELECT answer('ok', jsonb_build_object('facility', f.id, 'facility_name', f.name,
            'first_name', v_acceptance.first_name, 'last_name', v_acceptance.last_name,
            'mobile', v_acceptance.mobile, 'mac', v_code.mac, 'sealed', v_code.sealed,
            'expires_on', to_char(v_code.expires_at AT TIME ZONE 'Europe/Rome', 'YYYY-MM-DD'),
            'expires_time', to_char(v_code.expires_at AT TIME ZONE 'Europe/Rome', 'HH24:MI')))
        FROM facility f WHERE f.id = v_acceptance.facility_id);
END
$$;
