-- Hospital systems show their key.

-- The system a key belongs to. When a key was last used is noted once a minute, and nobody waits for it. "ending": the
-- key is used for the first time today, and ends within two weeks.
CREATE OR REPLACE FUNCTION dossier.integrator_load(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_key integrator_key;
    v_ending text;
BEGIN
    SELECT * INTO v_key FROM integrator_key WHERE key_hash = p ->> 'key_hash';
    IF v_key.id IS NULL OR v_key.revoked_at IS NOT NULL OR v_key.expires_at <= now() THEN
        IF v_key.id IS NULL THEN
            PERFORM audit_write('anyone', NULL, 'integrator_login', 'unauthenticated', p ->> 'address');
        ELSIF throttle_lock('key_ended', v_key.id::text, '1 hour') = '{}' THEN -- once an hour: a system does not tire
            PERFORM throttle_hit('key_ended', v_key.id::text);
            PERFORM audit_write('integrator', v_key.integrator_id, 'integrator_login', 'unauthenticated',
                p ->> 'address',
                object => v_key.id);
        ELSE
            PERFORM audit_count('integrator_login', 'unauthenticated');
        END IF;
        RETURN outcome('unauthenticated');
    END IF;
    IF coalesce(v_key.last_used_at <= now() - interval '1 minute', true) THEN
        UPDATE integrator_key SET last_used_at = now() WHERE id = (
            SELECT id FROM integrator_key WHERE id = v_key.id FOR NO KEY UPDATE SKIP LOCKED);
        v_ending := CASE WHEN v_key.expires_at < now() + days(14)
            AND v_key.last_used_at::date IS DISTINCT FROM now()::date THEN rfc3339(v_key.expires_at) END;
    END IF;
    RETURN answer('ok', jsonb_build_object('integrator_id', v_key.integrator_id, 'key_id', v_key.id,
        'ending', v_ending));
END
$$;
