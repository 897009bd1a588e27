-- "Il mio profilo": what the account holder wrote, and what may be changed without a code.

CREATE OR REPLACE FUNCTION dossier.profile_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_profile json := profile_json((p ->> 'account_id')::uuid);
BEGIN
    IF v_profile IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    RETURN answer('ok', json_build_object('profile', v_profile));
END
$$;

-- What is not named stays as it is.
CREATE OR REPLACE FUNCTION dossier.profile_change(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_alerts jsonb := p -> 'alerts';
BEGIN
    UPDATE account SET language = coalesce(p ->> 'language', language),
        alert_sms = coalesce((v_alerts ->> 'sms')::boolean, alert_sms),
        alert_mail = coalesce((v_alerts ->> 'mail')::boolean, alert_mail),
        alert_last_call = coalesce((v_alerts ->> 'last_call')::boolean, alert_last_call)
    WHERE id = v_account;
    IF NOT FOUND THEN -- it was deleted while this waited
        RETURN outcome('unauthenticated');
    END IF;
    PERFORM audit_write('account', v_account, 'profile_changed', 'ok', p ->> 'address');
    RETURN answer('ok', json_build_object('profile', profile_json(v_account)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.password_change(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_session uuid := (p ->> 'session_id')::uuid;
BEGIN
    PERFORM FROM account WHERE id = v_account FOR NO KEY UPDATE;
    IF password_proof_take(p) IS NOT NULL THEN
        RETURN outcome('password_required');
    END IF;
    PERFORM password_set(v_account, p ->> 'password_hash', v_session);
    PERFORM session_renew(v_account, v_session, p ->> 'token_hash');
    PERFORM audit_write('account', v_account, 'password_changed', 'ok', p ->> 'address');
    RETURN outcome('ok');
END
$$;
