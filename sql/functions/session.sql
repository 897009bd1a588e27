CREATE OR REPLACE FUNCTION dossier_data.account_json(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', id, 'first_name', first_name, 'last_name', last_name,
        'mobile', mobile, 'email', email, 'language', language)
    FROM dossier_data.account WHERE id = p_account
$$;

-- The account as a session that was opened then sees it.
CREATE OR REPLACE FUNCTION dossier_data.session_account(p_account uuid, p_login timestamptz) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT dossier_data.account_json(p_account) || jsonb_build_object('consents_due',
        EXISTS (SELECT FROM dossier_data.consents_due(p_account, p_login)))
$$;

-- The device by whose cookie this account knows who asks, or null.
CREATE OR REPLACE FUNCTION dossier_data.device_known(p_account uuid, p_token_hash text) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT id FROM dossier_data.device WHERE account_id = p_account AND token_hash = p_token_hash
$$;

-- The device of a login, told by mail when the account has not logged in with it before; the one it was
-- registered with is known from the start.
CREATE OR REPLACE FUNCTION dossier_data.device_seen(p_account uuid, p_session jsonb) RETURNS uuid
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
            PERFORM dossier_data.message_queue(p_account, 'new_device', 'mail',
                p_device => dossier_data.device_named(p_session ->> 'user_agent'));
        END IF;
    END IF;
    RETURN v_device.id;
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.session_open(
    p_account uuid, p_session jsonb, p_address text) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_session uuid;
BEGIN
    INSERT INTO dossier_data.session (token_hash, account_id, user_agent, address)
    VALUES (p_session ->> 'token_hash', p_account, left(p_session ->> 'user_agent', 200), p_address)
    RETURNING id INTO v_session;
    PERFORM dossier_data.audit_write('account', p_account, 'login', 'ok', p_address, object => v_session,
        detail => 'device ' || dossier_data.device_seen(p_account, p_session));
    RETURN v_session;
END
$$;

CREATE OR REPLACE FUNCTION dossier.session_load(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_session session;
    v_language text;
BEGIN
    SELECT * INTO v_session FROM session
    WHERE token_hash = p ->> 'token_hash' AND closed_at IS NULL
      AND now() < last_seen_at + minutes(limit_of('session_idle_minutes'))
      AND now() < created_at + minutes(limit_of('session_total_minutes'));
    IF NOT FOUND THEN
        RETURN outcome('unauthenticated');
    END IF;
    IF v_session.last_seen_at <= now() - make_interval(secs => limit_of('session_seen_seconds')) THEN
        -- only ever an UPDATE of an open row: a request in flight brings no closed session back
        UPDATE session SET last_seen_at = now()
        WHERE id = v_session.id AND closed_at IS NULL AND last_seen_at < now();
    END IF;
    SELECT language INTO v_language FROM account WHERE id = v_session.account_id;
    RETURN jsonb_build_object('outcome', 'ok', 'session_id', v_session.id,
        'account_id', v_session.account_id, 'language', v_language, 'consents_due',
        EXISTS (SELECT FROM consents_due(v_session.account_id, v_session.created_at)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.session_close(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_session uuid;
BEGIN
    UPDATE session SET closed_at = now()
    WHERE id = (p ->> 'session_id')::uuid AND account_id = v_account AND closed_at IS NULL
    RETURNING id INTO v_session;
    IF FOUND THEN
        PERFORM audit_write('account', v_account, 'logout', 'ok', p ->> 'address', object => v_session);
    END IF;
    RETURN outcome('ok');
END
$$;

-- A session whose rights have changed goes on under a new token: the one before may be known to others.
CREATE OR REPLACE FUNCTION dossier_data.session_renew(
    p_account uuid, p_session uuid, p_token_hash text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.session SET token_hash = p_token_hash
    WHERE id = p_session AND account_id = p_account AND closed_at IS NULL
$$;

-- The sessions of an account that its tokens still open.
CREATE OR REPLACE FUNCTION dossier_data.sessions_live(p_account uuid) RETURNS SETOF dossier_data.session
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT * FROM dossier_data.session
    WHERE account_id = p_account AND closed_at IS NULL
      AND now() < last_seen_at + dossier_data.minutes(dossier_data.limit_of('session_idle_minutes'))
      AND now() < created_at + dossier_data.minutes(dossier_data.limit_of('session_total_minutes'));
END
$$;

-- This session first, then the one used last.
CREATE OR REPLACE FUNCTION dossier.session_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_current uuid := (p ->> 'session_id')::uuid;
BEGIN
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'sessions', coalesce(jsonb_agg(
            jsonb_build_object('id', id, 'current', id = v_current, 'device', device_of(user_agent),
                'created_at', rfc3339(created_at), 'last_seen_at', rfc3339(last_seen_at))
            ORDER BY id = v_current DESC, last_seen_at DESC, id), '[]'))
        FROM sessions_live((p ->> 'account_id')::uuid));
END
$$;

-- Closes one (ended: its id) or, when none is named, all but that of the caller.
CREATE OR REPLACE FUNCTION dossier.session_end(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_ended uuid := (p ->> 'ended')::uuid;
    v_closed uuid;
BEGIN
    IF v_ended IS NOT NULL AND NOT EXISTS (SELECT FROM sessions_live(v_account) WHERE id = v_ended) THEN
        RETURN outcome('not_found');
    END IF;
    FOR v_closed IN
        UPDATE session SET closed_at = now()
        WHERE account_id = v_account AND closed_at IS NULL
          AND CASE WHEN v_ended IS NULL THEN id <> (p ->> 'session_id')::uuid ELSE id = v_ended END
        RETURNING id
    LOOP
        PERFORM audit_write('account', v_account, 'session_ended', 'ok', p ->> 'address', object => v_closed);
    END LOOP;
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier.account_get(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account jsonb := session_account((p ->> 'account_id')::uuid, session_login(p));
BEGIN
    IF v_account IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'account', v_account);
END
$$;
