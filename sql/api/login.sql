-- Logging in: counted before the password is looked at, and taken back when it was right.

CREATE OR REPLACE FUNCTION dossier.login_begin(p jsonb) RETURNS jsonb
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
    RETURN jsonb_build_object('outcome', 'ok', 'account_id', v_account.id, 'password_hash', v_account.password_hash,
        'known_device', v_subjects.device IS NOT NULL,
        'attempt', login_count(v_account, v_subjects, v_tat, cardinality(v_failures)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.login_finish(p jsonb) RETURNS jsonb
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
    RETURN jsonb_build_object('outcome', 'ok', 'account', session_account(v_account.id, now()),
        'session_id', v_session);
END
$$;
