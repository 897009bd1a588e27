-- The code that still opens the dossier, if there is one.
CREATE OR REPLACE FUNCTION dossier_lib.activation_code_live(p_acceptance uuid)
RETURNS SETOF dossier_data.activation_code
LANGUAGE sql STABLE AS $$
    SELECT * FROM dossier_data.activation_code
    WHERE acceptance_id = p_acceptance AND used_at IS NULL AND revoked_at IS NULL
      AND now() < expires_at
$$;

-- Puts a new activation code in the place of the one before. Its time of expiry.
CREATE OR REPLACE FUNCTION dossier_lib.activation_code_issue(
    p_acceptance dossier_data.acceptance, p_activation jsonb) RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_expires timestamptz := now() + dossier_lib.days(dossier_lib.limit_of('activation_code_days'));
BEGIN
    UPDATE dossier_data.activation_code SET revoked_at = now(), sealed = NULL
    WHERE acceptance_id = p_acceptance.id AND used_at IS NULL AND revoked_at IS NULL;
    INSERT INTO dossier_data.activation_code (acceptance_id, patient_id, key_id, mac, sealed, expires_at)
    VALUES (p_acceptance.id, p_acceptance.patient_id, p_activation ->> 'key_id',
            p_activation ->> 'mac', p_activation ->> 'sealed', v_expires);
    -- the person stands at the desk: what others have counted for the pair is over
    DELETE FROM dossier_data.throttle WHERE scope IN ('code_send', 'code_wrong') AND subject = (
        SELECT dossier_lib.registration_subject(codice_fiscale, p_acceptance.mobile)
        FROM dossier_data.patient WHERE id = p_acceptance.patient_id);
    RETURN v_expires;
END
$$;

-- The patient as this acceptance describes it; what it leaves open stays as it was.
CREATE OR REPLACE FUNCTION dossier_lib.patient_put(p_patient jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_id uuid;
BEGIN
    INSERT INTO dossier_data.patient AS t (codice_fiscale, first_name, last_name, birth_date, birth_place, sex)
    VALUES (p_patient ->> 'codice_fiscale', p_patient ->> 'first_name', p_patient ->> 'last_name',
            (p_patient ->> 'birth_date')::date, p_patient ->> 'birth_place', p_patient ->> 'sex')
    ON CONFLICT (codice_fiscale) DO UPDATE
        SET first_name = excluded.first_name, last_name = excluded.last_name,
            birth_date = coalesce(excluded.birth_date, t.birth_date),
            birth_place = coalesce(excluded.birth_place, t.birth_place),
            sex = coalesce(excluded.sex, t.sex), updated_at = now()
    RETURNING id INTO v_id;
    RETURN v_id;
END
$$;

-- The desk put a number right: the newest open registration of that person with the old or the new
-- number, one with a slip before others, goes on with the new one and a new code. The old number is told if
-- a code had left for it, also when that is not certain. What was queued: [{template, to, language, site_url}].
CREATE OR REPLACE FUNCTION dossier_lib.registration_correct(
    p_codice_fiscale text, p_old text, p_new text, p_code jsonb,
    p_integrator uuid, p_facility text, p_address text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_registration dossier_data.registration;
    v_told boolean;
    v_messages jsonb := '[]';
BEGIN
    SELECT * INTO v_registration FROM dossier_data.registration
    WHERE codice_fiscale = p_codice_fiscale AND mobile IN (p_old, p_new)
      AND closed_at IS NULL AND now() < expires_at
    ORDER BY asked_by = 'proved' DESC, created_at DESC, id LIMIT 1 FOR NO KEY UPDATE;
    IF NOT FOUND OR (v_registration.mobile = p_new AND EXISTS (
            SELECT FROM dossier_data.verification_code
            WHERE registration_id = v_registration.id AND deliverable
              AND voided_at IS NULL AND now() < expires_at)) THEN
        RETURN v_messages; -- nobody waits, or the new number has its code already
    END IF;
    v_told := v_registration.mobile = p_old AND EXISTS (
        SELECT FROM dossier_data.outbox
        WHERE registration_id = v_registration.id AND recipient = p_old
          AND template = 'verification_code'
          AND (state = 'sent' OR claimed_at IS NOT NULL OR tries > 0));

    UPDATE dossier_data.registration SET mobile = p_new,
        -- the desk knows who it is
        subject = dossier_lib.registration_subject(p_codice_fiscale, p_new), asked_by = 'proved'
    WHERE id = v_registration.id RETURNING * INTO v_registration;
    PERFORM dossier_lib.throttle_lock('code_send', v_registration.subject, '24 hours');
    PERFORM dossier_lib.throttle_hit('code_send', v_registration.subject);
    IF dossier_lib.registration_code_issue(v_registration, p_code) THEN
        v_messages := v_messages || jsonb_build_object('template', 'verification_code',
            'to', p_new, 'language', v_registration.language,
            'site_url', (SELECT site_url FROM dossier_data.verification_code WHERE id = (p_code ->> 'id')::uuid));
    END IF;
    IF v_told THEN
        INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority,
                                         registration_id, facility_id, due_at, not_before, give_up_at)
        VALUES ('sms', p_old, 'mobile_corrected', v_registration.language, 1, v_registration.id,
                p_facility, now(), now(),
                now() + make_interval(hours => dossier_lib.limit_of('alert_give_up_hours')));
        v_messages := v_messages || jsonb_build_object('template', 'mobile_corrected',
            'to', p_old, 'language', v_registration.language);
    END IF;
    PERFORM dossier_lib.audit_write('integrator', p_integrator, 'mobile_corrected', 'ok', p_address,
        object => v_registration.id, facility => p_facility);
    RETURN v_messages;
END
$$;

-- The facility knows an acceptance by it: another one after each change.
CREATE OR REPLACE FUNCTION dossier_lib.acceptance_tag(a dossier_data.acceptance) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.tag_of(to_jsonb(s)) FROM (SELECT a.facility_id, a.mobile, a.email, a.first_name, a.last_name,
        a.birth_date, a.birth_place, a.sex, a.online_pickup, a.online_pickup_desk, a.changes) s
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_answer(
    p_outcome text, p_acceptance dossier_data.acceptance, p_changed boolean, p_messages jsonb)
RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.answer(p_outcome, jsonb_build_object('external_id', p_acceptance.external_id,
        'facility', p_acceptance.facility_id, 'online_pickup', p_acceptance.online_pickup,
        'created_at', dossier_lib.rfc3339(p_acceptance.created_at),
        'updated_at', dossier_lib.rfc3339(p_acceptance.updated_at), 'changed', p_changed,
        'activation_code_expires_at', (SELECT dossier_lib.rfc3339(expires_at)
            FROM dossier_lib.activation_code_live(p_acceptance.id)),
        'messages', p_messages, 'tag', dossier_lib.acceptance_tag(p_acceptance)))
$$;

-- The creating call, repeated because its answer was lost: it gets that answer again.
CREATE OR REPLACE FUNCTION dossier_lib.acceptance_again(p jsonb, p_old dossier_data.acceptance) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_lib.activation_code_live(p_old.id)
        WHERE key_id = p -> 'activation' ->> 'key_id' AND mac = p -> 'activation' ->> 'mac')
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_create(p jsonb, p_integrator uuid) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_patient jsonb := p -> 'patient';
    v_online boolean := coalesce((p ->> 'online_pickup')::boolean, true);
    v_acceptance dossier_data.acceptance;
