-- The messages that wait: taken up, sent, and what became of them.

-- At most `limit` messages of one channel, of them at most `alert_limit` alerts (null: all). `keys`: the ids of the
-- worker's key file, also of keys that are lost (null: not told). What is sealed with another key waits untouched for a
-- worker that has it: no try of it, nothing off a budget. `held`: budgets or caps kept some back; `key_id`: a key that
-- a message waits for.
CREATE OR REPLACE FUNCTION dossier.outbox_claim(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_channel text := p ->> 'channel';
    v_limit int := greatest(0, least(1000, (p ->> 'limit')::int));
    v_alerts int := coalesce((p ->> 'alert_limit')::int, v_limit);
    v_keys jsonb := p -> 'keys';
    v_stale timestamptz := now() - make_interval(secs => limit_of('outbox_claim_seconds'));
    v_next record;
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
    FOR v_next IN
        SELECT n.message, a.needed FROM (
            SELECT o AS message FROM outbox o
            WHERE state = 'queued' AND channel = v_channel AND not_before <= now() AND now() < give_up_at
              AND (claimed_at IS NULL OR claimed_at <= v_stale) AND (priority < 2 OR v_alerts > 0)
              AND coalesce(v_keys ? split_part(sealed, ':', 1), true)
            ORDER BY priority, not_before LIMIT v_limit FOR UPDATE SKIP LOCKED) n
        CROSS JOIN LATERAL alert_of((n.message).id, (n.message).template, (n.message).account_id) a
        ORDER BY (n.message).priority, (n.message).not_before
    LOOP
        v_message := v_next.message;
        CONTINUE WHEN v_message.priority >= 2 AND v_alerts <= 0;
        IF NOT v_next.needed THEN -- the last look: what it tells of may have ended meanwhile
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
    RETURN answer('ok', jsonb_build_object('messages', v_messages, 'held', v_any_held)
        || jsonb_strip_nulls(jsonb_build_object('key_id', (SELECT split_part(sealed, ':', 1) FROM outbox
            WHERE sealed IS NOT NULL AND now() < give_up_at AND state = 'queued' AND channel = v_channel
              AND NOT v_keys ? split_part(sealed, ':', 1) LIMIT 1))));
END
$$;

-- A worker takes its turn, or the database is back: it alone sends for this generation of a web server's
-- processes, so whatever others of them hold was theirs when they died, and what it holds itself without
-- knowing (`kept`) was in an answer that got lost. The directive's prefixes, if there are any, hold from now on.
CREATE OR REPLACE FUNCTION dossier.outbox_begin(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_prefixes text[] := ARRAY(SELECT jsonb_array_elements_text(p -> 'prefixes')
        WHERE jsonb_typeof(p -> 'prefixes') = 'array');
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
    RETURN answer('ok', jsonb_build_object('orphans', v_orphans));
END
$$;

CREATE OR REPLACE FUNCTION dossier.outbox_report(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_result jsonb;
BEGIN
    FOR v_result IN SELECT r FROM jsonb_array_elements(p -> 'results') r ORDER BY r ->> 'id' LOOP
        PERFORM outbox_settle(p ->> 'worker', v_result);
    END LOOP;
    RETURN outcome('ok');
END
$$;

-- By our own id (`reference`) or the provider's; `receipt` is delivered or undelivered.
CREATE OR REPLACE FUNCTION dossier.outbox_receipt(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_provider_id text := left(p ->> 'provider_id', 200);
    v_message outbox;
BEGIN
    IF v_provider_id IS NULL THEN
        SELECT * INTO v_message FROM outbox
        WHERE id = (p ->> 'reference')::uuid AND channel = 'sms' FOR NO KEY UPDATE;
    ELSE
        SELECT * INTO v_message FROM outbox WHERE provider_id = v_provider_id AND channel = 'sms'
        ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE;
    END IF;
    IF v_message.id IS NOT NULL THEN
        PERFORM outbox_receipt_note(v_message, p ->> 'receipt');
    ELSIF v_provider_id IS NOT NULL THEN
        INSERT INTO early_receipt AS e (provider_id, receipt) VALUES (v_provider_id, p ->> 'receipt')
        ON CONFLICT (provider_id) DO UPDATE SET receipt = excluded.receipt WHERE e.receipt <> 'delivered';
    END IF;
    RETURN answer('ok', jsonb_build_object('known', v_message.id IS NOT NULL));
END
$$;
