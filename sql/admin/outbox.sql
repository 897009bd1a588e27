-- What the operator does with messages that were given up.

CREATE OR REPLACE FUNCTION dossier_admin.outbox_dead()
RETURNS TABLE (id uuid, channel text, template text, given_up_at timestamptz, tries int, error text, requeue boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.channel, o.template, o.ended_at, o.tries,
        (SELECT t.error FROM outbox_try t WHERE t.outbox_id = o.id ORDER BY t.id DESC LIMIT 1),
        o.code_id IS NULL
    FROM outbox o WHERE o.state = 'failed' ORDER BY o.ended_at DESC, o.id;
END
$$;

-- One message, or (null) all that can be: a code cannot, its digits are wiped, and by now it has expired. How
-- many were put back.
CREATE OR REPLACE FUNCTION dossier_admin.outbox_requeue(message uuid DEFAULT NULL) RETURNS int
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_id uuid;
    v_count int := 0;
BEGIN
    IF message IS NOT NULL AND NOT EXISTS (SELECT FROM outbox o WHERE o.id = message AND o.state = 'failed') THEN
        RAISE EXCEPTION 'no message with this id was given up: mantova-dossier outbox list has them';
    ELSIF EXISTS (SELECT FROM outbox o WHERE o.id = message AND o.code_id IS NOT NULL) THEN
        RAISE EXCEPTION 'a code that was given up has expired: the patient asks for a new one';
    END IF;
    FOR v_id IN
        UPDATE outbox o SET state = 'queued', ended_at = NULL, tries = 0, due_at = now(), not_before = now(),
            give_up_at = now() + make_interval(hours => limit_of('alert_give_up_hours'))
        WHERE o.state = 'failed' AND o.code_id IS NULL AND o.id = coalesce(message, o.id)
        RETURNING o.id
    LOOP
        v_count := v_count + 1;
        PERFORM audit_write('operator', NULL, 'message_requeued', 'ok', NULL, object => v_id);
    END LOOP;
    RETURN v_count;
END
$$;