BEGIN
    INSERT INTO dossier_data.acceptance (integrator_id, external_id, facility_id, patient_id, mobile,
        email, first_name, last_name, birth_date, birth_place, sex, online_pickup, online_pickup_desk, calls)
    VALUES (p_integrator, p ->> 'external_id', p ->> 'facility',
        dossier_lib.patient_put(v_patient), p ->> 'mobile', p ->> 'email',
        v_patient ->> 'first_name', v_patient ->> 'last_name',
        (v_patient ->> 'birth_date')::date, v_patient ->> 'birth_place', v_patient ->> 'sex',
        v_online, v_online, ARRAY[dossier_lib.acceptance_call(p)])
    RETURNING * INTO v_acceptance;
    PERFORM dossier_lib.activation_code_issue(v_acceptance, p -> 'activation');
    IF NOT v_online THEN -- documents that came before it, and name none, may be of this visit
        PERFORM dossier_lib.alerts_unneeded(v_acceptance.patient_id);
    END IF;
    PERFORM dossier_lib.audit_write('integrator', p_integrator, 'acceptance_created', 'ok',
        p ->> 'address', patient => v_acceptance.patient_id, object => v_acceptance.id,
        facility => v_acceptance.facility_id);
    RETURN dossier_lib.acceptance_answer('created', v_acceptance, true, '[]');
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_refused(p jsonb, p_refusal text, p_old dossier_data.acceptance)
RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.audit_write('integrator', (p ->> 'integrator_id')::uuid, 'acceptance_put', p_refusal,
        p ->> 'address', patient => p_old.patient_id, object => p_old.id);
    RETURN dossier_lib.outcome(p_refusal);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_update(
    p jsonb, p_old dossier_data.acceptance) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_patient jsonb := p -> 'patient';
    v_new dossier_data.acceptance := p_old;
    v_call text := dossier_lib.acceptance_call(p);
    v_messages jsonb := '[]';
    v_declined uuid[] := dossier_lib.documents_declined(p_old.patient_id);
