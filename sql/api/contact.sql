-- A new mobile or e-mail, proved by a code that is sent to it; and an e-mail taken away.

-- kind: 'mobile_change' or 'email_change'. Whether the new one is somebody's, or held by an acceptance, is
-- not said here. The e-mail that the account has may be proved so, once.
CREATE OR REPLACE FUNCTION dossier.contact_change_start(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account account;
    v_change account_change;
    v_send record;
    v_refusal answer;
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
    IF v_refusal.outcome IS NULL THEN
        v_send := code_send_count(v_change.subject, v_change.asked_by, NULL); -- the account's day bounds them
        v_refusal := CASE WHEN v_send.wait > 0 THEN throttled(v_send.wait) END;
    END IF;
    IF v_refusal.outcome IS NOT NULL THEN
        PERFORM account_change_audit(v_change.kind, v_account.id, 'started', v_refusal.outcome,
            p ->> 'address', NULL);
        RETURN v_refusal;
    END IF;
    v_change := account_change_open(v_change);
    PERFORM code_issue(account_change_flow(v_change), p -> 'code');
    PERFORM account_change_audit(v_change.kind, v_account.id, 'started', 'ok', p ->> 'address', v_change.id);
    RETURN account_change_sent(v_change, v_send.resend_after);
END
$$;

CREATE OR REPLACE FUNCTION dossier.contact_change_complete(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', v_account);
    v_old account;
    v_taken text;
    v_same boolean;
    v_refusal answer;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('code_expired');
    END IF;
    v_refusal := code_refusal(account_change_flow(v_change), (p ->> 'code_id')::uuid, p ->> 'mac');
    IF v_refusal.outcome IS NULL THEN
        UPDATE account_change SET closed_at = now() WHERE id = v_change.id;
        SELECT * INTO v_old FROM account WHERE id = v_account;
        v_taken := contact_set(v_account, v_change.kind, v_change.recipient);
        v_refusal := CASE WHEN v_taken IS NOT NULL THEN outcome(v_taken) END;
    END IF;
    v_same := v_refusal.outcome IS NULL AND v_change.kind = 'email_change'
        AND v_change.recipient IS NOT DISTINCT FROM v_old.email;
    IF v_same THEN
        PERFORM audit_write('account', v_account, 'email_confirmed', 'ok', p ->> 'address', object => v_change.id);
    ELSE
        PERFORM account_change_audit(v_change.kind, v_account, 'completed', coalesce(v_refusal.outcome, 'ok'),
            p ->> 'address', v_change.id);
    END IF;
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    IF NOT v_same THEN
        PERFORM contact_tell(v_old, v_change.kind);
    END IF;
    PERFORM session_renew(v_account, (p ->> 'session_id')::uuid, p ->> 'token_hash');
    RETURN answer('ok', json_build_object('profile', profile_json(v_account)));
END
$$;

-- An account needs no e-mail. "ok" also when it had none.
CREATE OR REPLACE FUNCTION dossier.contact_email_remove(p jsonb) RETURNS dossier_data.answer
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
    RETURN answer('ok', json_build_object('profile', profile_json(v_old.id)));
END
$$;
