-- How many SMS may still leave: the whole budget for codes, a part of it for alerts. The rows are
-- locked, so that several nodes keep to one budget.
CREATE OR REPLACE FUNCTION dossier_data.sms_budget_lock(OUT used_minute int, OUT used_day int)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.sms_budget ORDER BY period FOR UPDATE;
    -- the clock, not the transaction's time: who waited for the lock would find a period begun after it
    UPDATE dossier_data.sms_budget SET used = 0, started_at = clock_timestamp()
    WHERE clock_timestamp() >= started_at + CASE period WHEN 'day' THEN interval '24 hours' ELSE interval '1 minute' END
       OR started_at > clock_timestamp() + interval '1 minute'; -- the clock was set back
    SELECT max(used) FILTER (WHERE period = 'minute'), max(used) FILTER (WHERE period = 'day')
    INTO used_minute, used_day FROM dossier_data.sms_budget;
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.sms_budget_left(p_used_minute int, p_used_day int, p_percent int)
RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT greatest(0, least(dossier_data.limit_of('sms_per_minute') * p_percent / 100 - p_used_minute,
                             dossier_data.limit_of('sms_per_day') * p_percent / 100 - p_used_day))
$$;

-- Gives up what is past its time; a try of it that no worker reported is lost.
CREATE OR REPLACE FUNCTION dossier_data.outbox_settle_old() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    WITH late AS (
        SELECT id FROM dossier_data.outbox
        WHERE state = 'queued' AND give_up_at <= now() AND (claimed_at IS NULL OR claimed_at
            <= now() - make_interval(secs => dossier_data.limit_of('outbox_claim_seconds')))
        ORDER BY give_up_at LIMIT 100 FOR UPDATE SKIP LOCKED
    ), ended AS (
        UPDATE dossier_data.outbox o SET state = 'failed', sealed = NULL, gathering = false, ended_at = now(),
            tries = tries + (claimed_at IS NOT NULL)::int, claimed_by = NULL, claimed_at = NULL
        FROM late WHERE o.id = late.id RETURNING o.id)
    UPDATE dossier_data.outbox_try t SET outcome = 'lost', ended_at = now()
    FROM ended WHERE t.outbox_id = ended.id AND t.outcome IS NULL;
END
$$;

-- Hands one message to a worker.
CREATE OR REPLACE FUNCTION dossier_data.outbox_take(p_message dossier_data.outbox, p_worker text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_tries int := p_message.tries + (p_message.claimed_at IS NOT NULL)::int;
BEGIN
    UPDATE dossier_data.outbox_try SET outcome = 'lost', ended_at = now()
    WHERE outbox_id = p_message.id AND outcome IS NULL;
    UPDATE dossier_data.outbox SET claimed_by = p_worker, claimed_at = now(), gathering = false,
        tries = v_tries WHERE id = p_message.id;
    INSERT INTO dossier_data.outbox_try (outbox_id, worker) VALUES (p_message.id, p_worker);
    RETURN jsonb_build_object('id', p_message.id, 'channel', p_message.channel,
        'to', p_message.recipient, 'template', p_message.template,
        'language', p_message.language, 'facility', p_message.facility_id, 'sealed', p_message.sealed,
        'code_id', p_message.code_id, 'tries', v_tries,
        'give_up_at', dossier_data.rfc3339(p_message.give_up_at));
END
$$;

CREATE OR REPLACE FUNCTION dossier.outbox_claim(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_channel text := p ->> 'channel'; -- null: any
    v_stale timestamptz := now() - make_interval(secs => limit_of('outbox_claim_seconds'));
    v_message outbox;
    v_budget record;
    v_left int;
    v_sms int := 0;
    v_messages jsonb := '[]';
BEGIN
    PERFORM outbox_settle_old();
    FOR v_message IN
        SELECT * FROM outbox
        WHERE state = 'queued' AND not_before <= now() AND now() < give_up_at
          AND (claimed_at IS NULL OR claimed_at <= v_stale)
          AND channel = ANY (CASE WHEN v_channel IS NULL THEN '{sms,mail}' ELSE ARRAY[v_channel] END)
        ORDER BY priority, not_before LIMIT greatest(0, least(1000, (p ->> 'limit')::int))
        FOR UPDATE SKIP LOCKED
    LOOP
        IF v_message.channel = 'sms' THEN
            IF v_budget IS NULL THEN
                v_budget := sms_budget_lock();
            END IF;
            v_left := sms_budget_left(v_budget.used_minute, v_budget.used_day,
                CASE WHEN v_message.priority < 2 THEN 100 ELSE limit_of('sms_alert_percent') END) - v_sms;
            CONTINUE WHEN v_left <= 0; -- waits for the next minute or day
            v_sms := v_sms + 1;
        END IF;
        v_messages := v_messages || outbox_take(v_message, p ->> 'worker');
    END LOOP;
    IF v_sms > 0 THEN
        UPDATE sms_budget SET used = used + v_sms;
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'messages', v_messages);
END
$$;

-- What one worker says of one message. A claim that is another's by now, or was reported, is left alone.
CREATE OR REPLACE FUNCTION dossier_data.outbox_settle(p_worker text, p_result jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_message dossier_data.outbox;
    v_outcome text := p_result ->> 'outcome';
    v_ended text;
BEGIN
    SELECT * INTO v_message FROM dossier_data.outbox
    WHERE id = (p_result ->> 'id')::uuid AND claimed_by = p_worker FOR UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE dossier_data.outbox_try SET outcome = v_outcome, ended_at = now(),
        provider_id = left(p_result ->> 'provider_id', 200), error = left(p_result ->> 'error', 200)
    WHERE outbox_id = v_message.id AND worker = p_worker AND outcome IS NULL;
    v_ended := CASE WHEN v_message.state <> 'queued' THEN v_message.state -- cancelled on its way
        WHEN v_outcome = 'sent' THEN 'sent'
        WHEN v_outcome = 'retry' AND now() < v_message.give_up_at THEN 'queued'
        ELSE 'failed' END;
    UPDATE dossier_data.outbox SET state = v_ended, tries = tries + 1, claimed_by = NULL, claimed_at = NULL,
        sealed = CASE WHEN v_ended = 'queued' THEN sealed END,
        ended_at = CASE WHEN v_ended <> 'queued' THEN coalesce(ended_at, now()) END,
        provider_id = coalesce(left(p_result ->> 'provider_id', 200), provider_id),
        -- 1, 2, 4, ... 60 seconds, a quarter more or less
        not_before = now() + make_interval(
            secs => least(60, 2 ^ least(tries, 6)) * (0.75 + random() / 2))
    WHERE id = v_message.id;
END
$$;

CREATE OR REPLACE FUNCTION dossier.outbox_report(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_result jsonb;
BEGIN
    FOR v_result IN SELECT r FROM jsonb_array_elements(p -> 'results') r ORDER BY r ->> 'id' LOOP
        PERFORM outbox_settle(p ->> 'worker', v_result);
    END LOOP;
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier.status(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'outbox', jsonb_build_object('queued', count(*),
            'oldest_seconds', coalesce(floor(greatest(0, extract(epoch FROM now() - min(due_at)))), 0)::bigint,
            'failed', (SELECT count(*) FROM outbox
                       WHERE state = 'failed' AND ended_at > now() - interval '24 hours')))
        FROM outbox WHERE state = 'queued');
END
$$;
