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
    p_change dossier_data.account_change, p_resend_after int, p_new boolean DEFAULT true) RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.answer('ok', CASE WHEN p_new THEN jsonb_build_object('id', p_change.id) ELSE '{}' END
        || jsonb_build_object('expires_at', dossier_lib.rfc3339(now() + dossier_lib.minutes(dossier_lib.limit_of('code_minutes'))),
        'resend_after', p_resend_after))
$$;
