-- The outbox: which message is next, and what providers say of it.

-- Gives up what is past its time; a try of it that no worker reported is lost.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_settle_old() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_ended uuid[];
BEGIN
    -- by their ids, not by a join: few of many
    WITH ended AS (
        UPDATE dossier_data.outbox SET state = 'failed', sealed = NULL, gathering = false, ended_at = now(),
            tries = tries + (claimed_at IS NOT NULL)::int, claimed_by = NULL, claimed_at = NULL
        WHERE id = ANY (ARRAY(
            SELECT id FROM dossier_data.outbox
            WHERE state = 'queued' AND give_up_at <= now() AND (claimed_at IS NULL OR claimed_at
                <= now() - make_interval(secs => dossier_lib.limit_of('outbox_claim_seconds')))
            ORDER BY give_up_at LIMIT 100 FOR UPDATE SKIP LOCKED))
        RETURNING id)
    SELECT array_agg(id) INTO v_ended FROM ended;
    UPDATE dossier_data.outbox_try SET outcome = 'lost', ended_at = now()
    WHERE outbox_id = ANY (v_ended) AND outcome IS NULL;
END
$$;

-- Hands one message to a worker.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_take(p_message dossier_data.outbox, p_worker text)
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
CREATE OR REPLACE FUNCTION dossier_lib.outbox_sms_held(p_message dossier_data.outbox, p_left int, p_percent int)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_until timestamptz;
BEGIN
    IF NOT dossier_lib.sms_allowed(p_message.recipient) THEN
        UPDATE dossier_data.outbox SET state = 'failed', sealed = NULL, gathering = false, ended_at = now()
        WHERE id = p_message.id;
        INSERT INTO dossier_data.outbox_try (outbox_id, worker, ended_at, outcome, error)
        VALUES (p_message.id, 'none', now(), 'failed', 'SMS may not go to such numbers (DossierSmsPrefixes)');
        RETURN 'prefix';
    ELSIF p_left <= 0 THEN
        RETURN 'budget'; -- waits for the next minute, hour or day
    END IF;
    v_until := dossier_lib.sms_held_until(p_message, p_percent);
    IF v_until IS NULL THEN
        RETURN NULL;
    END IF;
    UPDATE dossier_data.outbox SET not_before = v_until WHERE id = p_message.id;
    RETURN 'cap';
END
$$;

-- What one worker says of one message. A claim that is another's by now, or was reported, is left alone.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_settle(p_worker text, p_result jsonb) RETURNS void
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
    PERFORM dossier_lib.outbox_receipt_early(v_message.id, left(p_result ->> 'provider_id', 200));
END
$$;

-- Once on the phone, it stays so. The audit line is what the account's activity shows.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_receipt_note(p_message dossier_data.outbox, p_receipt text)
RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_message.receipt = 'delivered' OR p_message.receipt IS NOT DISTINCT FROM p_receipt THEN
        RETURN;
    END IF;
    UPDATE dossier_data.outbox SET receipt = p_receipt, receipt_at = now() WHERE id = p_message.id;
    PERFORM dossier_lib.audit_write('system', NULL, CASE p_receipt WHEN 'delivered' THEN 'message_delivered'
        ELSE 'message_undelivered' END, 'ok', NULL,
        account => p_message.account_id, object => p_message.id, facility => p_message.facility_id,
        detail => p_message.channel || ' ' || p_message.template);
END
$$;

-- A receipt that came before the report which says whose it is.
CREATE OR REPLACE FUNCTION dossier_lib.outbox_receipt_early(p_message uuid, p_provider_id text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_receipt text;
BEGIN
    DELETE FROM dossier_data.early_receipt WHERE provider_id = p_provider_id RETURNING receipt INTO v_receipt;
    IF FOUND THEN
        PERFORM dossier_lib.outbox_receipt_note(o, v_receipt) FROM dossier_data.outbox o WHERE o.id = p_message;
    END IF;
END
$$;

-- How a document was announced, for the desk: one entry per message, without whom it went to.
CREATE OR REPLACE FUNCTION dossier_lib.document_alerts(p_document uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('channel', o.channel,
        'state', coalesce(o.receipt, o.state),
        'at', dossier_lib.rfc3339(coalesce(o.receipt_at, o.ended_at))) ORDER BY o.created_at, o.channel, o.id), '[]')
    FROM dossier_data.outbox_document d JOIN dossier_data.outbox o ON o.id = d.outbox_id
    WHERE d.document_id = p_document AND o.template = 'new_documents'
$$;
