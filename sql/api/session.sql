-- Logging in: counted before the password is looked at, and taken back when it was right. Sessions: loaded
-- with each request, listed, ended.

CREATE OR REPLACE FUNCTION dossier.session_begin(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account account;
    v_subjects record;
    v_failures timestamptz[];
    v_tat timestamptz;
    v_wait int := 0;
BEGIN
    IF p ->> 'kind' = 'mobile' THEN
        SELECT * INTO v_account FROM account WHERE mobile = p ->> 'login' FOR KEY SHARE;
    ELSIF p ->> 'kind' = 'email' THEN
        SELECT * INTO v_account FROM account WHERE email = lower(p ->> 'login') FOR KEY SHARE;
    END IF;
    v_subjects := login_subjects(p, v_account.id);
    IF v_subjects.device IS NULL THEN
        v_wait := login_stranger_wait(v_subjects.place, v_subjects.anywhere, v_subjects.subject);
    END IF;
    IF v_wait = 0 THEN
        v_failures := throttle_lock('login', v_subjects.subject, '1 hour');
        -- GCRA: conforming while no more than a burst is ahead of the clock
        SELECT greatest(tat, clock_timestamp()) INTO v_tat FROM throttle
        WHERE scope = 'login' AND subject = v_subjects.subject;
        v_wait := seconds_until(v_tat - make_interval(
            secs => (limit_of('login_burst') - 1) * limit_of('login_pause_seconds')));
    END IF;
    IF v_wait > 0 THEN
        PERFORM audit_write('anyone', NULL, 'login', 'throttled', p ->> 'address', account => v_account.id);
        RETURN throttled(v_wait, limit_of('login_burst'));
    END IF;
    RETURN answer('ok', jsonb_build_object('account_id', v_account.id, 'password_hash', v_account.password_hash,
        'known_device', v_subjects.device IS NOT NULL,
        'attempt', login_count(v_account, v_subjects, v_tat, cardinality(v_failures))));
END
$$;

CREATE OR REPLACE FUNCTION dossier.session_finish(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_attempt login_attempt;
    v_account account;
    v_session uuid;
BEGIN
    UPDATE login_attempt SET finished_at = now()
    WHERE id = (p ->> 'attempt')::uuid AND finished_at IS NULL RETURNING * INTO v_attempt;
    IF NOT FOUND THEN
        RETURN outcome('login_failed');
    END IF;
    IF (p -> 'right') IS NULL OR p -> 'right' = 'null' THEN
        PERFORM login_forgive(v_attempt, false); -- the password was not looked at
        RETURN outcome('login_failed');
    END IF;
    SELECT * INTO v_account FROM account WHERE id = v_attempt.account_id FOR NO KEY UPDATE;
    IF NOT (p ->> 'right')::boolean OR v_account.id IS NULL
            OR v_account.password_set_at IS DISTINCT FROM v_attempt.password_set_at
            OR now() > v_attempt.created_at + make_interval(secs => limit_of('login_judge_seconds')) THEN
        PERFORM audit_write('anyone', NULL, 'login', 'login_failed', p ->> 'address',
            account => v_attempt.account_id);
        RETURN outcome('login_failed');
    END IF;
    PERFORM login_forgive(v_attempt, true);
    IF p ->> 'rehash' IS NOT NULL THEN
        UPDATE account SET password_hash = p ->> 'rehash' WHERE id = v_account.id;
    END IF;
    v_session := session_open(v_account.id, p -> 'session', p ->> 'address');
    RETURN answer('ok', json_build_object('account', (SELECT a.told FROM session_account(v_account.id, now()) a),
        'session_id', v_session));
END
$$;

-- Whether a session lets a request do what it asks for; it runs in the same statement. shown: the account whose screen the
-- page shows, if it says so; while_due: also while a consent is due. seen_due: session_seen is to be called.
CREATE OR REPLACE FUNCTION dossier.session_load(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_session record;
BEGIN
    SELECT s.id, s.account_id, s.seen_due,
        NOT coalesce((p ->> 'while_due')::boolean, false) AND EXISTS (SELECT FROM consents_due(s.account_id, s.created_at)) AS due
    INTO v_session FROM sessions_live() s WHERE s.token_hash = p ->> 'token_hash';
    RETURN CASE WHEN NOT FOUND THEN outcome('unauthenticated')
        WHEN v_session.account_id::text <> p ->> 'shown' THEN outcome('account_changed')
        WHEN v_session.due THEN outcome('consent_due')
        ELSE answer('ok', json_build_object('session_id', v_session.id, 'account_id', v_session.account_id,
            'seen_due', v_session.seen_due)) END;
END
$$;

-- A request came with it. Only ever an open row: one in flight brings no closed session back.
CREATE OR REPLACE FUNCTION dossier.session_seen(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE session SET last_seen_at = now()
    WHERE id = (p ->> 'session_id')::uuid AND closed_at IS NULL AND last_seen_at < now();
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier.session_close(p jsonb) RETURNS dossier_data.answer
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
CREATE OR REPLACE FUNCTION dossier.session_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_current uuid := (p ->> 'session_id')::uuid;
BEGIN
    RETURN (SELECT answer('ok', jsonb_build_object('sessions', coalesce(jsonb_agg(
            jsonb_build_object('id', id, 'current', id = v_current, 'device', device_of(user_agent),
                'created_at', rfc3339(created_at), 'last_seen_at', rfc3339(last_seen_at))
            ORDER BY id = v_current DESC, last_seen_at DESC, id), '[]')))
        FROM sessions_live() WHERE account_id = (p ->> 'account_id')::uuid);
END
$$;

-- Closes one (ended: its id) or, when none is named, all but that of the caller.
CREATE OR REPLACE FUNCTION dossier.session_end(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_ended uuid := (p ->> 'ended')::uuid;
    v_closed uuid;
BEGIN
    IF v_ended IS NOT NULL AND NOT EXISTS (SELECT FROM sessions_live() WHERE account_id = v_account AND id = v_ended) THEN
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

CREATE OR REPLACE FUNCTION dossier.session_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_told jsonb;
BEGIN
    SELECT a.told INTO v_told
    FROM session_login(v_account, (p ->> 'session_id')::uuid) l CROSS JOIN LATERAL session_account(v_account, l.at) a;
    RETURN CASE WHEN FOUND THEN answer('ok', json_build_object('account', v_told)) ELSE outcome('not_found') END;
END
$$;
