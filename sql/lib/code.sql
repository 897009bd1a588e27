-- Verification codes: one machinery for all that waits for one. A flow is a registration or an account
-- change as this file sees it; its owner locks the row before it calls anything here.

-- The facility of the latest acceptance that holds this number; null: none does, or codes may not go to
-- such numbers.
CREATE OR REPLACE FUNCTION dossier_lib.mobile_held(p_mobile text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT facility_id FROM dossier_data.acceptance
    WHERE mobile = p_mobile
      AND EXISTS (SELECT FROM dossier_data.sms_prefix WHERE starts_with(p_mobile, prefix))
    ORDER BY updated_at DESC, id LIMIT 1
$$;

-- Counts one more code (p_count false: only looks). wait > 0: not yet, and nothing was counted. Whether a code leaves
-- does not matter here: a wait must not tell. Wrong codes of the day end new ones, never the one in hand: so another's
-- wrong codes cost nothing to somebody who waits for an SMS. Somebody who has proved not to be a stranger waits for no turn.
CREATE OR REPLACE FUNCTION dossier_lib.code_send_count(
    OUT wait int, OUT resend_after int, p_subject text, p_asked_by text, p_address text, p_count boolean DEFAULT true)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_sends timestamptz[] := dossier_lib.throttle_lock('code_send', p_subject, '24 hours');
    v_wrong timestamptz[] := dossier_lib.throttle_lock('code_wrong', p_subject, '24 hours');
BEGIN
    wait := greatest(dossier_lib.code_send_wait(v_sends), dossier_lib.throttle_wait(
        v_wrong, dossier_lib.limit_of('code_wrong_per_day'), '24 hours'));
    IF wait = 0 AND p_asked_by <> 'proved' THEN
        wait := dossier_lib.code_address_wait(p_address, p_subject, p_count);
    END IF;
    IF wait = 0 AND p_count THEN
        resend_after := dossier_lib.code_send_wait(
            v_sends || dossier_lib.throttle_hit('code_send', p_subject));
    END IF;
END
$$;

-- A new code of a flow; the ones before are void, and what of them has not left stays here. True when it
-- was queued. The work is the same without: a message to nobody is written and taken away again, so that
-- time tells no more than the answer.
CREATE OR REPLACE FUNCTION dossier_lib.code_issue(
    p_flow dossier_data.code_flow, p_code jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_registration uuid := CASE p_flow.kind WHEN 'registration' THEN p_flow.id END;
    v_expires timestamptz := now() + dossier_lib.minutes(dossier_lib.limit_of('code_minutes'));
    v_message uuid := gen_random_uuid();
    -- where the patient is, who asks now or (the desk put the number right) asked before
    v_site text := coalesce(p_code ->> 'site_url', (SELECT site_url FROM dossier_data.verification_code
        WHERE flow_id = p_flow.id ORDER BY created_at DESC LIMIT 1));
BEGIN
    WITH voided AS (
        UPDATE dossier_data.verification_code SET voided_at = now()
        WHERE flow_id = p_flow.id AND voided_at IS NULL AND used_at IS NULL RETURNING id)
    UPDATE dossier_data.outbox o SET state = 'cancelled', sealed = NULL, ended_at = now()
    FROM voided WHERE o.code_id = voided.id AND o.state = 'queued';
    INSERT INTO dossier_data.verification_code (id, registration_id, account_change_id, key_id, mac,
        deliverable, expires_at, site_url)
    VALUES ((p_code ->> 'id')::uuid, v_registration,
        CASE WHEN v_registration IS NULL THEN p_flow.id END, p_code ->> 'key_id', p_code ->> 'mac',
        p_flow.deliverable, v_expires, v_site);
    INSERT INTO dossier_data.outbox (id, channel, recipient, template, language, priority, account_id,
        registration_id, facility_id, code_id, sealed, due_at, not_before, give_up_at, asked_by)
    VALUES (v_message, p_flow.channel, p_flow.recipient,
        CASE p_flow.channel WHEN 'sms' THEN 'verification_code' ELSE 'email_code' END, p_flow.language, 0,
        p_flow.account_id, v_registration, p_flow.facility_id, (p_code ->> 'id')::uuid,
        p_code ->> 'sealed', now(), now(), v_expires, p_flow.asked_by);
    DELETE FROM dossier_data.outbox WHERE id = v_message AND NOT p_flow.deliverable;
    RETURN p_flow.deliverable;
END
$$;

-- Counts a try before anything is compared: "ok" with code_id and key_id, or the refusal. p_keys: the ids of the
-- caller's key file; a code of another key cannot be compared, which is not the fault of the person who typed it, and is not counted.
CREATE OR REPLACE FUNCTION dossier_lib.code_try(p_flow dossier_data.code_flow, p_keys jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_code dossier_data.verification_code;
BEGIN
    -- the newest, whatever became of it
    SELECT * INTO v_code FROM dossier_data.verification_code
    WHERE flow_id = p_flow.id AND voided_at IS NULL FOR NO KEY UPDATE;
    IF v_code.used_at IS NOT NULL OR (p_flow.closed_at IS NOT NULL AND p_flow.kind = 'registration') THEN
        RETURN dossier_lib.outcome('code_used');
    ELSIF v_code.id IS NULL OR p_flow.closed_at IS NOT NULL OR now() >= v_code.expires_at
            OR now() >= p_flow.expires_at THEN
        RETURN dossier_lib.outcome('code_expired');
    ELSIF v_code.tries >= dossier_lib.limit_of('code_tries') THEN
        RETURN dossier_lib.answer('code_locked', jsonb_build_object('retry_after',
            greatest(1, dossier_lib.code_send_wait(
                dossier_lib.throttle_lock('code_send', p_flow.subject, '24 hours'))),
            'limit', dossier_lib.limit_of('code_tries')));
    END IF;
    IF coalesce(p_keys ? v_code.key_id, true) THEN
        PERFORM dossier_lib.throttle_lock('code_wrong', p_flow.subject, '24 hours');
        PERFORM dossier_lib.throttle_hit('code_wrong', p_flow.subject);
        UPDATE dossier_data.verification_code SET tries = tries + 1 WHERE id = v_code.id;
    END IF;
    RETURN dossier_lib.answer('ok', jsonb_build_object('code_id', v_code.id, 'key_id', v_code.key_id));
END
$$;

-- Null: the code is right, and (unless p_keep) used from now on. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_lib.code_refusal(
    p_flow dossier_data.code_flow, p_code uuid, p_mac text, p_keep boolean DEFAULT false)
RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_code dossier_data.verification_code;
    v_right boolean;
BEGIN
    SELECT * INTO v_code FROM dossier_data.verification_code
    WHERE id = p_code AND flow_id = p_flow.id FOR NO KEY UPDATE;
    IF v_code.used_at IS NOT NULL OR (p_flow.closed_at IS NOT NULL AND p_flow.kind = 'registration') THEN
        RETURN dossier_lib.outcome('code_used');
    ELSIF v_code.id IS NULL OR v_code.voided_at IS NOT NULL OR p_flow.closed_at IS NOT NULL
        OR now() >= v_code.expires_at
            OR now() >= p_flow.expires_at OR v_code.compared >= v_code.tries THEN
        RETURN dossier_lib.outcome('code_expired'); -- compared >= tries: no try was counted for it
    END IF;
    -- Nothing was sent to a number that no acceptance held then, or holds no longer: no digits are right.
    v_right := v_code.mac = p_mac AND v_code.deliverable AND p_flow.deliverable;
    UPDATE dossier_data.verification_code SET compared = compared + 1,
        used_at = CASE WHEN v_right AND NOT p_keep THEN now() END WHERE id = p_code;
    IF v_right THEN
        PERFORM dossier_lib.throttle_forgive('code_wrong', p_flow.subject);
        RETURN NULL;
    END IF;
    RETURN dossier_lib.answer('code_wrong', jsonb_build_object('tries_left',
        greatest(0, dossier_lib.limit_of('code_tries') - v_code.tries)));
END
$$;
