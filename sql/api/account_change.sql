-- What a forgotten password, a new mobile and a new e-mail have in common: the code is sent again, and tried.

CREATE OR REPLACE FUNCTION dossier.account_change_resend(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', (p ->> 'account_id')::uuid);
    v_refusal answer;
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
    IF v_refusal.outcome IS NULL THEN
        v_send := code_send_count(v_change.subject, v_change.asked_by, p ->> 'address');
        v_refusal := CASE WHEN v_send.wait > 0 THEN throttled(v_send.wait) END;
    END IF;
    PERFORM account_change_audit(v_change.kind, v_change.account_id, 'code_renewed',
        coalesce(v_refusal.outcome, 'ok'), p ->> 'address', v_change.id);
    IF v_refusal.outcome IS NOT NULL THEN
        RETURN v_refusal;
    END IF;
    PERFORM code_issue(account_change_flow(v_change), p -> 'code');
    RETURN account_change_sent(v_change, v_send.resend_after, false);
END
$$;

-- person: what a new password must not be made of; null when no account is meant.
CREATE OR REPLACE FUNCTION dossier.account_change_try(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_change account_change := account_change_lock((p ->> 'id')::uuid, p ->> 'kind', (p ->> 'account_id')::uuid);
    v_answer answer;
BEGIN
    IF v_change.id IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    v_answer := code_try(account_change_flow(v_change), p -> 'keys');
    IF v_answer.outcome <> 'ok' THEN
        PERFORM account_change_audit(v_change.kind, v_change.account_id, 'tried', v_answer.outcome,
            p ->> 'address', v_change.id);
        RETURN v_answer;
    END IF;
    RETURN answer('ok', v_answer.body::jsonb || jsonb_build_object('person', profile_json(v_change.account_id)));
END
$$;
