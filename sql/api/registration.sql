-- Registering: looked at, started, proved by a code.

-- Before the work of hashing a password is done for it. proved: by a slip.
CREATE OR REPLACE FUNCTION dossier.registration_look(p jsonb) RETURNS dossier_data.answer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT CASE WHEN (refusal).outcome IS NOT NULL THEN refusal
        ELSE answer('ok', jsonb_build_object('proved', asked_by = 'proved')) END
    FROM registration_admit(p, false)
$$;

CREATE OR REPLACE FUNCTION dossier.registration_start(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_profile jsonb := p -> 'profile';
    v_admitted record := registration_admit(p, true);
    v_registration registration;
BEGIN
    IF (v_admitted.refusal).outcome IS NOT NULL THEN
        RETURN v_admitted.refusal;
    END IF;
    INSERT INTO registration (codice_fiscale, first_name, last_name, birth_date, birth_place, mobile,
        email, language, notice_version, password_hash, address, subject, asked_by, expires_at)
    VALUES (codice_fiscale_now(v_profile ->> 'codice_fiscale'), v_profile ->> 'first_name', v_profile ->> 'last_name',
        (v_profile ->> 'birth_date')::date, v_profile ->> 'birth_place', v_profile ->> 'mobile',
        lower(v_profile ->> 'email'),
        CASE v_profile ->> 'language' WHEN 'en' THEN 'en' ELSE 'it' END,
        p -> 'consent' ->> 'version', p ->> 'password_hash', p ->> 'address', v_admitted.subject, v_admitted.asked_by,
        now() + make_interval(hours => limit_of('registration_hours')))
    RETURNING * INTO v_registration;
    PERFORM registration_code_issue(v_registration, p -> 'code');
    PERFORM registration_audit(v_registration, 'registration_started', 'ok', p ->> 'address');
    RETURN answer('ok', jsonb_build_object('id', v_registration.id,
        'expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', v_admitted.resend_after));
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_resend(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_registration registration;
    v_refusal answer;
    v_send record;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    IF v_registration.closed_at IS NOT NULL OR now() >= v_registration.expires_at THEN
        v_refusal := outcome('registration_closed');
    ELSE
        v_send := code_send_count(v_registration.subject, v_registration.asked_by, p ->> 'address');
        IF v_send.wait > 0 THEN
            v_refusal := throttled(v_send.wait);
        END IF;
    END IF;
    PERFORM registration_audit(v_registration, 'registration_code_renewed',
        coalesce(v_refusal.outcome, 'ok'), p ->> 'address');
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM registration_code_issue(v_registration, p -> 'code');
    RETURN answer('ok', jsonb_build_object('expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', v_send.resend_after));
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_try(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_registration registration;
    v_answer answer;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    v_answer := code_try(registration_flow(v_registration), p -> 'keys');
    IF v_answer.outcome <> 'ok' THEN
        PERFORM registration_audit(v_registration, 'registration_tried', v_answer.outcome, p ->> 'address');
    END IF;
    RETURN v_answer;
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_complete(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_registration registration;
    v_refusal answer;
    v_patient patient;
    v_account uuid;
    v_obstacle text;
    v_session uuid;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(registration_flow(v_registration), (p ->> 'code_id')::uuid, p ->> 'mac');
    IF v_refusal.outcome IS NULL THEN
        SELECT * INTO STRICT v_patient FROM patient
        WHERE codice_fiscale = codice_fiscale_now(v_registration.codice_fiscale);
        IF is_minor(birth_of(v_patient, v_registration.birth_date)) THEN
            v_obstacle := 'minor_alone';
        ELSE
            SELECT * INTO v_account, v_obstacle FROM account_create(v_registration, v_patient.id);
        END IF;
        UPDATE registration SET closed_at = now(), password_hash = NULL, account_id = v_account
        WHERE id = v_registration.id;
        IF v_obstacle IS NOT NULL THEN
            v_refusal := outcome(v_obstacle);
        END IF;
    END IF;
    IF v_refusal.outcome IS NOT NULL THEN
        PERFORM registration_audit(v_registration, 'registration_completed', v_refusal.outcome, p ->> 'address');
        RETURN v_refusal;
    END IF;
    -- what the desk left open is known now from somebody whose number the desk vouches for
    UPDATE patient SET birth_date = coalesce(birth_date, v_registration.birth_date),
        birth_place = coalesce(birth_place, v_registration.birth_place)
    WHERE id = v_patient.id AND (birth_date IS NULL OR birth_place IS NULL);
    INSERT INTO dossier (account_id, patient_id, relation) VALUES (v_account, v_patient.id, 'self');
    INSERT INTO consent (account_id, patient_id, kind, version, given_at, address)
    VALUES (v_account, v_patient.id, 'portal', v_registration.notice_version,
        v_registration.created_at, v_registration.address);
    PERFORM audit_write('account', v_account, 'consent_given', 'ok', p ->> 'address',
        patient => v_patient.id, detail => 'portal ' || v_registration.notice_version);
    PERFORM audit_write('account', v_account, 'registration_completed', 'ok', p ->> 'address',
        patient => v_patient.id, object => v_registration.id);
    v_session := session_open(v_account, p -> 'session', p ->> 'address');
    RETURN answer('created', json_build_object('account', (SELECT a.told FROM session_account(v_account, now()) a),
        'session_id', v_session));
END
$$;
