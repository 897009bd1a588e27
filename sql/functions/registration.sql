-- The facility of the latest acceptance that holds this person with this number; null: there is
-- none, or codes may not go to such numbers.
CREATE OR REPLACE FUNCTION dossier_data.registration_match(p_codice_fiscale text, p_mobile text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT a.facility_id FROM dossier_data.acceptance a
    JOIN dossier_data.patient t ON t.id = a.patient_id
    WHERE t.codice_fiscale = dossier_data.codice_fiscale_now(p_codice_fiscale) AND a.mobile = p_mobile
      AND dossier_data.sms_allowed(p_mobile)
    ORDER BY a.updated_at DESC, a.id LIMIT 1
$$;

-- A registration as the code machinery sees it.
CREATE OR REPLACE FUNCTION dossier_data.registration_flow(p_registration dossier_data.registration)
RETURNS dossier_data.code_flow
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_facility text := dossier_data.registration_match(
        p_registration.codice_fiscale, p_registration.mobile);
BEGIN
    RETURN (p_registration.id, 'registration', 'sms', p_registration.mobile, p_registration.language,
        NULL, v_facility, v_facility IS NOT NULL, p_registration.subject, p_registration.closed_at,
        p_registration.expires_at, p_registration.asked_by)::dossier_data.code_flow;
END
$$;

-- Anyone may register anybody: a line of the audit is about a registration that a code may be sent for.
CREATE OR REPLACE FUNCTION dossier_data.registration_audit(
    p_registration dossier_data.registration, p_action text, p_outcome text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_data.audit_write('anyone', NULL, p_action, p_outcome, p_address,
        object => CASE WHEN (dossier_data.registration_flow(p_registration)).deliverable THEN p_registration.id END);
END
$$;

-- A new code of a registration. True when it was queued: only an acceptance's number gets one.
CREATE OR REPLACE FUNCTION dossier_data.registration_code_issue(
    p_registration dossier_data.registration, p_code jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN dossier_data.code_issue(dossier_data.registration_flow(p_registration), p_code);
END
$$;

-- Whose codes a registration's are. Both of the pair: who knows a patient's number, or codice fiscale, uses
-- up nothing of the patient's. With a slip: its holder's alone.
CREATE OR REPLACE FUNCTION dossier_data.registration_subject(
    p_codice_fiscale text, p_mobile text, p_slip uuid DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_data.digest(concat_ws(':', 'registration', p_codice_fiscale, p_mobile, p_slip))
$$;

-- Whether it may be started now, and for whom; counts its code (p_count false: only looks). macs: of the
-- slip's activation code, if one was given (activation.sql).
CREATE OR REPLACE FUNCTION dossier_data.registration_admit(
    OUT refusal jsonb, OUT subject text, OUT asked_by text, OUT resend_after int, p jsonb, p_count boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_profile jsonb := p -> 'profile';
    v_slip uuid := dossier_data.slip_shown(v_profile ->> 'codice_fiscale', p -> 'macs');
    v_send record;
BEGIN
    subject := dossier_data.registration_subject(v_profile ->> 'codice_fiscale', v_profile ->> 'mobile', v_slip);
    asked_by := CASE WHEN v_slip IS NULL THEN 'pair' ELSE 'proved' END;
    refusal := coalesce(dossier_data.consent_refusal(p -> 'consent', 'portal'),
        CASE WHEN v_slip IS NULL THEN dossier_data.slip_unread(p -> 'macs') END);
    IF refusal IS NULL THEN
        v_send := dossier_data.code_send_count(subject, asked_by, p ->> 'address', p_count);
        resend_after := v_send.resend_after;
        IF v_send.wait > 0 THEN
            PERFORM dossier_data.audit_write('anyone', NULL, 'registration_started', 'throttled', p ->> 'address');
            refusal := dossier_data.throttled(v_send.wait);
        END IF;
    END IF;
END
$$;

-- Before the work of hashing a password is done for it. proved: by a slip.
CREATE OR REPLACE FUNCTION dossier.registration_look(p jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT coalesce(refusal, jsonb_build_object('outcome', 'ok', 'proved', asked_by = 'proved'))
    FROM registration_admit(p, false)
$$;

CREATE OR REPLACE FUNCTION dossier.registration_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_profile jsonb := p -> 'profile';
    v_admitted record := registration_admit(p, true);
    v_registration registration;
BEGIN
    IF v_admitted.refusal IS NOT NULL THEN
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
    RETURN jsonb_build_object('outcome', 'ok', 'id', v_registration.id,
        'expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', v_admitted.resend_after);
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_resend(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_registration registration;
    v_refusal jsonb;
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
        coalesce(v_refusal ->> 'outcome', 'ok'), p ->> 'address');
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM registration_code_issue(v_registration, p -> 'code');
    RETURN jsonb_build_object('outcome', 'ok',
        'expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', v_send.resend_after);
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_try(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_registration registration;
    v_answer jsonb;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    v_answer := code_try(registration_flow(v_registration), p -> 'keys');
    IF v_answer ->> 'outcome' <> 'ok' THEN
        PERFORM registration_audit(v_registration, 'registration_tried', v_answer ->> 'outcome', p ->> 'address');
    END IF;
    RETURN v_answer;
END
$$;

-- The account of a proved registration, or (null) which of its two keys another one has: the person first,
-- for whoever registers again has to be told so, and not to add oneself to one's own account. An e-mail that
-- another account has is left out: it was only written down, and its owner proves it in the profile.
CREATE OR REPLACE FUNCTION dossier_data.account_create(
    OUT account_id uuid, OUT taken text, p_registration dossier_data.registration, p_patient uuid)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_email text := p_registration.email;
BEGIN
    LOOP
        INSERT INTO dossier_data.account (mobile, patient_id, email, first_name, last_name,
            birth_date, birth_place, password_hash, language)
        VALUES (p_registration.mobile, p_patient, v_email, p_registration.first_name,
            p_registration.last_name, p_registration.birth_date, p_registration.birth_place,
            p_registration.password_hash, p_registration.language)
        ON CONFLICT DO NOTHING RETURNING id INTO account_id;
        SELECT CASE WHEN a.patient_id = p_patient THEN 'patient_taken' ELSE 'mobile_taken' END
        INTO taken FROM dossier_data.account a
        WHERE account_id IS NULL AND (a.mobile = p_registration.mobile OR a.patient_id = p_patient)
        ORDER BY a.patient_id = p_patient DESC LIMIT 1;
        EXIT WHEN account_id IS NOT NULL OR taken IS NOT NULL;
        -- nobody has it: the other account was deleted between the two statements
        v_email := CASE WHEN NOT EXISTS (SELECT FROM dossier_data.account WHERE email = v_email) THEN v_email END;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_complete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_registration registration;
    v_refusal jsonb;
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
    IF v_refusal IS NULL THEN
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
    IF v_refusal IS NOT NULL THEN
        PERFORM registration_audit(v_registration, 'registration_completed', v_refusal ->> 'outcome', p ->> 'address');
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
    RETURN jsonb_build_object('outcome', 'created', 'account', session_account(v_account, now()),
        'session_id', v_session);
END
$$;
