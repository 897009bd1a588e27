CREATE OR REPLACE FUNCTION dossier_lib.account_json(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', id, 'first_name', first_name, 'last_name', last_name,
        'mobile', mobile, 'email', email, 'language', language)
    FROM dossier_data.account WHERE id = p_account
$$;

-- The account as a session that was opened then sees it.
CREATE OR REPLACE FUNCTION dossier_lib.session_account(p_account uuid, p_login timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.account_json(p_account) || jsonb_build_object('consents_due',
        EXISTS (SELECT FROM dossier_lib.consents_due(p_account, p_login)))
$$;

-- The device by whose cookie this account knows who asks, or null.
CREATE OR REPLACE FUNCTION dossier_lib.device_known(p_account uuid, p_token_hash text) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT id FROM dossier_data.device WHERE account_id = p_account AND token_hash = p_token_hash
$$;

-- The device of a login, told by mail when the account has not logged in with it before; the one it was
-- registered with is known from the start.
CREATE OR REPLACE FUNCTION dossier_lib.device_seen(p_account uuid, p_session jsonb) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_device dossier_data.device;
BEGIN
    IF p_session ->> 'device_hash' IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE dossier_data.device
    SET last_seen_at = now(), user_agent = left(p_session ->> 'user_agent', 200)
    WHERE account_id = p_account AND token_hash = p_session ->> 'device_hash' RETURNING * INTO v_device;
    IF NOT FOUND THEN
        INSERT INTO dossier_data.device AS d (account_id, token_hash, user_agent)
        VALUES (p_account, p_session ->> 'device_hash', left(p_session ->> 'user_agent', 200))
        ON CONFLICT (account_id, token_hash) DO UPDATE SET last_seen_at = now()
        RETURNING * INTO v_device;
        IF (SELECT created_at < now() FROM dossier_data.account WHERE id = p_account) THEN
            PERFORM dossier_lib.message_queue(p_account, 'new_device', 'mail',
                p_device => dossier_lib.device_named(p_session ->> 'user_agent'));
        END IF;
    END IF;
    RETURN v_device.id;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.session_open(
    p_account uuid, p_session jsonb, p_address text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_session uuid;
BEGIN
    INSERT INTO dossier_data.session (token_hash, account_id, user_agent, address)
    VALUES (p_session ->> 'token_hash', p_account, left(p_session ->> 'user_agent', 200), p_address)
    RETURNING id INTO v_session;
    PERFORM dossier_lib.audit_write('account', p_account, 'login', 'ok', p_address, object => v_session,
        detail => 'device ' || dossier_lib.device_seen(p_account, p_session));
    RETURN v_session;
END
$$;

-- A session whose rights have changed goes on under a new token: the one before may be known to others.
CREATE OR REPLACE FUNCTION dossier_lib.session_renew(
    p_account uuid, p_session uuid, p_token_hash text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.session SET token_hash = p_token_hash
    WHERE id = p_session AND account_id = p_account AND closed_at IS NULL
$$;

-- The sessions of an account that its tokens still open.
CREATE OR REPLACE FUNCTION dossier_lib.sessions_live(p_account uuid) RETURNS SETOF dossier_data.session
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT * FROM dossier_data.session
    WHERE account_id = p_account AND closed_at IS NULL
      AND now() < last_seen_at + dossier_lib.minutes(dossier_lib.limit_of('session_idle_minutes'))
      AND now() < created_at + dossier_lib.minutes(dossier_lib.limit_of('session_total_minutes'));
END
$$;
