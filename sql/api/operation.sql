-- How the portal is doing, for its operator: numbers, nothing of a person.

-- Anybody asks this, as often as they like: what there is a lot of is counted to a thousand.
CREATE OR REPLACE FUNCTION dossier.status(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    PERFORM require_writable();
    RETURN answer('ok', jsonb_build_object('vault', (SELECT id FROM vault),
        'seal', (SELECT max(number) FROM audit_seal), 'outbox', jsonb_build_object(
        'queued', (SELECT count(*) FROM (
            SELECT FROM outbox WHERE state = 'queued' ORDER BY due_at LIMIT 1000) q),
        'oldest_seconds', seconds_since((SELECT min(due_at) FROM outbox WHERE state = 'queued')),
        'failed', (SELECT count(*) FROM (
            SELECT FROM outbox WHERE state = 'failed' AND ended_at > now() - interval '24 hours'
            ORDER BY ended_at LIMIT 1000) f))));
END
$$;

-- Over all nodes: the outbox by channel, the vault's documents and bytes, and what needs each key. Many documents are not
-- counted each time somebody asks: `counted` is when they were.
CREATE OR REPLACE FUNCTION dossier.metrics(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_counted vault_counted;
BEGIN
    PERFORM require_writable();
    SELECT * INTO v_counted FROM vault_counted WHERE documents > 1000;
    IF NOT FOUND THEN
        v_counted := vault_count();
    END IF;
    RETURN answer('ok', jsonb_build_object('outbox', jsonb_build_object('sms', outbox_numbers('sms'), 'mail', outbox_numbers('mail')),
        'vault', jsonb_build_object('documents', v_counted.documents, 'bytes', v_counted.bytes),
        'counted', extract(epoch FROM v_counted.counted_at)::bigint, 'keys', v_counted.keys));
END
$$;

-- With the caller's rights: only they show what its own sessions are doing.
CREATE OR REPLACE FUNCTION dossier.connections(p jsonb) RETURNS dossier_data.answer
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
    SELECT 'ok', json_build_object('connections', json_build_object(
        'open', count(*), 'busy', count(*) FILTER (WHERE state <> 'idle'),
        'limit', current_setting('max_connections')::int))
    FROM pg_stat_activity WHERE usename = current_user AND datname = current_database()
$$;

-- What a web server asks when it has started: what its configuration says and the database does not know.
CREATE OR REPLACE FUNCTION dossier.server_check(p jsonb) RETURNS dossier_data.answer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT answer('ok', jsonb_build_object('facilities_unknown', (SELECT coalesce(jsonb_agg(f ORDER BY f), '[]')
            FROM (SELECT DISTINCT jsonb_array_elements_text(p -> 'facilities')) asked (f)
            WHERE NOT EXISTS (SELECT FROM facility WHERE id = f)),
        'statement_timeout', current_setting('statement_timeout') <> '0',
        'lock_timeout', current_setting('lock_timeout') <> '0'))
$$;
