-- What is done to an account after a verification code: a forgotten password, a new mobile, a new e-mail.
-- A login that no account has goes the same way as any other, and never meets a code that is right.
-- Locks: the account, then its change, then what counts codes.

-- Whether who holds the account's mobile is its holder: not once the desk has taken the number back, nor where it
-- has noted it for somebody else since, if nothing but the number was shown.
CREATE OR REPLACE FUNCTION dossier_lib.mobile_proves(p_account uuid, p_alone boolean) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT NOT given_up AND NOT (p_alone AND passed_on) FROM dossier_data.account_mobile WHERE account_id = p_account
$$;

-- A change as the code machinery sees it.
CREATE OR REPLACE FUNCTION dossier_lib.account_change_flow(p_change dossier_data.account_change)
RETURNS dossier_data.code_flow
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_mail boolean := p_change.kind = 'email_change';
    v_facility text := CASE WHEN NOT v_mail THEN dossier_lib.mobile_held(p_change.recipient) END;
    v_proves boolean := p_change.kind <> 'password_reset'
        OR coalesce(dossier_lib.mobile_proves(p_change.account_id, p_change.mobile_alone), false);
BEGIN
    RETURN (p_change.id, p_change.kind, CASE WHEN v_mail THEN 'mail' ELSE 'sms' END, p_change.recipient,
        p_change.language, p_change.account_id, v_facility,
        p_change.account_id IS NOT NULL AND v_proves AND (v_mail OR v_facility IS NOT NULL),
        p_change.subject, p_change.closed_at, p_change.expires_at, p_change.asked_by)::dossier_data.code_flow;
END
$$;

-- A new change takes the place of the open ones of its kind and account. Not a forgotten password: anyone
-- may begin one, and must not end the holder's by it. The first that is done ends the others.
CREATE OR REPLACE FUNCTION dossier_lib.account_change_open(p_change dossier_data.account_change)
RETURNS dossier_data.account_change
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_change dossier_data.account_change;
BEGIN
    UPDATE dossier_data.account_change SET closed_at = now()
    WHERE kind = p_change.kind AND kind <> 'password_reset' AND closed_at IS NULL
      AND account_id = p_change.account_id;
    INSERT INTO dossier_data.account_change (kind, account_id, recipient, language, subject, asked_by, mobile_alone,
        expires_at)
    VALUES (p_change.kind, p_change.account_id, p_change.recipient, p_change.language, p_change.subject,
        p_change.asked_by, coalesce(p_change.mobile_alone, false),
        now() + dossier_lib.minutes(dossier_lib.limit_of('account_change_minutes')))
    RETURNING * INTO v_change;
    RETURN v_change;
END
$$;

-- The change behind its account; null when it is of another kind or another account (p_account null:
-- nobody has said who it is).
CREATE OR REPLACE FUNCTION dossier_lib.account_change_lock(p_id uuid, p_kind text, p_account uuid)
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
CREATE OR REPLACE FUNCTION dossier_lib.account_change_audit(
    p_kind text, p_account uuid, p_step text, p_outcome text, p_address text, p_change uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.audit_write(CASE p_kind WHEN 'password_reset' THEN 'anyone' ELSE 'account' END,
        CASE WHEN p_kind <> 'password_reset' THEN p_account END, p_kind || '_' || p_step, p_outcome,
        p_address, account => p_account, object => CASE WHEN p_account IS NOT NULL THEN p_change END);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.account_change_sent(
    p_change dossier_data.account_change, p_resend_after int) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', 'ok', 'id', p_change.id,
        'expires_at', dossier_lib.rfc3339(now() + dossier_lib.minutes(dossier_lib.limit_of('code_minutes'))),
        'resend_after', p_resend_after)
$$;

