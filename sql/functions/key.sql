-- Which keys of the web server's key file rows still need. Sessions, devices and systems' keys need none: of
-- them there is only a SHA-256.
CREATE OR REPLACE FUNCTION dossier_data.keys_needed() RETURNS TABLE (key_id text, documents bigint,
    activation_codes bigint, verification_codes bigint, messages bigint, needed_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT n.key_id, sum(n.documents)::bigint, sum(n.activation_codes)::bigint, sum(n.verification_codes)::bigint,
        sum(n.messages)::bigint, max(n.until)
    FROM (
        SELECT d.key_id, count(*) AS documents, 0 AS activation_codes, 0 AS verification_codes, 0 AS messages,
            max(d.expires_at) AS until
        FROM dossier_data.document d WHERE d.wrapped_key IS NOT NULL GROUP BY d.key_id
        UNION ALL
        SELECT a.key_id, 0, count(*), 0, 0, max(a.expires_at) FROM dossier_data.activation_code a
        WHERE a.used_at IS NULL AND a.revoked_at IS NULL AND a.expires_at > now() GROUP BY a.key_id
        UNION ALL
        SELECT v.key_id, 0, 0, count(*), 0, max(v.expires_at) FROM dossier_data.verification_code v
        WHERE v.used_at IS NULL AND v.voided_at IS NULL AND v.expires_at > now() GROUP BY v.key_id
        UNION ALL
        SELECT split_part(o.sealed, ':', 1), 0, 0, 0, count(*), max(o.give_up_at) FROM dossier_data.outbox o
        WHERE o.sealed IS NOT NULL GROUP BY 1) n
    GROUP BY n.key_id
$$;

CREATE OR REPLACE FUNCTION dossier_data.keys_json() RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(to_jsonb(k) - 'needed_until' ORDER BY k.key_id), '[]')
    FROM dossier_data.keys_needed() k
$$;

CREATE OR REPLACE FUNCTION dossier.keys_needed(p jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT jsonb_build_object('outcome', 'ok', 'keys', keys_json())
$$;

-- For the operator: what is not listed is needed by no row. The last document under a key that seals no more
-- goes at needed_until; one that waits for its release may then be readable for its days.
-- The keys of a key file that fits the vault: what has their ids from now on must be these.
CREATE OR REPLACE FUNCTION dossier.keys_note(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    INSERT INTO key_check (key_id, canary) SELECT key, value FROM jsonb_each_text(p -> 'keys') ON CONFLICT DO NOTHING;
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier_admin.keys_needed() RETURNS TABLE (key_id text, documents bigint,
    activation_codes bigint, verification_codes bigint, messages bigint, needed_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT k.key_id, k.documents, k.activation_codes, k.verification_codes, k.messages,
        date_trunc('second', k.needed_until)
    FROM dossier_data.keys_needed() k ORDER BY k.key_id
$$;
