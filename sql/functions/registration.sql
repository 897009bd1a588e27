-- The facility of the latest acceptance that holds this person with this number; null: there is
-- none, or codes may not go to such numbers.
CREATE OR REPLACE FUNCTION dossier_data.registration_match(p_codice_fiscale text, p_mobile text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT a.facility_id FROM dossier_data.acceptance a
    JOIN dossier_data.patient t ON t.id = a.patient_id
    WHERE t.codice_fiscale = p_codice_fiscale AND a.mobile = p_mobile
      AND dossier_data.sms_allowed(p_mobile)
    ORDER BY a.updated_at DESC, a.id LIMIT 1
$$;

-- A new code of a registration; the ones before are void, and what of them has not left stays here.
-- True when it was queued: only an acceptance's number gets one. The work is the same without: a
-- message to nobody is written and taken away again, so that time tells no more than the answer.
CREATE OR REPLACE FUNCTION dossier_data.registration_code_issue(
    p_registration dossier_data.registration, p_code jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_expires timestamptz := now() + dossier_data.minutes(dossier_data.limit_of('code_minutes'));
    v_facility text := dossier_data.registration_match(
        p_registration.codice_fiscale, p_registration.mobile);
    v_message uuid := gen_random_uuid();
BEGIN
    UPDATE dossier_data.verification_code SET voided_at = now()
    WHERE registration_id = p_registration.id AND voided_at IS NULL AND used_at IS NULL;
    UPDATE dossier_data.outbox SET state = 'cancelled', sealed = NULL, ended_at = now()
    WHERE registration_id = p_registration.id AND template = 'verification_code' AND state = 'queued';
    INSERT INTO dossier_data.verification_code (id, registration_id, key_id, mac, deliverable, expires_at)
    VALUES ((p_code ->> 'id')::uuid, p_registration.id, p_code ->> 'key_id', p_code ->> 'mac',
            v_facility IS NOT NULL, v_expires);
    INSERT INTO dossier_data.outbox (id, channel, recipient, template, language, priority,
        registration_id, facility_id, code_id, sealed, due_at, not_before, give_up_at)
    VALUES (v_message, 'sms', p_registration.mobile, 'verification_code', p_registration.language, 0,
        p_registration.id, v_facility, (p_code ->> 'id')::uuid, p_code ->> 'sealed', now(), now(), v_expires);
    DELETE FROM dossier_data.outbox WHERE id = v_message AND v_facility IS NULL;
    RETURN v_facility IS NOT NULL;
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_profile jsonb := p -> 'profile';
    v_number text := digest(v_profile ->> 'mobile');
    v_refusal jsonb := consent_refusal(p -> 'consent', 'portal');
    v_registration registration;
    v_sends timestamptz[];
    v_wait int;
BEGIN
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    v_sends := throttle_lock('code_send', v_number, '24 hours');
    v_wait := code_send_wait(v_sends);
    IF v_wait = 0 THEN
        v_wait := code_address_wait(p ->> 'address');
    END IF;
    IF v_wait > 0 THEN
        PERFORM audit_write('anyone', NULL, 'registration_started', 'throttled', p ->> 'address');
        RETURN throttled(v_wait);
    END IF;
    v_sends := v_sends || throttle_hit('code_send', v_number);
    INSERT INTO registration (codice_fiscale, first_name, last_name, birth_date, birth_place, mobile,
        email, language, notice_version, password_hash, address, expires_at)
    VALUES (v_profile ->> 'codice_fiscale', v_profile ->> 'first_name', v_profile ->> 'last_name',
        (v_profile ->> 'birth_date')::date, v_profile ->> 'birth_place', v_profile ->> 'mobile',
        lower(v_profile ->> 'email'),
        CASE v_profile ->> 'language' WHEN 'en' THEN 'en' ELSE 'it' END,
        p -> 'consent' ->> 'version', p ->> 'password_hash', p ->> 'address',
        now() + make_interval(hours => limit_of('registration_hours')))
    RETURNING * INTO v_registration;
    PERFORM registration_code_issue(v_registration, p -> 'code');
    PERFORM audit_write('anyone', NULL, 'registration_started', 'ok', p ->> 'address',
        object => v_registration.id);
    RETURN jsonb_build_object('outcome', 'ok', 'id', v_registration.id,
        'expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', code_send_wait(v_sends));
END
$$;

CREATE OR REPLACE FUNCTION dossier.registration_resend(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_registration registration;
    v_refusal jsonb;
    v_number text;
    v_sends timestamptz[];
    v_wait int;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    v_number := digest(v_registration.mobile);
    IF v_registration.closed_at IS NOT NULL OR now() >= v_registration.expires_at THEN
        v_refusal := outcome('registration_closed');
    ELSE
        v_sends := throttle_lock('code_send', v_number, '24 hours');
        v_wait := code_send_wait(v_sends);
        IF v_wait = 0 THEN
            v_wait := code_address_wait(p ->> 'address');
        END IF;
        IF v_wait > 0 THEN
            v_refusal := throttled(v_wait);
        END IF;
    END IF;
    PERFORM audit_write('anyone', NULL, 'registration_code_renewed',
        coalesce(v_refusal ->> 'outcome', 'ok'), p ->> 'address', object => v_registration.id);
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    v_sends := v_sends || throttle_hit('code_send', v_number);
    PERFORM registration_code_issue(v_registration, p -> 'code');
    RETURN jsonb_build_object('outcome', 'ok',
        'expires_at', rfc3339(now() + minutes(limit_of('code_minutes'))),
        'resend_after', code_send_wait(v_sends));
END
$$;

-- The code a registration waits for: the newest, whatever became of it.
CREATE OR REPLACE FUNCTION dossier_data.registration_code_lock(p_registration uuid)
RETURNS dossier_data.verification_code
LANGUAGE sql VOLATILE AS $$
    SELECT * FROM dossier_data.verification_code
    WHERE registration_id = p_registration AND voided_at IS NULL FOR NO KEY UPDATE
$$;

CREATE OR REPLACE FUNCTION dossier.registration_try(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_registration registration;
    v_code verification_code;
    v_number text;
    v_wrong timestamptz[];
    v_wait int;
    v_refusal jsonb;
BEGIN
    SELECT * INTO v_registration FROM registration WHERE id = (p ->> 'id')::uuid FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    v_number := digest(v_registration.mobile);
    v_code := registration_code_lock(v_registration.id);
    v_wrong := throttle_lock('code_wrong', v_number, '24 hours');
    v_wait := throttle_wait(v_wrong, limit_of('code_wrong_per_day'), '24 hours');
    IF v_registration.closed_at IS NOT NULL OR v_code.used_at IS NOT NULL THEN
        v_refusal := outcome('code_used');
    ELSIF v_code.id IS NULL OR now() >= v_code.expires_at OR now() >= v_registration.expires_at THEN
        v_refusal := outcome('code_expired');
    ELSIF v_code.tries >= limit_of('code_tries') THEN
        v_refusal := outcome('code_locked') || jsonb_build_object('retry_after',
            greatest(1, code_send_wait(throttle_lock('code_send', v_number, '24 hours'))),
            'limit', limit_of('code_tries'));
    ELSIF v_wait > 0 THEN
        v_refusal := throttled(v_wait, limit_of('code_wrong_per_day'));
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('anyone', NULL, 'registration_tried', v_refusal ->> 'outcome',
            p ->> 'address', object => v_registration.id);
        RETURN v_refusal;
    END IF;
    PERFORM throttle_hit('code_wrong', v_number);
    UPDATE verification_code SET tries = tries + 1 WHERE id = v_code.id;
    RETURN jsonb_build_object('outcome', 'ok', 'code_id', v_code.id, 'key_id', v_code.key_id);
END
$$;

-- Null: the code is right, and used from now on. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_data.registration_code_refusal(
    p_registration dossier_data.registration, p_code uuid, p_mac text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_code dossier_data.verification_code;
BEGIN
    SELECT * INTO v_code FROM dossier_data.verification_code
    WHERE id = p_code AND registration_id = p_registration.id FOR NO KEY UPDATE;
    IF p_registration.closed_at IS NOT NULL OR v_code.used_at IS NOT NULL THEN
        RETURN dossier_data.outcome('code_used');
    ELSIF v_code.id IS NULL OR v_code.voided_at IS NOT NULL OR now() >= v_code.expires_at
            OR now() >= p_registration.expires_at OR v_code.compared >= v_code.tries THEN
        RETURN dossier_data.outcome('code_expired'); -- compared >= tries: no try was counted for it
    END IF;
    -- Nothing was sent to a number that no acceptance held then, or holds no longer: no digits are right.
    IF v_code.mac = p_mac AND v_code.deliverable AND dossier_data.registration_match(
            p_registration.codice_fiscale, p_registration.mobile) IS NOT NULL THEN
        UPDATE dossier_data.verification_code SET used_at = now(), compared = compared + 1 WHERE id = p_code;
        PERFORM dossier_data.throttle_forgive('code_wrong', dossier_data.digest(p_registration.mobile));
        RETURN NULL;
    END IF;
    UPDATE dossier_data.verification_code SET compared = compared + 1 WHERE id = p_code;
    RETURN jsonb_build_object('outcome', 'code_wrong',
        'tries_left', greatest(0, dossier_data.limit_of('code_tries') - v_code.tries));
END
$$;

-- The account of a proved registration, or (null) which of its three keys another one has.
CREATE OR REPLACE FUNCTION dossier_data.account_create(
    OUT account_id uuid, OUT taken text, p_registration dossier_data.registration, p_patient uuid)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    LOOP
        INSERT INTO dossier_data.account (mobile, patient_id, email, first_name, last_name,
            birth_date, birth_place, password_hash, language)
        VALUES (p_registration.mobile, p_patient, p_registration.email, p_registration.first_name,
            p_registration.last_name, p_registration.birth_date, p_registration.birth_place,
            p_registration.password_hash, p_registration.language)
        ON CONFLICT DO NOTHING RETURNING id INTO account_id;
        SELECT CASE WHEN a.mobile = p_registration.mobile THEN 'mobile_taken'
                    WHEN a.patient_id = p_patient THEN 'patient_taken' ELSE 'email_taken' END
        INTO taken FROM dossier_data.account a
        WHERE account_id IS NULL AND (a.mobile = p_registration.mobile OR a.patient_id = p_patient
            OR a.email = p_registration.email)
        ORDER BY a.mobile = p_registration.mobile DESC, a.patient_id = p_patient DESC LIMIT 1;
        -- neither: the other account was deleted between the two statements
        EXIT WHEN account_id IS NOT NULL OR taken IS NOT NULL;
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
    v_refusal := registration_code_refusal(v_registration, (p ->> 'code_id')::uuid, p ->> 'mac');
    IF v_refusal IS NULL THEN
        SELECT * INTO STRICT v_patient FROM patient WHERE codice_fiscale = v_registration.codice_fiscale;
        IF is_minor(coalesce(birth_of(v_patient), v_registration.birth_date)) THEN
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
        PERFORM audit_write('anyone', NULL, 'registration_completed', v_refusal ->> 'outcome',
            p ->> 'address', object => v_registration.id);
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
