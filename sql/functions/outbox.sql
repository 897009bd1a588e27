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
        'code_id', p_message.code_id,
        'site_url', (SELECT site_url FROM dossier_data.verification_code WHERE id = p_message.code_id),
        'device', p_message.device,
        'at', to_char(p_message.created_at AT TIME ZONE 'Europe/Rome', CASE p_message.language
            WHEN 'en' THEN 'FMDD FMMonth YYYY "at" HH24:MI' ELSE 'DD/MM/YYYY "alle" HH24:MI' END),
        'tries', v_tries, 'urgent', p_message.priority < 2,
        'seconds_left', ceil(extract(epoch FROM p_message.give_up_at - now()))::int);
END
$$;

-- One SMS at the head of the queue: what keeps it from leaving now ('budget', 'cap', 'prefix'); null:
-- nothing. What a cap holds back goes out of the way of the others.
CREATE OR REPLACE FUNCTION dossier_data.outbox_sms_held(p_message dossier_data.outbox, p_left int, p_percent int)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_until timestamptz;
BEGIN
    IF NOT dossier_data.sms_allowed(p_message.recipient) THEN
        UPDATE dossier_data.outbox SET state = 'failed', sealed = NULL, gathering = false, ended_at = now()
        WHERE id = p_message.id;
        INSERT INTO dossier_data.outbox_try (outbox_id, worker, ended_at, outcome, error)
        VALUES (p_message.id, 'none', now(), 'failed', 'SMS may not go to such numbers (DossierSmsPrefixes)');
        RETURN 'prefix';
    ELSIF p_left <= 0 THEN
        RETURN 'budget'; -- waits for the next minute, hour or day
    END IF;
    v_until := dossier_data.sms_held_until(p_message, p_percent);
    IF v_until IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE dossier_data.outbox SET not_before = v_until WHERE id = p_message.id;
    RETURN 'cap';
END
$$;

-- At most `limit` messages of one channel, of them at most `alert_limit` alerts (null: all). `keys`: the ids of the
-- worker's key file, also of keys that are lost (null: not told). What is sealed with another key waits untouched for a
-- worker that has it: no try of it, nothing off a budget. `held`: budgets or caps kept some back; `key_id`: a key that a
-- message waits for.
CREATE OR REPLACE FUNCTION dossier.outbox_claim(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_channel text := p ->> 'channel';
    v_limit int := greatest(0, least(1000, (p ->> 'limit')::int));
    v_alerts int := coalesce((p ->> 'alert_limit')::int, v_limit);
    v_keys jsonb := p -> 'keys';
    v_stale timestamptz := now() - make_interval(secs => limit_of('outbox_claim_seconds'));
    v_message outbox;
    v_budget record;
    v_percent int;
    v_held text;
    v_any_held boolean := false;
    v_sms int := 0;
    v_messages jsonb := '[]';
BEGIN
    PERFORM outbox_settle_old();
    PERFORM outbox_quieten(v_channel, p -> 'quiet');
    FOR v_message IN
        SELECT * FROM outbox
        WHERE state = 'queued' AND channel = v_channel AND not_before <= now() AND now() < give_up_at
          AND (claimed_at IS NULL OR claimed_at <= v_stale) AND (priority < 2 OR v_alerts > 0)
          AND coalesce(v_keys ? split_part(sealed, ':', 1), true)
        ORDER BY priority, not_before LIMIT v_limit FOR UPDATE SKIP LOCKED
    LOOP
        CONTINUE WHEN v_message.priority >= 2 AND v_alerts <= 0;
        IF NOT alert_needed(v_message) THEN -- the last look: what it tells of may have ended meanwhile
            UPDATE outbox SET state = 'cancelled', gathering = false, ended_at = now() WHERE id = v_message.id;
            CONTINUE;
        END IF;
        IF v_channel = 'sms' THEN
            IF v_budget IS NULL THEN
                v_budget := sms_budget_lock();
            END IF;
            v_percent := CASE WHEN v_message.priority < 2 AND v_message.asked_by IS DISTINCT FROM 'anyone' THEN 100
                ELSE limit_of('sms_alert_percent') END;
            v_held := outbox_sms_held(v_message, sms_budget_left(v_budget.used_minute, v_budget.used_hour,
                v_budget.used_day, v_percent) - v_sms, v_percent);
            v_any_held := v_any_held OR coalesce(v_held <> 'prefix', false);
            CONTINUE WHEN v_held IS NOT NULL;
            v_sms := v_sms + 1;
        END IF;
        v_alerts := v_alerts - (v_message.priority >= 2)::int;
        v_messages := v_messages || outbox_take(v_message, p ->> 'worker');
    END LOOP;
    IF v_sms > 0 THEN
        UPDATE sms_budget SET used = used + v_sms;
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'messages', v_messages, 'held', v_any_held)
        || jsonb_strip_nulls(jsonb_build_object('key_id', (SELECT split_part(sealed, ':', 1) FROM outbox
            WHERE sealed IS NOT NULL AND now() < give_up_at AND state = 'queued' AND channel = v_channel
              AND NOT v_keys ? split_part(sealed, ':', 1) LIMIT 1)));
END
$$;

-- A worker takes its turn, or the database is back: it alone sends for this generation of a web server's
-- processes, so whatever others of them hold was theirs when they died, and what it holds itself without
-- knowing (`kept`) was in an answer that got lost. The directive's prefixes, if there are any, hold from now on.
CREATE OR REPLACE FUNCTION dossier.outbox_begin(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_prefixes text[] := ARRAY(SELECT jsonb_array_elements_text(p -> 'prefixes') WHERE jsonb_typeof(p -> 'prefixes') = 'array');
    v_orphans int;
BEGIN
    WITH orphan AS (
        SELECT id FROM outbox
        WHERE state = 'queued' AND claimed_by LIKE '%:' || (p ->> 'turn')
          AND (claimed_by <> p ->> 'worker' OR NOT p -> 'kept' ? id::text)
        FOR UPDATE
    ), freed AS (
        UPDATE outbox o SET claimed_by = NULL, claimed_at = NULL, tries = tries + 1
        FROM orphan WHERE o.id = orphan.id RETURNING o.id)
    UPDATE outbox_try t SET outcome = 'lost', ended_at = now()
    FROM freed WHERE t.outbox_id = freed.id AND t.outcome IS NULL;
    GET DIAGNOSTICS v_orphans = ROW_COUNT;
    IF v_prefixes <> '{}' AND v_prefixes <> ARRAY(SELECT prefix FROM sms_prefix ORDER BY prefix) THEN
        PERFORM lock_name('sms_prefix');
        DELETE FROM sms_prefix WHERE prefix <> ALL (v_prefixes);
        INSERT INTO sms_prefix SELECT DISTINCT unnest(v_prefixes) ON CONFLICT DO NOTHING;
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'orphans', v_orphans);
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
        -- 1, 2, 4, ... 60 seconds for codes, 15 minutes for the rest; a quarter more or less
        not_before = now() + make_interval(secs => least(CASE priority WHEN 0 THEN 60 ELSE 900 END,
            2 ^ least(tries, 10)) * (0.75 + random() / 2))
    WHERE id = v_message.id;
    PERFORM dossier_data.outbox_receipt_early(v_message.id, left(p_result ->> 'provider_id', 200));
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
