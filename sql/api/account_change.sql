-- A forgotten password, a new mobile, a new e-mail.

-- device_hash: of the cookie that came along; codice_fiscale, and with it the macs of a slip's code, may be missing.
CREATE OR REPLACE FUNCTION dossier.password_reset_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account account := password_reset_account(p);
    v_change account_change;
    v_unread jsonb;
    v_send record;
BEGIN
    v_change.kind := 'password_reset';
    v_change.account_id := v_account.id;
    v_change.recipient := coalesce(v_account.mobile, p ->> 'login');
    v_change.language := coalesce(v_account.language, p ->> 'language');
    SELECT * INTO v_change.subject, v_change.asked_by FROM password_reset_subject(p, v_account.id);
    v_change.mobile_alone := p ->> 'kind' = 'mobile' AND v_change.asked_by = 'anyone';
    v_unread := CASE WHEN v_change.asked_by <> 'proved' THEN slip_unread(p -> 'macs') END;
    IF v_unread IS NOT NULL THEN
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

-- kind: 'mobile_change' or 'email_change'. Whether the new one is somebody's, or held by an acceptance, is
-- not said here. The e-mail that the account has may be proved so, once.
CREATE OR REPLACE FUNCTION dossier.contact_change_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account account;
    v_change account_change;
    v_send record;
    v_refusal jsonb;
BEGIN
    SELECT * INTO v_account FROM account WHERE id = (p ->> 'account_id')::uuid FOR NO KEY UPDATE;
    v_change.kind := p ->> 'kind';
    v_change.account_id := v_account.id;
    v_change.recipient := p ->> 'recipient';
    v_change.language := v_account.language;
    -- of this account's alone: whoever else has codes sent there takes none of them
    v_change.subject := digest(concat_ws(':', v_change.kind, v_account.id, v_change.recipient));
    v_change.asked_by := 'proved';
    IF password_proof_take(p) IS NOT NULL THEN
        v_refusal := outcome('password_required');
    ELSIF v_change.recipient = v_account.mobile
        OR v_change.recipient = v_account.email AND v_account.email_proved_at IS NOT NULL THEN
        v_refusal := outcome('contact_unchanged');
    ELSE
        v_refusal := contact_change_refusal(v_account.id);
    END IF;
    IF v_refusal IS NULL THEN
        v_send := code_send_count(v_change.subject, v_change.asked_by, NULL); -- the account's day bounds them
        v_refusal := CASE WHEN v_send.wait > 0 THEN throttled(v_send.wait) END;
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM account_change_audit(v_change.kind, v_account.id, 'started', v_refusal ->> 'outcome',
            p ->> 'address', NULL);
        RETURN v_refusal;
    END IF;
    v_change := account_change_open(v_change);
    PERFORM code_issue(account_change_flow(v_change), p -> 'code');
    PERFORM account_change_audit(v_change.kind, v_account.id, 'started', 'ok', p ->> 'address', v_change.id);
    RETURN account_change_sent(v_change, v_send.resend_after);
END
$$;