BEGIN
    v_new.facility_id := p ->> 'facility';
    v_new.mobile := p ->> 'mobile';
    v_new.email := p ->> 'email';
    v_new.first_name := v_patient ->> 'first_name';
    v_new.last_name := v_patient ->> 'last_name';
    v_new.birth_date := (v_patient ->> 'birth_date')::date;
    v_new.birth_place := v_patient ->> 'birth_place';
    v_new.sex := v_patient ->> 'sex';
    IF v_new.mobile <> p_old.mobile THEN
        v_new.mobiles_former := (p_old.mobile || array_remove(p_old.mobiles_former, p_old.mobile))[:20];
        v_new.mobile_corrected_at := now();
    END IF;
    v_new.online_pickup_desk := coalesce((p ->> 'online_pickup')::boolean, p_old.online_pickup_desk);
    IF v_new.online_pickup_desk <> p_old.online_pickup_desk THEN
        v_new.online_pickup := v_new.online_pickup_desk; -- else the patient's word stands
        v_new.declined_by_patient := v_new.declined_by_patient AND NOT v_new.online_pickup;
    END IF;
    IF v_new IS NOT DISTINCT FROM p_old THEN
        RETURN dossier_lib.acceptance_answer(
            CASE WHEN v.again THEN 'created' ELSE 'ok' END, p_old, v.again, v_messages)
        FROM (SELECT dossier_lib.acceptance_again(p, p_old) AS again) v;
    ELSIF dossier_lib.call_superseded(p, v_call, p_old.calls, dossier_lib.acceptance_tag(p_old)) THEN
        RETURN dossier_lib.acceptance_refused(p, 'call_superseded', p_old);
    END IF;
    UPDATE dossier_data.acceptance SET facility_id = v_new.facility_id, mobile = v_new.mobile,
        email = v_new.email, first_name = v_new.first_name, last_name = v_new.last_name,
        birth_date = v_new.birth_date, birth_place = v_new.birth_place, sex = v_new.sex,
        online_pickup = v_new.online_pickup, online_pickup_desk = v_new.online_pickup_desk,
        declined_by_patient = v_new.declined_by_patient,
        mobiles_former = v_new.mobiles_former, mobile_corrected_at = v_new.mobile_corrected_at,
        calls = dossier_lib.calls_with(calls, v_call), changes = changes + 1, updated_at = now()
    WHERE id = p_old.id RETURNING * INTO v_new;
    PERFORM dossier_lib.audit_write('integrator', p_old.integrator_id, 'acceptance_updated', 'ok',
        p ->> 'address', patient => p_old.patient_id, object => p_old.id, facility => v_new.facility_id);
    IF v_new.mobile <> p_old.mobile THEN
        v_messages := dossier_lib.registration_correct(v_patient ->> 'codice_fiscale', p_old.mobile,
            v_new.mobile, p -> 'registration_code', p_old.integrator_id, v_new.facility_id, p ->> 'address');
        PERFORM dossier_lib.alerts_follow(account_id, 'sms', NULL) FROM dossier_data.account_mobile
        WHERE patient_id = p_old.patient_id AND given_up; -- they would reach somebody else
    END IF;
    PERFORM dossier_lib.patient_put(v_patient); -- late, as where a registration is completed
    IF p_old.online_pickup AND NOT v_new.online_pickup THEN
        PERFORM dossier_lib.alerts_unneeded(p_old.patient_id);
    ELSIF v_new.online_pickup AND NOT p_old.online_pickup THEN
        PERFORM dossier_lib.pickup_resume(v_declined);
    END IF;
    RETURN dossier_lib.acceptance_answer('ok', v_new, true, v_messages);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_apply(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_old dossier_data.acceptance;
    v_refusal text;
BEGIN
    PERFORM dossier_lib.lock_name(format('acceptance:%s:%s', v_integrator, p ->> 'external_id'));
    p := jsonb_set(p, '{patient,codice_fiscale}',
        to_jsonb(dossier_lib.codice_fiscale_hold(p -> 'patient' ->> 'codice_fiscale')));
    SELECT * INTO v_old FROM dossier_data.acceptance
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id' FOR NO KEY UPDATE;
    v_refusal := dossier_lib.integrator_refusal(p, 'facility_not_allowed',
        p ->> 'facility', coalesce(v_old.facility_id, p ->> 'facility'));
    IF v_refusal IS NOT NULL THEN
        RETURN dossier_lib.acceptance_refused(p, v_refusal, v_old);
    ELSIF NOT dossier_lib.acceptance_again(p, v_old)
            AND dossier_lib.condition_fails(p,
                CASE WHEN v_old.id IS NOT NULL THEN dossier_lib.acceptance_tag(v_old) END) THEN
        v_refusal := 'precondition_failed';
    ELSIF v_old.id IS NOT NULL AND NOT EXISTS (
            SELECT FROM dossier_data.patient WHERE id = v_old.patient_id
              AND codice_fiscale = p -> 'patient' ->> 'codice_fiscale') THEN
        v_refusal := 'acceptance_patient_changed';
    END IF;
    IF v_refusal IS NOT NULL THEN
        RETURN dossier_lib.acceptance_refused(p, v_refusal, v_old);
    END IF;
    IF v_old.id IS NULL THEN
        RETURN dossier_lib.acceptance_create(p, v_integrator);
    END IF;
    RETURN dossier_lib.acceptance_update(p, v_old);
END
$$;

-- Wipes the codes that no slip may show any more. True when there may be more.
CREATE OR REPLACE FUNCTION dossier_lib.slips_purge(p_limit int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rows bigint;
BEGIN
    UPDATE dossier_data.activation_code SET sealed = NULL WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.activation_code
        WHERE sealed IS NOT NULL AND expires_at <= now()
        ORDER BY expires_at LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows >= p_limit;
END
$$;
