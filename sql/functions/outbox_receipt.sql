-- What providers say of a message after they have taken it.

-- Once on the phone, it stays so. The audit line is what the account's activity shows.
CREATE OR REPLACE FUNCTION dossier_data.outbox_receipt_note(p_message dossier_data.outbox, p_receipt text)
RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF p_message.receipt = 'delivered' OR p_message.receipt IS NOT DISTINCT FROM p_receipt THEN
        RETURN;
    END IF;
    UPDATE dossier_data.outbox SET receipt = p_receipt, receipt_at = now() WHERE id = p_message.id;
    PERFORM dossier_data.audit_write('system', NULL, CASE p_receipt WHEN 'delivered' THEN 'message_delivered'
        ELSE 'message_undelivered' END, 'ok', NULL,
        account => p_message.account_id, object => p_message.id, facility => p_message.facility_id,
        detail => p_message.channel || ' ' || p_message.template);
END
$$;

-- A receipt that came before the report which says whose it is.
CREATE OR REPLACE FUNCTION dossier_data.outbox_receipt_early(p_message uuid, p_provider_id text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_receipt text;
BEGIN
    DELETE FROM dossier_data.early_receipt WHERE provider_id = p_provider_id RETURNING receipt INTO v_receipt;
    IF FOUND THEN
        PERFORM dossier_data.outbox_receipt_note(o, v_receipt) FROM dossier_data.outbox o WHERE o.id = p_message;
    END IF;
END
$$;

-- By our own id (`reference`) or the provider's; `receipt` is delivered or undelivered.
CREATE OR REPLACE FUNCTION dossier.outbox_receipt(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_provider_id text := left(p ->> 'provider_id', 200);
    v_message outbox;
BEGIN
    SELECT * INTO v_message FROM outbox
    WHERE channel = 'sms' AND CASE WHEN v_provider_id IS NULL THEN id = (p ->> 'reference')::uuid
        ELSE provider_id = v_provider_id END
    ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE;
    IF FOUND THEN
        PERFORM outbox_receipt_note(v_message, p ->> 'receipt');
    ELSIF v_provider_id IS NOT NULL THEN
        INSERT INTO early_receipt AS e (provider_id, receipt) VALUES (v_provider_id, p ->> 'receipt')
        ON CONFLICT (provider_id) DO UPDATE SET receipt = excluded.receipt WHERE e.receipt <> 'delivered';
    END IF;
    RETURN jsonb_build_object('outcome', 'ok', 'known', v_message.id IS NOT NULL);
END
$$;

-- How a document was announced, for the desk: one entry per message, without whom it went to.
CREATE OR REPLACE FUNCTION dossier_data.document_alerts(p_document uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('channel', o.channel,
        'state', coalesce(o.receipt, o.state),
        'at', dossier_data.rfc3339(coalesce(o.receipt_at, o.ended_at))) ORDER BY o.created_at, o.channel, o.id), '[]')
    FROM dossier_data.outbox_document d JOIN dossier_data.outbox o ON o.id = d.outbox_id
    WHERE d.document_id = p_document AND o.template = 'new_documents'
$$;