CREATE OR REPLACE FUNCTION dossier.account_change_resend(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', (p ->> 'account_id')::uuid);
    v_refusal jsonb;
    v_send record;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    IF v_change.closed_at IS NOT NULL OR now() >= v_change.expires_at THEN
        v_refusal := outcome('change_closed');
    ELSIF v_change.kind <> 'password_reset' THEN
        v_refusal := contact_change_refusal(v_change.account_id);
    END IF;
    IF v_refusal IS NULL THEN
        v_send := code_send_count(v_change.subject, v_change.asked_by, p ->> 'address');
        v_refusal := CASE WHEN v_send.wait > 0 THEN throttled(v_send.wait) END;
    END IF;
    PERFORM account_change_audit(v_change.kind, v_change.account_id, 'code_renewed',
        coalesce(v_refusal ->> 'outcome', 'ok'), p ->> 'address', v_change.id);
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM code_issue(account_change_flow(v_change), p -> 'code');
    RETURN account_change_sent(v_change, v_send.resend_after) - 'id';
END
$$;

-- person: what a new password must not be made of; null when no account is meant.
CREATE OR REPLACE FUNCTION dossier.account_change_try(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', (p ->> 'account_id')::uuid);
    v_answer jsonb;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    v_answer := code_try(account_change_flow(v_change), p -> 'keys');
    IF v_answer ->> 'outcome' <> 'ok' THEN
        PERFORM account_change_audit(v_change.kind, v_change.account_id, 'tried', v_answer ->> 'outcome',
            p ->> 'address', v_change.id);
        RETURN v_answer;
    END IF;
    RETURN v_answer || jsonb_build_object('person', profile_json(v_change.account_id));
END
$$;

-- personal: the new password is made of the person's own data, which only who knows the code is told. Without
-- a password_hash it only looks whether the code is right: then none of its tries but one are used up, and that
-- may be compared once more, after the work of hashing.
CREATE OR REPLACE FUNCTION dossier.password_reset_complete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, 'password_reset', NULL);
    v_personal boolean := (p ->> 'personal')::boolean;
    v_look boolean := p ->> 'password_hash' IS NULL;
    v_refusal jsonb;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(account_change_flow(v_change), (p ->> 'code_id')::uuid, p ->> 'mac',
        v_personal OR v_look);
    IF v_refusal IS NULL AND v_personal THEN
        v_refusal := outcome('password_personal');
    ELSIF v_refusal IS NULL AND v_look THEN
        UPDATE verification_code SET tries = 1, compared = 0 WHERE id = (p ->> 'code_id')::uuid;
        RETURN outcome('ok');
    END IF;
    PERFORM account_change_audit('password_reset', v_change.account_id, 'completed',
        coalesce(v_refusal ->> 'outcome', 'ok'), p ->> 'address', v_change.id);
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM password_set(v_change.account_id, p ->> 'password_hash', NULL);
    PERFORM device_seen(v_change.account_id, p -> 'device'); -- its login waits for no stranger's any more
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier.contact_change_complete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', v_account);
    v_old account;
    v_taken text;
    v_same boolean;
    v_refusal jsonb;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(account_change_flow(v_change), (p ->> 'code_id')::uuid, p ->> 'mac');
    IF v_refusal IS NULL THEN
        UPDATE account_change SET closed_at = now() WHERE id = v_change.id;
        SELECT * INTO v_old FROM account WHERE id = v_account;
        v_taken := contact_set(v_account, v_change.kind, v_change.recipient);
        v_refusal := CASE WHEN v_taken IS NOT NULL THEN outcome(v_taken) END;
    END IF;
    v_same := v_refusal IS NULL AND v_change.kind = 'email_change'
        AND v_change.recipient IS NOT DISTINCT FROM v_old.email;
    IF v_same THEN
        PERFORM audit_write('account', v_account, 'email_confirmed', 'ok', p ->> 'address', object => v_change.id);
    ELSE
        PERFORM account_change_audit(v_change.kind, v_account, 'completed', coalesce(v_refusal ->> 'outcome', 'ok'),
            p ->> 'address', v_change.id);
    END IF;
    IF v_refusal IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    IF NOT v_same THEN
        PERFORM contact_tell(v_old, v_change.kind);
    END IF;
    PERFORM session_renew(v_account, (p ->> 'session_id')::uuid, p ->> 'token_hash');
    RETURN jsonb_build_object('outcome', 'ok', 'profile', profile_json(v_account));
END
$$;

-- An account needs no e-mail. "ok" also when it had none.
CREATE OR REPLACE FUNCTION dossier.email_remove(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_old account;
BEGIN
    SELECT * INTO v_old FROM account WHERE id = (p ->> 'account_id')::uuid FOR NO KEY UPDATE;
    IF password_proof_take(p) IS NOT NULL THEN
        RETURN outcome('password_required');
    END IF;
    IF v_old.email IS NOT NULL THEN
        UPDATE account_change SET closed_at = now()
        WHERE account_id = v_old.id AND kind = 'email_change' AND closed_at IS NULL;
        PERFORM contact_set(v_old.id, 'email_change', NULL);
        PERFORM contact_tell(v_old, 'email_change');
        PERFORM audit_write('account', v_old.id, 'email_removed', 'ok', p ->> 'address');
    END IF;
    PERFORM session_renew(v_old.id, (p ->> 'session_id')::uuid, p ->> 'token_hash');
    RETURN jsonb_build_object('outcome', 'ok', 'profile', profile_json(v_old.id));
END
$$;
