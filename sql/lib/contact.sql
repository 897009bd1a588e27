-- A new mobile or e-mail: how often it may be asked for, written, and told.

-- Counts one more code of an account for a new mobile or e-mail. Null: it may go. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_lib.contact_change_refusal(p_account uuid) RETURNS dossier_data.answer
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

-- An e-mail that another account only wrote down belongs to the account that has proved it; that account keeps its mobile,
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
