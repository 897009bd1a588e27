-- Logging in: counted before the password is looked at, and taken back when it was right.

-- The pause after so many failures, doubled with each of them beyond p_free.
CREATE OR REPLACE FUNCTION dossier_data.login_pause(p_failures int, p_free int) RETURNS interval
LANGUAGE sql STABLE AS $$
    SELECT make_interval(secs => least(dossier_data.limit_of('login_pause_max_seconds'),
        dossier_data.limit_of('login_pause_seconds') * 2 ^ least(20, greatest(0, p_failures - p_free))))
$$;

-- What is counted of a login. device: the account knows it; it is then counted by itself, and neither where
-- it stands nor what others do keeps it out.
CREATE OR REPLACE FUNCTION dossier_data.login_subjects(
    OUT device uuid, OUT anywhere text, OUT place text, OUT subject text, p jsonb, p_account uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_prefix text := dossier_data.address_prefix(p ->> 'address');
BEGIN
    device := dossier_data.device_known(p_account, p ->> 'device_hash');
    anywhere := dossier_data.digest(format('%s:%s', p ->> 'kind', p ->> 'login'));
    place := dossier_data.digest(v_prefix);
    subject := dossier_data.digest(CASE WHEN device IS NULL THEN format('%s|%s', anywhere, v_prefix)
        ELSE 'device:' || device END);
END
$$;

-- Seconds until an unknown device may try; 0: now. A login is bounded over all addresses, and by what was
-- typed: an account's other login is not touched, which would tell of it.
CREATE OR REPLACE FUNCTION dossier_data.login_stranger_wait(p_place text, p_anywhere text, p_subject text) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_free int := dossier_data.limit_of('login_failures_anywhere');
    v_wait int := dossier_data.crowd_wait(
        cardinality(dossier_data.throttle_lock('login_address', p_place, '1 hour')),
        dossier_data.limit_of('login_failures_per_address'), p_subject);
    v_failures timestamptz[];
    v_count int;
BEGIN
    IF v_wait = 0 THEN
        v_failures := dossier_data.throttle_lock('login_anywhere', p_anywhere, '24 hours');
        v_count := cardinality(v_failures);
        v_wait := CASE WHEN v_count < v_free OR v_count = 0 THEN 0 ELSE dossier_data.seconds_until(
            v_failures[v_count] + dossier_data.login_pause(v_count, v_free)) END;
    END IF;
    RETURN v_wait;
END
$$;

-- Counts it as a failure, until login_finish() says that it was none. Its id.
DROP FUNCTION IF EXISTS dossier_data.login_count(uuid, record, timestamptz, int);
CREATE OR REPLACE FUNCTION dossier_data.login_count(
    p_account dossier_data.account, p_subjects record, p_tat timestamptz, p_failures int) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_attempt dossier_data.login_attempt;
BEGIN
    PERFORM dossier_data.turn_take(p_subjects.subject);
    INSERT INTO dossier_data.login_attempt (account_id, password_set_at, login_hash, prefix, anywhere, cost, hit_at)
    VALUES (p_account.id, p_account.password_set_at, p_subjects.subject, p_subjects.place,
        CASE WHEN p_subjects.device IS NULL THEN p_subjects.anywhere END,
        dossier_data.login_pause(p_failures + 1, dossier_data.limit_of('login_burst')), clock_timestamp())
    RETURNING * INTO v_attempt;
    UPDATE dossier_data.throttle SET hits = hits || v_attempt.hit_at, tat = p_tat + v_attempt.cost
    WHERE scope = 'login' AND subject = v_attempt.login_hash;
    -- of both no more than tells how long the pause is
    UPDATE dossier_data.throttle SET hits = dossier_data.newest(hits || v_attempt.hit_at, CASE scope
        WHEN 'login_address' THEN dossier_data.crowd_most(dossier_data.limit_of('login_failures_per_address'))
        ELSE dossier_data.limit_of('login_failures_anywhere') + 20 END)
    WHERE v_attempt.anywhere IS NOT NULL
      AND (scope, subject) IN (('login_address', v_attempt.prefix), ('login_anywhere', v_attempt.anywhere));
    RETURN v_attempt.id;
END
$$;

CREATE OR REPLACE FUNCTION dossier.login_begin(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    RETURN jsonb_build_object('outcome', 'ok', 'account_id', v_account.id, 'password_hash', v_account.password_hash,
        'known_device', v_subjects.device IS NOT NULL,
        'attempt', login_count(v_account, v_subjects, v_tat, cardinality(v_failures)));
END
$$;

-- Takes a counted attempt back. p_all: it was right, so the failures before it are forgotten too.
CREATE OR REPLACE FUNCTION dossier_data.login_forgive(
    p_attempt dossier_data.login_attempt, p_all boolean) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_attempt.anywhere IS NOT NULL THEN -- in the order in which they were counted
        PERFORM dossier_data.throttle_forgive('login_address', p_attempt.prefix, p_attempt.hit_at);
        PERFORM dossier_data.throttle_forgive('login_anywhere', p_attempt.anywhere, p_attempt.hit_at);
    END IF;
    UPDATE dossier_data.throttle
    SET hits = CASE WHEN p_all THEN '{}' ELSE array_remove(hits, p_attempt.hit_at) END,
        tat = CASE WHEN p_all THEN NULL ELSE tat - p_attempt.cost END
    WHERE scope = 'login' AND subject = p_attempt.login_hash;
END
$$;

CREATE OR REPLACE FUNCTION dossier.login_finish(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    RETURN jsonb_build_object('outcome', 'ok', 'account', session_account(v_account.id, now()),
        'session_id', v_session);
END
$$;
