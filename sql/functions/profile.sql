-- "Il mio profilo": what the account holder wrote, and what may be changed without a code.

CREATE OR REPLACE FUNCTION dossier_data.profile_json(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('first_name', a.first_name, 'last_name', a.last_name,
        'birth_date', a.birth_date, 'birth_place', a.birth_place, 'codice_fiscale', t.codice_fiscale,
        'mobile', a.mobile, 'email', a.email, 'email_proved', a.email_proved_at IS NOT NULL, 'language', a.language,
        'alerts', jsonb_build_object('sms', a.alert_sms, 'mail', a.alert_mail, 'last_call', a.alert_last_call))
    FROM dossier_data.account a JOIN dossier_data.patient t ON t.id = a.patient_id
    WHERE a.id = p_account
$$;

CREATE OR REPLACE FUNCTION dossier.profile_get(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_profile jsonb := profile_json((p ->> 'account_id')::uuid);
BEGIN
    IF v_profile IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'profile', v_profile);
END
$$;

-- What is not named stays as it is.
CREATE OR REPLACE FUNCTION dossier.profile_change(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_alerts jsonb := p -> 'alerts';
BEGIN
    UPDATE account SET language = coalesce(p ->> 'language', language),
        alert_sms = coalesce((v_alerts ->> 'sms')::boolean, alert_sms),
        alert_mail = coalesce((v_alerts ->> 'mail')::boolean, alert_mail),
        alert_last_call = coalesce((v_alerts ->> 'last_call')::boolean, alert_last_call)
    WHERE id = v_account;
    PERFORM audit_write('account', v_account, 'profile_changed', 'ok', p ->> 'address');
    RETURN jsonb_build_object('outcome', 'ok', 'profile', profile_json(v_account));
END
$$;

-- A new password: what was opened, begun or proved with the one before ends, but for the session that
-- asked (null: none). The person is told.
CREATE OR REPLACE FUNCTION dossier_data.password_set(p_account uuid, p_hash text, p_session uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.account SET password_hash = p_hash, password_set_at = now() WHERE id = p_account;
    UPDATE dossier_data.session SET closed_at = now()
    WHERE account_id = p_account AND closed_at IS NULL AND id IS DISTINCT FROM p_session;
    UPDATE dossier_data.account_change SET closed_at = now() WHERE account_id = p_account AND closed_at IS NULL;
    UPDATE dossier_data.password_proof SET used_at = now() WHERE account_id = p_account AND used_at IS NULL;
    PERFORM dossier_data.message_queue(p_account, 'password_changed', 'told');
END
$$;

CREATE OR REPLACE FUNCTION dossier.password_change(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
