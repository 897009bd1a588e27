-- What keeps the cost of SMS within bounds, and nights quiet. Alerts, and codes that anyone may ask for, use up
-- a part of each budget and cap only; the rest is for what a person waits for.

-- How many SMS have left in the running minute, hour and day. The rows are locked, so that several
-- nodes keep to one budget.
CREATE OR REPLACE FUNCTION dossier_lib.sms_budget_lock(OUT used_minute int, OUT used_hour int, OUT used_day int)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.sms_budget ORDER BY period FOR UPDATE;
    -- the clock, not the transaction's time: who waited for the lock would find a period begun after it
    UPDATE dossier_data.sms_budget SET used = 0, started_at = clock_timestamp()
    WHERE clock_timestamp() >= started_at + CASE period WHEN 'day' THEN interval '24 hours'
            WHEN 'hour' THEN interval '1 hour' ELSE interval '1 minute' END
       OR started_at > clock_timestamp() + interval '1 minute'; -- the clock was set back
    SELECT max(used) FILTER (WHERE period = 'minute'), max(used) FILTER (WHERE period = 'hour'),
           max(used) FILTER (WHERE period = 'day')
    INTO used_minute, used_hour, used_day FROM dossier_data.sms_budget;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.sms_budget_left(
    p_used_minute int, p_used_hour int, p_used_day int, p_percent int) RETURNS int
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN greatest(0, least(dossier_lib.limit_of('sms_per_minute') * p_percent / 100 - p_used_minute,
                             dossier_lib.limit_of('sms_per_hour') * p_percent / 100 - p_used_hour,
                             dossier_lib.limit_of('sms_per_day') * p_percent / 100 - p_used_day));
END
$$;

-- When the p_cap-th newest of these SMS will be an hour old; null: there are fewer.
CREATE OR REPLACE FUNCTION dossier_lib.sms_cap_until(p_sent timestamptz[], p_cap int) RETURNS timestamptz
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT t FROM unnest(p_sent) t ORDER BY t DESC OFFSET greatest(p_cap, 1) - 1 LIMIT 1)
        + interval '1 hour';
END
$$;

-- When SMS left in the last hour, by number or account; what is on its way counts as sent. Only those asked
-- for in the same way: what strangers have sent to a number keeps back nothing else.
CREATE OR REPLACE FUNCTION dossier_lib.sms_sent(
    p_message dossier_data.outbox, p_recipient text, p_account uuid) RETURNS timestamptz[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT array_agg(coalesce(o.ended_at, o.claimed_at)) FROM dossier_data.outbox o
        WHERE o.channel = 'sms' AND (o.recipient = p_recipient OR o.account_id = p_account) AND o.id <> p_message.id
          AND o.asked_by IS NOT DISTINCT FROM p_message.asked_by
          AND (o.ended_at > now() - interval '1 hour' AND o.tries > 0 AND o.state <> 'failed'
               OR o.ended_at IS NULL AND o.claimed_at IS NOT NULL));
END
$$;

-- Until when this SMS waits because its number or its account has had its share; null: it may leave.
CREATE OR REPLACE FUNCTION dossier_lib.sms_held_until(p_message dossier_data.outbox, p_percent int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN p_message.asked_by IS DISTINCT FROM 'proved' THEN greatest(
        dossier_lib.sms_cap_until(dossier_lib.sms_sent(p_message, p_message.recipient, NULL),
            dossier_lib.limit_of('sms_per_number_hour') * p_percent / 100),
        dossier_lib.sms_cap_until(dossier_lib.sms_sent(p_message, NULL, p_message.account_id),
            dossier_lib.limit_of('sms_per_account_hour') * p_percent / 100)) END;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.sms_allowed(p_mobile text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (SELECT FROM dossier_data.sms_prefix WHERE starts_with(p_mobile, prefix));
END
$$;

-- Seconds until this subject may ask for a code from this address; 0: now, and p_count counts it.
CREATE OR REPLACE FUNCTION dossier_lib.code_address_wait(p_address text, p_subject text, p_count boolean) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_most int := dossier_lib.limit_of('sms_per_address_hour');
    v_prefix text := dossier_lib.address_prefix(p_address);
    v_place text := dossier_lib.digest(v_prefix);
    v_subject text := dossier_lib.digest(format('%s|%s', p_subject, v_prefix));
    v_wait int := dossier_lib.crowd_wait(
        cardinality(dossier_lib.throttle_lock('code_address', v_place, '1 hour')), v_most, v_subject);
BEGIN
    IF v_wait = 0 AND p_count THEN
        PERFORM dossier_lib.turn_take(v_subject);
        UPDATE dossier_data.throttle SET hits = dossier_lib.newest(hits || clock_timestamp(),
            dossier_lib.crowd_most(v_most))
        WHERE scope = 'code_address' AND subject = v_place;
    END IF;
    RETURN v_wait;
END
$$;

-- The end of the quiet hours {from, until} ("22:00", by Italian clocks) that run now; null: none run.
CREATE OR REPLACE FUNCTION dossier_lib.quiet_until(p_quiet jsonb, p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_from time := (p_quiet ->> 'from')::time;
    v_until time := (p_quiet ->> 'until')::time;
    v_local timestamp := p_now AT TIME ZONE 'Europe/Rome';
    v_clock time := v_local::time;
    v_quiet boolean := CASE WHEN v_from < v_until THEN v_clock >= v_from AND v_clock < v_until
        ELSE v_clock >= v_from OR v_clock < v_until END; -- null: there are no such hours
BEGIN
    IF v_quiet IS NOT TRUE THEN
        RETURN NULL;
    END IF;
    RETURN (v_local::date + (v_clock >= v_until)::int + v_until) AT TIME ZONE 'Europe/Rome';
END
$$;

-- Alerts that fall due in quiet hours fall due at their end instead. They gather on meanwhile.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_quieten(p_channel text, p_quiet jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_until timestamptz := dossier_lib.quiet_until(p_quiet, now());
BEGIN
    IF v_until IS NULL THEN
        RETURN;
    END IF;
    UPDATE dossier_data.outbox o SET not_before = v_until, due_at = greatest(due_at, v_until),
        -- a last call comes no later than what it calls for vanishes
        give_up_at = give_up_at + CASE template WHEN 'last_call' THEN interval '0' ELSE v_until - now() END
    FROM (SELECT id FROM dossier_data.outbox
          WHERE state = 'queued' AND channel = p_channel AND dossier_lib.outbox_may_wait(template)
            AND not_before <= now() AND claimed_at IS NULL
          LIMIT 1000 FOR UPDATE SKIP LOCKED) due
    WHERE o.id = due.id;
END
$$;

-- Alerts, which nobody waits for: never codes, never what tells of a change to the account.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_may_wait(p_template text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_template IN ('new_documents', 'last_call', 'minor_handover_soon')
$$;
