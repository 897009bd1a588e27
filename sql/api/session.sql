-- Sessions: loaded with each request, listed, ended.

CREATE OR REPLACE FUNCTION dossier.session_load(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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

-- This session first, then the one used last.
CREATE OR REPLACE FUNCTION dossier.session_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account jsonb := session_account((p ->> 'account_id')::uuid, session_login(p));
BEGIN
    IF v_account IS NULL THEN
        RETURN outcome('not_found');
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'account', v_account);
END
$$;