-- Whose codes those of a forgotten password are, and how they are asked for: of the login as it was typed,
-- which says nothing of the account's other one; of login and codice fiscale; or, of who comes with a device
-- the account knows or shows a slip, those of device or slip alone, which strangers cannot use up.
CREATE OR REPLACE FUNCTION dossier_lib.password_reset_subject(
    OUT subject text, OUT asked_by text, p jsonb, p_account uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_device uuid := dossier_lib.device_known(p_account, p ->> 'device_hash');
    v_slip uuid := dossier_lib.slip_shown(p ->> 'codice_fiscale', p -> 'macs');
BEGIN
    subject := dossier_lib.digest(CASE WHEN v_device IS NULL
        THEN concat_ws(':', 'reset', p ->> 'login', p ->> 'codice_fiscale', v_slip) ELSE 'device:' || v_device END);
    asked_by := CASE WHEN v_device IS NOT NULL OR v_slip IS NOT NULL THEN 'proved'
        WHEN p ->> 'codice_fiscale' IS NOT NULL THEN 'pair' ELSE 'anyone' END;
END
$$;

-- The account of a login; none of it, if a codice fiscale was given that is another person's.
CREATE OR REPLACE FUNCTION dossier_lib.password_reset_account(p jsonb) RETURNS dossier_data.account
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account dossier_data.account;
BEGIN
    SELECT * INTO v_account FROM dossier_data.account a
    WHERE (p ->> 'kind' = 'email' AND a.email = p ->> 'login' OR p ->> 'kind' = 'mobile' AND a.mobile = p ->> 'login')
      AND (p ->> 'codice_fiscale' IS NULL OR EXISTS (SELECT FROM dossier_data.patient
          WHERE id = a.patient_id AND codice_fiscale = dossier_lib.codice_fiscale_now(p ->> 'codice_fiscale')))
    FOR NO KEY UPDATE;
    RETURN v_account;
END
$$;

-- Counts one more code of an account for a new mobile or e-mail. Null: it may go. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_lib.contact_change_refusal(p_account uuid) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_wait int := dossier_lib.throttle_wait(
        dossier_lib.throttle_lock('contact_change', p_account::text, '24 hours'),
        dossier_lib.limit_of('contact_changes_per_day'), '24 hours');
BEGIN
    IF v_wait > 0 THEN
        RETURN dossier_lib.throttled(v_wait, dossier_lib.limit_of('contact_changes_per_day'));
    END IF;
    PERFORM dossier_lib.throttle_hit('contact_change', p_account::text);
    RETURN NULL;
END
$$;

-- Alerts that wait follow the account to its new address, or stay here when it has none. One that is on its
-- way is left alone.
CREATE OR REPLACE FUNCTION dossier_lib.alerts_follow(p_account uuid, p_channel text, p_recipient text) RETURNS void
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
CREATE OR REPLACE FUNCTION dossier_lib.email_release(p_email text, p_prover uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_other dossier_data.account;
BEGIN
    UPDATE dossier_data.account SET email = NULL
    WHERE email = p_email AND email_proved_at IS NULL AND id <> p_prover RETURNING * INTO v_other;
    IF FOUND THEN
        PERFORM dossier_lib.alerts_follow(v_other.id, 'mail', NULL);
        PERFORM dossier_lib.message_queue(v_other.id, 'email_changed', 'sms');
        PERFORM dossier_lib.audit_write('system', NULL, 'email_removed', 'ok', NULL, account => v_other.id,
            detail => 'another account proved it');
    END IF;
END
$$;

-- Writes the new mobile, or the new e-mail, proved. Null, or which outcome says that another account has it.
CREATE OR REPLACE FUNCTION dossier_lib.contact_set(p_account uuid, p_kind text, p_recipient text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_kind = 'mobile_change' THEN
        UPDATE dossier_data.account SET mobile = p_recipient, mobile_proved_at = now() WHERE id = p_account;
        PERFORM dossier_lib.alerts_follow(p_account, 'sms', p_recipient);
    ELSE
        PERFORM dossier_lib.email_release(p_recipient, p_account);
        UPDATE dossier_data.account SET email = p_recipient,
            email_proved_at = CASE WHEN p_recipient IS NOT NULL THEN now() END
        WHERE id = p_account;
        PERFORM dossier_lib.alerts_follow(p_account, 'mail', p_recipient);
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
CREATE OR REPLACE FUNCTION dossier_lib.contact_tell(p_old dossier_data.account, p_kind text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_kind = 'mobile_change' THEN
        PERFORM dossier_lib.message_queue_to('sms', p_old.mobile, p_old.language, p_old.id, 'mobile_changed');
        PERFORM dossier_lib.message_queue_to('mail', p_old.email, p_old.language, p_old.id, 'mobile_changed');
    ELSE
        PERFORM dossier_lib.message_queue_to('mail', p_old.email, p_old.language, p_old.id, 'email_changed');
        PERFORM dossier_lib.message_queue_to('sms', p_old.mobile, p_old.language, p_old.id, 'email_changed');
    END IF;
END
$$;
