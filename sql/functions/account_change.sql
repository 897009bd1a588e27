-- What is done to an account after a verification code: a forgotten password, a new mobile, a new e-mail.
-- A login that no account has goes the same way as any other, and never meets a code that is right.
-- Locks: the account, then its change, then what counts codes.

-- Whether who holds the account's mobile is its holder: not once the desk has taken the number back, nor where it
-- has noted it for somebody else since, if nothing but the number was shown.
CREATE OR REPLACE FUNCTION dossier_data.mobile_proves(p_account uuid, p_alone boolean) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT given_up AND NOT (p_alone AND passed_on) FROM dossier_data.account_mobile WHERE account_id = p_account
$$;

-- A change as the code machinery sees it.
CREATE OR REPLACE FUNCTION dossier_data.account_change_flow(p_change dossier_data.account_change)
RETURNS dossier_data.code_flow
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_mail boolean := p_change.kind = 'email_change';
    v_facility text := CASE WHEN NOT v_mail THEN dossier_data.mobile_held(p_change.recipient) END;
    v_proves boolean := p_change.kind <> 'password_reset'
        OR coalesce(dossier_data.mobile_proves(p_change.account_id, p_change.mobile_alone), false);
BEGIN
    RETURN (p_change.id, p_change.kind, CASE WHEN v_mail THEN 'mail' ELSE 'sms' END, p_change.recipient,
        p_change.language, p_change.account_id, v_facility,
        p_change.account_id IS NOT NULL AND v_proves AND (v_mail OR v_facility IS NOT NULL),
        p_change.subject, p_change.closed_at, p_change.expires_at, p_change.asked_by)::dossier_data.code_flow;
END
$$;

-- A new change takes the place of the open ones of its kind and account. Not a forgotten password: anyone
-- may begin one, and must not end the holder's by it. The first that is done ends the others.
CREATE OR REPLACE FUNCTION dossier_data.account_change_open(p_change dossier_data.account_change)
RETURNS dossier_data.account_change
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_change dossier_data.account_change;
BEGIN
    UPDATE dossier_data.account_change SET closed_at = now()
    WHERE kind = p_change.kind AND kind <> 'password_reset' AND closed_at IS NULL
      AND account_id = p_change.account_id;
    INSERT INTO dossier_data.account_change (kind, account_id, recipient, language, subject, asked_by, mobile_alone, expires_at)
    VALUES (p_change.kind, p_change.account_id, p_change.recipient, p_change.language, p_change.subject,
        p_change.asked_by, coalesce(p_change.mobile_alone, false), now() + dossier_data.minutes(dossier_data.limit_of('account_change_minutes')))
    RETURNING * INTO v_change;
    RETURN v_change;
END
$$;

-- The change behind its account; null when it is of another kind or another account (p_account null:
-- nobody has said who it is).
CREATE OR REPLACE FUNCTION dossier_data.account_change_lock(p_id uuid, p_kind text, p_account uuid)
RETURNS dossier_data.account_change
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_change dossier_data.account_change;
BEGIN
    PERFORM FROM dossier_data.account WHERE id = (
        SELECT account_id FROM dossier_data.account_change WHERE id = p_id) FOR NO KEY UPDATE;
    SELECT * INTO v_change FROM dossier_data.account_change
    WHERE id = p_id AND kind = p_kind AND (p_account IS NULL OR account_id = p_account) FOR NO KEY UPDATE;
    RETURN v_change;
END
$$;

