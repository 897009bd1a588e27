-- The vault and this database: which directory is the vault, which of the two is newer, which files may go.

-- However a key is destroyed or gives way to another, its file is known from then on. What ends takes along the files
-- it had before, also those that are gone: an older copy may know one of them as the document's.
CREATE OR REPLACE FUNCTION dossier_lib.document_destroyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_why text;
BEGIN
    v_why := CASE WHEN TG_OP = 'DELETE' THEN 'deleted'
        WHEN NEW.object_id <> OLD.object_id THEN 'replaced'
        WHEN NEW.deleted_at IS NOT NULL THEN 'deleted'
        WHEN NEW.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE 'expired' END;
    INSERT INTO destroyed_object (object_id, document_id, why, same, readable, class)
    VALUES (OLD.object_id, OLD.id, v_why, v_why = 'replaced' AND NEW.sha256 = OLD.sha256,
        document_readable_since(OLD) IS NOT NULL AND NOT (OLD.class = 'hiv' AND NOT OLD.told_by_doctor), OLD.class)
    ON CONFLICT DO NOTHING;
    IF v_why <> 'replaced' THEN
        UPDATE destroyed_object SET why = v_why, at = now(), told = false
        WHERE document_id = OLD.id AND why IN ('replaced', 'expired') AND why <> v_why;
    END IF;
    RETURN NULL;
END
$$;

-- All files that documents which have ended ever had, as far as it is remembered.
CREATE OR REPLACE FUNCTION dossier_lib.documents_files(p_documents uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(f.object_id), '{}') FROM (
        SELECT object_id FROM dossier_data.document WHERE id = ANY (p_documents)
        UNION SELECT object_id FROM dossier_data.destroyed_object WHERE document_id = ANY (p_documents)) f
$$;

-- A system may send the same bytes each night: of the files that gave way to their like only the newest is kept.
CREATE OR REPLACE FUNCTION dossier_lib.document_files_thin(p_document uuid, p_newest uuid) RETURNS uuid[]
LANGUAGE sql VOLATILE AS $$
    WITH thinned AS (
        UPDATE dossier_data.destroyed_object SET why = 'expired', at = now()
        WHERE document_id = p_document AND why = 'replaced' AND same AND object_id <> p_newest RETURNING object_id
    )
    SELECT coalesce(array_agg(object_id), '{}') FROM thinned
$$;

-- The files that were replaced and have been kept long enough: they may go now.
CREATE OR REPLACE FUNCTION dossier_lib.replaced_purge(p_limit int, p_days int) RETURNS uuid[]
LANGUAGE sql VOLATILE AS $$
    WITH purged AS (
        UPDATE dossier_data.destroyed_object SET why = 'expired', at = now() WHERE object_id = ANY (ARRAY(
            SELECT object_id FROM dossier_data.destroyed_object
            WHERE why = 'replaced' AND at < now() - dossier_lib.days(p_days)
            ORDER BY at LIMIT p_limit FOR UPDATE SKIP LOCKED))
        RETURNING object_id
    )
    SELECT coalesce(array_agg(object_id), '{}') FROM purged
$$;

-- Whether the directory that has this id (null: none) is the vault.
CREATE OR REPLACE FUNCTION dossier_lib.vault_is(p_id text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT v.id::text = p_id FROM dossier_data.vault v), false);
END
$$;

-- The newest seal that the vault has heard of is not in this database: it is an older copy. One that is older
-- than all that are kept says nothing.
CREATE OR REPLACE FUNCTION dossier_lib.behind_vault(p_number bigint, p_hash text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_number > 0
       AND NOT EXISTS (SELECT FROM dossier_data.audit_seal s WHERE s.number = p_number AND s.hash = p_hash)
       AND p_number >= coalesce((SELECT min(s.number) FROM dossier_data.audit_seal s), 0)
$$;

-- Which database this is. A standby that is promoted stays the same; a restored dump, another cluster, and what
-- pg_upgrade makes are others.
CREATE OR REPLACE FUNCTION dossier_lib.database_identity() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT c.system_identifier || '-' || d.oid
    FROM pg_catalog.pg_control_system() c, pg_catalog.pg_database d WHERE d.datname = current_database()
$$;

-- As long as backups go back it is known what was destroyed. True when there may be more.
CREATE OR REPLACE FUNCTION dossier_lib.destroyed_purge(p_limit int, p_days int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rows bigint;
BEGIN
    DELETE FROM dossier_data.destroyed_object WHERE object_id = ANY (ARRAY(
        SELECT object_id FROM dossier_data.destroyed_object
        WHERE at < now() - dossier_lib.days(p_days) AND (told OR why = 'expired')
        ORDER BY at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows >= p_limit;
END
$$;

-- Which keys of the web server's key file rows still need. Sessions, devices and systems' keys need none: of
-- them there is only a SHA-256.
CREATE OR REPLACE FUNCTION dossier_lib.key_needed() RETURNS TABLE (key_id text, documents bigint,
    activation_codes bigint, verification_codes bigint, messages bigint, bytes bigint, needed_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT n.key_id, sum(n.documents)::bigint, sum(n.activation_codes)::bigint, sum(n.verification_codes)::bigint,
        sum(n.messages)::bigint, sum(n.bytes)::bigint, max(n.until)
    FROM (
        SELECT d.key_id, count(*) AS documents, 0 AS activation_codes, 0 AS verification_codes, 0 AS messages,
            sum(d.size) AS bytes, max(d.expires_at) AS until
        FROM dossier_data.document d WHERE d.wrapped_key IS NOT NULL GROUP BY d.key_id
        UNION ALL
        SELECT a.key_id, 0, count(*), 0, 0, 0, max(a.expires_at) FROM dossier_data.activation_code a
        WHERE a.used_at IS NULL AND a.revoked_at IS NULL AND a.expires_at > now() GROUP BY a.key_id
        UNION ALL
        SELECT v.key_id, 0, 0, count(*), 0, 0, max(v.expires_at) FROM dossier_data.verification_code v
        WHERE v.used_at IS NULL AND v.voided_at IS NULL AND v.expires_at > now() GROUP BY v.key_id
        UNION ALL
        SELECT split_part(o.sealed, ':', 1), 0, 0, 0, count(*), 0, max(o.give_up_at) FROM dossier_data.outbox o
        WHERE o.sealed IS NOT NULL GROUP BY 1) n
    GROUP BY n.key_id
$$;

-- What the metrics tell of the vault, counted now.
CREATE OR REPLACE FUNCTION dossier_lib.vault_count() RETURNS dossier_data.vault_counted
LANGUAGE sql STABLE AS $$
    SELECT true, now(), coalesce(sum(k.documents), 0)::bigint, coalesce(sum(k.bytes), 0)::bigint,
        coalesce(jsonb_agg(to_jsonb(k) - 'bytes' - 'needed_until' ORDER BY k.key_id), '[]')
    FROM dossier_lib.key_needed() k
$$;
