-- The password typed again before something that cannot be undone.

-- The password typed again: counted before it is looked at, like a login, and then good for one step.
-- The way into a session stays open whatever happens here.
CREATE OR REPLACE FUNCTION dossier.password_begin(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_password record;
    v_wait int;
    v_proof uuid;
BEGIN
    IF NOT account_hold(v_account) THEN
        RETURN outcome('unauthenticated'); -- deleted by a request before this one
    END IF;
    v_wait := throttle_wait(throttle_lock('password_again', v_account::text, '1 hour'),
        limit_of('password_wrong_per_hour'), '1 hour');
    IF v_wait > 0 THEN
        PERFORM audit_write('account', v_account, 'password_asked', 'throttled', p ->> 'address');
        RETURN throttled(v_wait, limit_of('password_wrong_per_hour'));
    END IF;
    SELECT password_hash AS hash, password_set_at AS set_at INTO v_password FROM account WHERE id = v_account;
    INSERT INTO password_proof (account_id, password_set_at, hit_at)
    VALUES (v_account, v_password.set_at, throttle_hit('password_again', v_account::text)) RETURNING id INTO v_proof;
    RETURN answer('ok', jsonb_build_object('proof', v_proof, 'password_hash', v_password.hash));
END
$$;

CREATE OR REPLACE FUNCTION dossier.password_finish(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_proof password_proof;
BEGIN
    IF NOT account_hold(v_account) THEN
        RETURN outcome('unauthenticated');
    END IF;
    UPDATE password_proof q SET judged_at = now(), is_right = (p ->> 'right')::boolean
        AND EXISTS (SELECT FROM account a WHERE a.id = v_account AND a.password_set_at = q.password_set_at)
    WHERE id = (p ->> 'proof')::uuid AND account_id = v_account AND judged_at IS NULL
    RETURNING * INTO v_proof;
    IF v_proof.id IS NOT NULL AND v_proof.is_right IS NOT FALSE THEN
        PERFORM throttle_forgive('password_again', v_account::text, v_proof.hit_at);
    END IF;
    IF v_proof.is_right THEN
        RETURN outcome('ok');
    ELSIF v_proof.id IS NOT NULL AND v_proof.is_right IS NULL THEN
        RETURN outcome('password_wrong'); -- it was not looked at
    END IF;
    PERFORM audit_write('account', v_account, 'password_asked', 'password_wrong', p ->> 'address');
    RETURN outcome('password_wrong');
END
$$;

-- device_hash: of the cookie that came along; codice_fiscale, and with it the macs of a slip's code, may be missing.
CREATE OR REPLACE FUNCTION dossier.password_reset_start(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account account := password_reset_account(p);
    v_change account_change;
    v_unread answer;
    v_send record;
BEGIN
    v_change.kind := 'password_reset';
    v_change.account_id := v_account.id;
    v_change.recipient := coalesce(v_account.mobile, p ->> 'login');
    v_change.language := coalesce(v_account.language, p ->> 'language');
    SELECT * INTO v_change.subject, v_change.asked_by FROM password_reset_subject(p, v_account.id);
    v_change.mobile_alone := p ->> 'kind' = 'mobile' AND v_change.asked_by = 'anyone';
    v_unread := CASE WHEN v_change.asked_by <> 'proved' THEN slip_unread(p -> 'macs') END;
    IF v_unread.outcome IS NOT NULL THEN
        RETURN v_unread;
    END IF;
    v_send := code_send_count(v_change.subject, v_change.asked_by, p ->> 'address');
    IF v_send.wait > 0 THEN
        PERFORM account_change_audit('password_reset', v_account.id, 'started', 'throttled', p ->> 'address', NULL);
        RETURN throttled(v_send.wait);
    END IF;
    v_change := account_change_open(v_change);
    PERFORM code_issue(account_change_flow(v_change), p -> 'code');
    PERFORM account_change_audit('password_reset', v_account.id, 'started', 'ok', p ->> 'address', v_change.id);
    RETURN account_change_sent(v_change, v_send.resend_after);
END
$$;

-- personal: the new password is made of the person's own data, told only to somebody who knows the code. Without
-- a password_hash it only looks whether the code is right: then none of its tries but one are used up, and that
-- may be compared once more, after the work of hashing.
CREATE OR REPLACE FUNCTION dossier.password_reset_complete(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, 'password_reset', NULL);
    v_personal boolean := (p ->> 'personal')::boolean;
    v_look boolean := p ->> 'password_hash' IS NULL;
    v_refusal answer;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(account_change_flow(v_change), (p ->> 'code_id')::uuid, p ->> 'mac',
        v_personal OR v_look);
    IF v_refusal.outcome IS NULL AND v_personal THEN
        v_refusal := outcome('password_personal');
    ELSIF v_refusal.outcome IS NULL AND v_look THEN
        UPDATE verification_code SET tries = 1, compared = 0 WHERE id = (p ->> 'code_id')::uuid;
        RETURN outcome('ok');
    END IF;
    PERFORM account_change_audit('password_reset', v_change.account_id, 'completed',
        coalesce(v_refusal.outcome, 'ok'), p ->> 'address', v_change.id);
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM password_set(v_change.account_id, p ->> 'password_hash', NULL);
    PERFORM device_seen(v_change.account_id, p -> 'device'); -- its login waits for no stranger's any more
    RETURN outcome('ok');
END
$$;
