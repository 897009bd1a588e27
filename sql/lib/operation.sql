-- How the portal is doing, for its operator: numbers, nothing of a person.

-- Whole seconds; 0 for what is still to come, and for null.
CREATE OR REPLACE FUNCTION dossier_lib.seconds_since(p_at timestamptz) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT coalesce(floor(greatest(0, extract(epoch FROM now() - p_at))), 0)::bigint
$$;

-- A portal that can only read is not well: so its operator hears of it, not only who writes.
CREATE OR REPLACE FUNCTION dossier_lib.require_writable() RETURNS void
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('transaction_read_only')::boolean THEN
        RAISE EXCEPTION 'the database is read-only' USING ERRCODE = 'read_only_sql_transaction';
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.outbox_numbers(p_channel text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'waiting', count(*) FILTER (WHERE claimed_at IS NULL AND not_before <= now()),
        'later', count(*) FILTER (WHERE claimed_at IS NULL AND not_before > now()),
        'on_the_way', count(claimed_at),
        'oldest_alert_seconds', dossier_lib.seconds_since(min(due_at) FILTER (WHERE priority = 2)),
        'oldest_urgent_seconds', dossier_lib.seconds_since(min(due_at) FILTER (WHERE priority < 2)),
        'given_up', (SELECT count(*) FROM dossier_data.outbox WHERE state = 'failed' AND channel = p_channel))
    FROM dossier_data.outbox WHERE state = 'queued' AND channel = p_channel
$$;