-- Who a line of the audit is about and by: whoever forgot the password has not said who it is, and the change of
-- a login that no account has is nothing.
CREATE OR REPLACE FUNCTION dossier_data.account_change_audit(
    p_kind text, p_account uuid, p_step text, p_outcome text, p_address text, p_change uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_data.audit_write(CASE p_kind WHEN 'password_reset' THEN 'anyone' ELSE 'account' END,
        CASE WHEN p_kind <> 'password_reset' THEN p_account END, p_kind || '_' || p_step, p_outcome,
        p_address, account => p_account, object => CASE WHEN p_account IS NOT NULL THEN p_change END);
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.account_change_sent(
    p_change dossier_data.account_change, p_resend_after int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', 'ok', 'id', p_change.id,
        'expires_at', dossier_data.rfc3339(now() + dossier_data.minutes(dossier_data.limit_of('code_minutes'))),
        'resend_after', p_resend_after)
$$;

-- Whose codes those of a forgotten password are, and how they are asked for: of the login as it was typed,
-- which says nothing of the account's other one; of login and codice fiscale; or, of who comes with a device
-- the account knows or shows a slip, those of device or slip alone, which strangers cannot use up.
CREATE OR REPLACE FUNCTION dossier_data.password_reset_subject(
    OUT subject text, OUT asked_by text, p jsonb, p_account uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_device uuid := dossier_data.device_known(p_account, p ->> 'device_hash');
    v_slip uuid := dossier_data.slip_shown(p ->> 'codice_fiscale', p -> 'macs');
BEGIN
    subject := dossier_data.digest(CASE WHEN v_device IS NULL
        THEN concat_ws(':', 'reset', p ->> 'login', p ->> 'codice_fiscale', v_slip) ELSE 'device:' || v_device END);
    asked_by := CASE WHEN v_device IS NOT NULL OR v_slip IS NOT NULL THEN 'proved'
        WHEN p ->> 'codice_fiscale' IS NOT NULL THEN 'pair' ELSE 'anyone' END;
END
$$;

-- The account of a login; none of it, if a codice fiscale was given that is another person's.
CREATE OR REPLACE FUNCTION dossier_data.password_reset_account(p jsonb) RETURNS dossier_data.account
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account dossier_data.account;
BEGIN
    SELECT * INTO v_account FROM dossier_data.account a
    WHERE (p ->> 'kind' = 'email' AND a.email = p ->> 'login' OR p ->> 'kind' = 'mobile' AND a.mobile = p ->> 'login')
      AND (p ->> 'codice_fiscale' IS NULL OR EXISTS (SELECT FROM dossier_data.patient
          WHERE id = a.patient_id AND codice_fiscale = dossier_data.codice_fiscale_now(p ->> 'codice_fiscale')))
    FOR NO KEY UPDATE;
    RETURN v_account;
END
$$;

-- device_hash: of the cookie that came along; codice_fiscale, and with it the macs of a slip's code, may be missing.
CREATE OR REPLACE FUNCTION dossier.password_reset_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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

-- Counts one more code of an account for a new mobile or e-mail. Null: it may go. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_data.contact_change_refusal(p_account uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_wait int := dossier_data.throttle_wait(
        dossier_data.throttle_lock('contact_change', p_account::text, '24 hours'),
        dossier_data.limit_of('contact_changes_per_day'), '24 hours');
BEGIN
    IF v_wait > 0 THEN
        RETURN dossier_data.throttled(v_wait, dossier_data.limit_of('contact_changes_per_day'));
    END IF;
    PERFORM dossier_data.throttle_hit('contact_change', p_account::text);
    RETURN NULL;
END
$$;

-- kind: 'mobile_change' or 'email_change'. Whether the new one is somebody's, or held by an acceptance, is
-- not said here. The e-mail that the account has may be proved so, once.
CREATE OR REPLACE FUNCTION dossier.contact_change_start(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, 'password_reset', NULL);
    v_personal boolean := (p ->> 'personal')::boolean;
    v_look boolean := p ->> 'password_hash' IS NULL;
    v_refusal jsonb;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(account_change_flow(v_change), (p ->> 'code_id')::uuid, p ->> 'mac', v_personal OR v_look);
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

-- Alerts that wait follow the account to its new address, or stay here when it has none. One that is on its
-- way is left alone.
CREATE OR REPLACE FUNCTION dossier_data.alerts_follow(p_account uuid, p_channel text, p_recipient text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.outbox SET recipient = coalesce(p_recipient, recipient),
        state = CASE WHEN p_recipient IS NULL THEN 'cancelled' ELSE state END,
        gathering = gathering AND p_recipient IS NOT NULL,
        ended_at = CASE WHEN p_recipient IS NULL THEN now() END
    WHERE id IN (
        SELECT id FROM dossier_data.outbox
        WHERE account_id = p_account AND channel = p_channel AND priority = 2 AND state = 'queued'
          AND claimed_at IS NULL FOR UPDATE SKIP LOCKED)
$$;

-- An e-mail that another account only wrote down is that of who has proved it; that account keeps its mobile,
-- and is told there: the mailbox is not its holder's.
CREATE OR REPLACE FUNCTION dossier_data.email_release(p_email text, p_prover uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_other dossier_data.account;
BEGIN
    UPDATE dossier_data.account SET email = NULL
    WHERE email = p_email AND email_proved_at IS NULL AND id <> p_prover RETURNING * INTO v_other;
    IF FOUND THEN
        PERFORM dossier_data.alerts_follow(v_other.id, 'mail', NULL);
        PERFORM dossier_data.message_queue(v_other.id, 'email_changed', 'sms');
        PERFORM dossier_data.audit_write('system', NULL, 'email_removed', 'ok', NULL, account => v_other.id,
            detail => 'another account proved it');
    END IF;
END
$$;

-- Writes the new mobile, or the new e-mail, proved. Null, or which outcome says that another account has it.
CREATE OR REPLACE FUNCTION dossier_data.contact_set(p_account uuid, p_kind text, p_recipient text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_kind = 'mobile_change' THEN
        UPDATE dossier_data.account SET mobile = p_recipient, mobile_proved_at = now() WHERE id = p_account;
        PERFORM dossier_data.alerts_follow(p_account, 'sms', p_recipient);
    ELSE
        PERFORM dossier_data.email_release(p_recipient, p_account);
        UPDATE dossier_data.account SET email = p_recipient, email_proved_at = CASE WHEN p_recipient IS NOT NULL THEN now() END
        WHERE id = p_account;
        PERFORM dossier_data.alerts_follow(p_account, 'mail', p_recipient);
    END IF;
    -- a code for a forgotten password may be on its way to where the account was
    UPDATE dossier_data.account_change SET closed_at = now()
    WHERE account_id = p_account AND kind = 'password_reset' AND closed_at IS NULL;
    RETURN NULL;
EXCEPTION WHEN unique_violation THEN
    RETURN CASE p_kind WHEN 'mobile_change' THEN 'mobile_taken' ELSE 'email_taken' END;
END
$$;

-- The address that was, and the other one too: one of them may be in wrong hands.
CREATE OR REPLACE FUNCTION dossier_data.contact_tell(p_old dossier_data.account, p_kind text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_kind = 'mobile_change' THEN
        PERFORM dossier_data.message_queue_to('sms', p_old.mobile, p_old.language, p_old.id, 'mobile_changed');
        PERFORM dossier_data.message_queue_to('mail', p_old.email, p_old.language, p_old.id, 'mobile_changed');
    ELSE
        PERFORM dossier_data.message_queue_to('mail', p_old.email, p_old.language, p_old.id, 'email_changed');
        PERFORM dossier_data.message_queue_to('sms', p_old.mobile, p_old.language, p_old.id, 'email_changed');
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION dossier.contact_change_complete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    v_same := v_refusal IS NULL AND v_change.kind = 'email_change' AND v_change.recipient IS NOT DISTINCT FROM v_old.email;
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
