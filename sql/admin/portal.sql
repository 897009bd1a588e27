-- What the operator sets besides directives, and how the portal is doing.

CREATE OR REPLACE FUNCTION dossier_admin.limits() RETURNS TABLE (name text, value int, purpose text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT l.name, l.value, l.purpose FROM throttle_limit l ORDER BY l.name
$$;

-- Holds from the next request on. What it was before.
CREATE OR REPLACE FUNCTION dossier_admin.limit_set(name text, value int) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_before int := (SELECT l.value FROM throttle_limit l WHERE l.name = limit_set.name FOR UPDATE);
BEGIN
    IF v_before IS NULL THEN
        RAISE EXCEPTION 'no limit "%": mantova-dossier limit list has them', limit_set.name;
    ELSIF limit_set.value < 0 THEN
        RAISE EXCEPTION 'a limit is a whole number, 0 or more';
    ELSIF v_before <> limit_set.value THEN
        UPDATE throttle_limit l SET value = limit_set.value WHERE l.name = limit_set.name;
        PERFORM audit_write('operator', NULL, 'limit_set', 'ok', NULL,
            detail => format('%s: %s, before %s', limit_set.name, limit_set.value, v_before));
    END IF;
    RETURN v_before;
END
$$;

-- Numbers and times, nothing of a person.
CREATE OR REPLACE FUNCTION dossier_admin.portal_state() RETURNS TABLE (
    database text, facilities bigint, integrators bigint, accounts bigint, documents bigint, messages_waiting bigint,
    oldest_message_due_at timestamptz, messages_given_up bigint, audit_sealed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT current_database(), (SELECT count(*) FROM facility),
        (SELECT count(*) FROM integrator i WHERE i.revoked_at IS NULL), (SELECT count(*) FROM account),
        (SELECT count(*) FROM document d WHERE d.wrapped_key IS NOT NULL),
        (SELECT count(*) FROM outbox o WHERE o.state = 'queued'),
        (SELECT date_trunc('second', min(o.due_at)) FROM outbox o WHERE o.state = 'queued' AND o.due_at < now()),
        (SELECT count(*) FROM outbox o WHERE o.state = 'failed'),
        (SELECT date_trunc('second', max(s.sealed_at)) FROM audit_seal s)
$$;

-- What waits for the operator, and what to do: a line each.
CREATE OR REPLACE FUNCTION dossier_admin.portal_problems() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT 'the database is read-only: nobody can log in. Is it a standby?'
    WHERE current_setting('transaction_read_only')::boolean
    UNION ALL
    SELECT format('%s messages are due for more than five minutes: does httpd run, and what does its log say '
        '(DOS0403, DOS0404)?', count(*))
    FROM outbox o WHERE o.state = 'queued' AND o.due_at < now() - interval '5 minutes'
        AND o.not_before < now() - interval '5 minutes'
    HAVING count(*) > 0
    UNION ALL
    SELECT format('%s messages were given up in the last day: mantova-dossier outbox list', count(*))
    FROM outbox o WHERE o.state = 'failed' AND o.ended_at > now() - interval '1 day' HAVING count(*) > 0
    UNION ALL
    SELECT format('the audit was not sealed since %s: does httpd run, and what does its log say (DOS0420)?',
        (SELECT rfc3339(max(s.sealed_at)) FROM audit_seal s))
    FROM (SELECT min(a.at) AS at FROM audit_lines_in(audit_ids_unsealed()) a) open
        WHERE open.at < now() - interval '10 minutes'
    UNION ALL
    SELECT format('key %s of "%s" ends at %s: mantova-dossier integrator new-key', k.id, i.name, rfc3339(k.expires_at))
    FROM integrator_key k JOIN integrator i ON i.id = k.integrator_id
    WHERE k.revoked_at IS NULL AND k.expires_at BETWEEN now() AND now() + interval '14 days'
      AND NOT EXISTS (SELECT FROM integrator_key other WHERE other.integrator_id = k.integrator_id
          AND other.revoked_at IS NULL
                      AND coalesce(other.expires_at, 'infinity') > k.expires_at)
    UNION ALL
    SELECT 'your word to accept the vault waits for a directory that has documents'' files (DOS0527): '
        'mantova-dossier vault show'
    FROM vault v WHERE v.accepted_at < now() - interval '5 minutes'
$$;
