-- The facility of the latest acceptance that holds this person with this number; null: there is
-- none, or codes may not go to such numbers.
CREATE OR REPLACE FUNCTION dossier_lib.registration_match(p_codice_fiscale text, p_mobile text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT a.facility_id FROM dossier_data.acceptance a
    JOIN dossier_data.patient t ON t.id = a.patient_id
    WHERE t.codice_fiscale = dossier_lib.codice_fiscale_now(p_codice_fiscale) AND a.mobile = p_mobile
      AND dossier_lib.sms_allowed(p_mobile)
    ORDER BY a.updated_at DESC, a.id LIMIT 1
$$;

-- A registration as the code machinery sees it.
CREATE OR REPLACE FUNCTION dossier_lib.registration_flow(p_registration dossier_data.registration)
RETURNS dossier_data.code_flow
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_facility text := dossier_lib.registration_match(
        p_registration.codice_fiscale, p_registration.mobile);
BEGIN
    RETURN (p_registration.id, 'registration', 'sms', p_registration.mobile, p_registration.language,
        NULL, v_facility, v_facility IS NOT NULL, p_registration.subject, p_registration.closed_at,
        p_registration.expires_at, p_registration.asked_by)::dossier_data.code_flow;
END
$$;

-- Anyone may register anybody: a line of the audit is about a registration that a code may be sent for.
CREATE OR REPLACE FUNCTION dossier_lib.registration_audit(
    p_registration dossier_data.registration, p_action text, p_outcome text, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.audit_write('anyone', NULL, p_action, p_outcome, p_address,
        object => CASE WHEN (dossier_lib.registration_flow(p_registration)).deliverable THEN p_registration.id END);
END
$$;

-- A new code of a registration. True when it was queued: only an acceptance's number gets one.
CREATE OR REPLACE FUNCTION dossier_lib.registration_code_issue(
    p_registration dossier_data.registration, p_code jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN dossier_lib.code_issue(dossier_lib.registration_flow(p_registration), p_code);
END
$$;

-- Whose codes a registration's are. Both of the pair: somebody who knows only a patient's number, or codice fiscale,
-- uses up nothing of the patient's. With a slip: its holder's alone.
CREATE OR REPLACE FUNCTION dossier_lib.registration_subject(
    p_codice_fiscale text, p_mobile text, p_slip uuid DEFAULT NULL) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_lib.digest(concat_ws(':', 'registration', p_codice_fiscale, p_mobile, p_slip))
$$;

-- Whether it may be started now, and for whom; counts its code (p_count false: only looks). macs: of the
-- slip's activation code, if one was given (activation.sql).
CREATE OR REPLACE FUNCTION dossier_lib.registration_admit(
    OUT refusal dossier_data.answer, OUT subject text, OUT asked_by text, OUT resend_after int, p jsonb, p_count boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_profile jsonb := p -> 'profile';
    v_slip uuid := dossier_lib.slip_shown(v_profile ->> 'codice_fiscale', p -> 'macs');
    v_send record;
BEGIN
    subject := dossier_lib.registration_subject(v_profile ->> 'codice_fiscale', v_profile ->> 'mobile', v_slip);
    asked_by := CASE WHEN v_slip IS NULL THEN 'pair' ELSE 'proved' END;
    refusal := dossier_lib.consent_refusal(p -> 'consent', 'portal');
    IF refusal.outcome IS NULL AND v_slip IS NULL THEN
        refusal := dossier_lib.slip_unread(p -> 'macs');
    END IF;
    IF refusal.outcome IS NULL THEN
        v_send := dossier_lib.code_send_count(subject, asked_by, p ->> 'address', p_count);
        resend_after := v_send.resend_after;
        IF v_send.wait > 0 THEN
            PERFORM dossier_lib.audit_write('anyone', NULL, 'registration_started', 'throttled', p ->> 'address');
            refusal := dossier_lib.throttled(v_send.wait);
        END IF;
    END IF;
END
$$;

-- The account of a proved registration, or (null) which of its two keys another one has: the person first,
-- for whoever registers again has to be told so, and not to add oneself to one's own account. An e-mail that
-- another account has is left out: it was only written down, and its owner proves it in the profile.
CREATE OR REPLACE FUNCTION dossier_lib.account_create(
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
