-- Logging in: counted before the password is looked at, and taken back when it was right; and sessions.

-- The pause after so many failures, doubled with each of them beyond p_free.
CREATE OR REPLACE FUNCTION dossier_lib.login_pause(p_failures int, p_free int) RETURNS interval
LANGUAGE sql STABLE AS $$
    SELECT make_interval(secs => least(dossier_lib.limit_of('login_pause_max_seconds'),
        dossier_lib.limit_of('login_pause_seconds') * 2 ^ least(20, greatest(0, p_failures - p_free))))
$$;

-- What is counted of a login. device: the account knows it; it is then counted by itself, and neither where
-- it stands nor what others do keeps it out.
CREATE OR REPLACE FUNCTION dossier_lib.login_subjects(
    OUT device uuid, OUT anywhere text, OUT place text, OUT subject text, p jsonb, p_account uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_prefix text := dossier_lib.address_prefix(p ->> 'address');
BEGIN
    device := dossier_lib.device_known(p_account, p ->> 'device_hash');
    anywhere := dossier_lib.digest(format('%s:%s', p ->> 'kind', p ->> 'login'));
    place := dossier_lib.digest(v_prefix);
    subject := dossier_lib.digest(CASE WHEN device IS NULL THEN format('%s|%s', anywhere, v_prefix)
        ELSE 'device:' || device END);
END
$$;

-- Seconds until an unknown device may try; 0: now. A login is bounded over all addresses, and by what was
-- typed: an account's other login is not touched, which would tell of it.
CREATE OR REPLACE FUNCTION dossier_lib.login_stranger_wait(p_place text, p_anywhere text, p_subject text) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_free int := dossier_lib.limit_of('login_failures_anywhere');
    v_wait int := dossier_lib.crowd_wait(
        cardinality(dossier_lib.throttle_lock('login_address', p_place, '1 hour')),
        dossier_lib.limit_of('login_failures_per_address'), p_subject);
    v_failures timestamptz[];
    v_count int;
BEGIN
    IF v_wait = 0 THEN
        v_failures := dossier_lib.throttle_lock('login_anywhere', p_anywhere, '24 hours');
        v_count := cardinality(v_failures);
        v_wait := CASE WHEN v_count < v_free OR v_count = 0 THEN 0 ELSE dossier_lib.seconds_until(
            v_failures[v_count] + dossier_lib.login_pause(v_count, v_free)) END;
    END IF;
    RETURN v_wait;
END
$$;

-- Counts it as a failure, until login_finish() says that it was none. Its id.
CREATE OR REPLACE FUNCTION dossier_lib.login_count(
    p_account dossier_data.account, p_subjects record, p_tat timestamptz, p_failures int) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_attempt dossier_data.login_attempt;
BEGIN
    INSERT INTO dossier_data.login_attempt (account_id, password_set_at, login_hash, prefix, anywhere, cost, hit_at)
    VALUES (p_account.id, p_account.password_set_at, p_subjects.subject, p_subjects.place,
        CASE WHEN p_subjects.device IS NULL THEN p_subjects.anywhere END,
        dossier_lib.login_pause(p_failures + 1, dossier_lib.limit_of('login_burst')), clock_timestamp())
    RETURNING * INTO v_attempt;
    UPDATE dossier_data.throttle SET hits = hits || v_attempt.hit_at, tat = p_tat + v_attempt.cost
    WHERE scope = 'login' AND subject = v_attempt.login_hash;
    IF p_subjects.device IS NULL THEN
        PERFORM dossier_lib.turn_take(p_subjects.subject);
        -- of both no more than tells how long the pause is
        UPDATE dossier_data.throttle SET hits = dossier_lib.newest(hits || v_attempt.hit_at, CASE scope
            WHEN 'login_address' THEN dossier_lib.crowd_most(dossier_lib.limit_of('login_failures_per_address'))
            ELSE dossier_lib.limit_of('login_failures_anywhere') + 20 END)
        WHERE (scope, subject) IN (('login_address', v_attempt.prefix), ('login_anywhere', v_attempt.anywhere));
    END IF;
    RETURN v_attempt.id;
END
$$;

-- Takes a counted attempt back. p_all: it was right, so the failures before it are forgotten too.
CREATE OR REPLACE FUNCTION dossier_lib.login_forgive(
    p_attempt dossier_data.login_attempt, p_all boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_attempt.anywhere IS NOT NULL THEN -- in the order in which they were counted
        PERFORM dossier_lib.throttle_forgive('login_address', p_attempt.prefix, p_attempt.hit_at);
        PERFORM dossier_lib.throttle_forgive('login_anywhere', p_attempt.anywhere, p_attempt.hit_at);
    END IF;
    UPDATE dossier_data.throttle
    SET hits = CASE WHEN p_all THEN '{}' ELSE array_remove(hits, p_attempt.hit_at) END,
        tat = CASE WHEN p_all THEN NULL ELSE tat - p_attempt.cost END
    WHERE scope = 'login' AND subject = p_attempt.login_hash;
END
$$;

-- When a session was opened; now, if there is none.
CREATE OR REPLACE FUNCTION dossier_lib.session_login(p_account uuid, p_session uuid) RETURNS TABLE (at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(s.created_at, now()) FROM (SELECT) one
    LEFT JOIN dossier_data.session s ON s.id = p_session AND s.account_id = p_account
$$;

CREATE OR REPLACE FUNCTION dossier_lib.account_json(a dossier_data.account) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', a.id, 'first_name', a.first_name, 'last_name', a.last_name,
        'mobile', a.mobile, 'email', a.email, 'language', a.language)
$$;

-- The account as a session that was opened then sees it.
CREATE OR REPLACE FUNCTION dossier_lib.session_account(p_account uuid, p_login timestamptz) RETURNS TABLE (told jsonb)
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.account_json(a) || jsonb_build_object('consents_due',
        EXISTS (SELECT FROM dossier_lib.consents_due(p_account, p_login)))
    FROM dossier_data.account a WHERE a.id = p_account
$$;

-- The device of this account that sent this cookie, or null.
CREATE OR REPLACE FUNCTION dossier_lib.device_known(p_account uuid, p_token_hash text) RETURNS uuid
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT id FROM dossier_data.device WHERE account_id = p_account AND token_hash = p_token_hash);
END
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

-- The sessions that their tokens still open. A limit that is not there would end them all. seen_due: their last request is
-- to be noted.
CREATE OR REPLACE FUNCTION dossier_lib.sessions_live()
RETURNS TABLE (id uuid, token_hash text, account_id uuid, user_agent text, created_at timestamptz,
    last_seen_at timestamptz, seen_due boolean)
LANGUAGE sql STABLE AS $$
    SELECT s.id, s.token_hash, s.account_id, s.user_agent, s.created_at, s.last_seen_at,
        s.last_seen_at <= now() - make_interval(secs => l.seen_seconds)
    FROM dossier_data.session s CROSS JOIN (
        SELECT max(value) FILTER (WHERE name = 'session_seen_seconds') AS seen_seconds,
            max(value) FILTER (WHERE name = 'session_idle_minutes') AS idle_minutes,
            max(value) FILTER (WHERE name = 'session_total_minutes') AS total_minutes
        FROM dossier_data.throttle_limit) l
    WHERE s.closed_at IS NULL AND now() < s.last_seen_at + dossier_lib.minutes(l.idle_minutes)
      AND now() < s.created_at + dossier_lib.minutes(l.total_minutes)
$$;
