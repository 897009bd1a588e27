-- The vault and this database: which folder is the vault, which of the two is newer, which files may go.

-- However a key is destroyed or gives way to another, its file is known from then on. What ends takes along the files
-- it had before, also those that are gone: an older copy may know one of them as the document's.
CREATE OR REPLACE FUNCTION dossier_data.document_destroyed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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

CREATE OR REPLACE TRIGGER document_replaced AFTER UPDATE OF object_id, wrapped_key ON dossier_data.document
FOR EACH ROW WHEN (OLD.wrapped_key IS NOT NULL AND (NEW.wrapped_key IS NULL OR NEW.object_id <> OLD.object_id))
EXECUTE FUNCTION dossier_data.document_destroyed();
CREATE OR REPLACE TRIGGER document_removed AFTER DELETE ON dossier_data.document
FOR EACH ROW WHEN (OLD.wrapped_key IS NOT NULL) EXECUTE FUNCTION dossier_data.document_destroyed();

-- All files that documents which have ended ever had, as far as it is remembered.
CREATE OR REPLACE FUNCTION dossier_data.documents_files(p_documents uuid[]) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(f.object_id), '{}') FROM (
        SELECT object_id FROM dossier_data.document WHERE id = ANY (p_documents)
        UNION SELECT object_id FROM dossier_data.destroyed_object WHERE document_id = ANY (p_documents)) f
$$;

-- A system may send the same bytes each night: of the files that gave way to their like only the newest is kept.
CREATE OR REPLACE FUNCTION dossier_data.document_files_thin(p_document uuid, p_newest uuid) RETURNS uuid[]
LANGUAGE sql VOLATILE AS $$
    WITH thinned AS (
        UPDATE dossier_data.destroyed_object SET why = 'expired', at = now()
        WHERE document_id = p_document AND why = 'replaced' AND same AND object_id <> p_newest RETURNING object_id
    )
    SELECT coalesce(array_agg(object_id), '{}') FROM thinned
$$;

-- The files that were replaced and have been kept long enough: they may go now.
CREATE OR REPLACE FUNCTION dossier_data.replaced_purge(p_limit int, p_days int) RETURNS uuid[]
LANGUAGE sql VOLATILE AS $$
    WITH purged AS (
        UPDATE dossier_data.destroyed_object SET why = 'expired', at = now() WHERE object_id IN (
            SELECT object_id FROM dossier_data.destroyed_object
            WHERE why = 'replaced' AND at < now() - dossier_data.days(p_days)
            ORDER BY at LIMIT p_limit FOR UPDATE SKIP LOCKED)
        RETURNING object_id
    )
    SELECT coalesce(array_agg(object_id), '{}') FROM purged
$$;

-- Whether the folder that has this id (null: none) is the vault.
CREATE OR REPLACE FUNCTION dossier_data.vault_is(p_id text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT v.id::text = p_id FROM dossier_data.vault v), false)
$$;

-- The newest seal that the vault has heard of is not in this database: it is an older copy. One that is older
-- than all that are kept says nothing.
CREATE OR REPLACE FUNCTION dossier_data.behind_vault(p_number bigint, p_hash text) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_number > 0
       AND NOT EXISTS (SELECT FROM dossier_data.audit_seal s WHERE s.number = p_number AND s.hash = p_hash)
       AND p_number >= coalesce((SELECT min(s.number) FROM dossier_data.audit_seal s), 0)
$$;

-- Which database this is. A standby that is promoted stays the same; a restored dump, another cluster, and what
-- pg_upgrade makes are others.
CREATE OR REPLACE FUNCTION dossier_data.database_identity() RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT c.system_identifier || '-' || d.oid
    FROM pg_catalog.pg_control_system() c, pg_catalog.pg_database d WHERE d.datname = current_database()
$$;

-- p: id (null: the folder has none), seal, seal_hash and database that the vault has noted. `vault`: ok, missing, foreign,
-- or unclaimed: this database has none yet. `documents`, then and while the operator's word waits: the newest, whose files must be in the right one.
-- keys: the canary of each key of the key file. wrong_key: one that is another than it was; new_keys: some are not noted yet.
CREATE OR REPLACE FUNCTION dossier.vault_check(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_vault vault;
    v_accepted boolean;
    v_database text := database_identity();
    v_state text;
BEGIN
    SELECT * INTO v_vault FROM vault;
    v_accepted := v_vault.accepted_at IS NOT NULL;
    v_state := CASE WHEN v_vault.id IS NULL THEN 'unclaimed' WHEN p ->> 'id' IS NULL THEN 'missing'
        WHEN NOT vault_is(p ->> 'id') THEN 'foreign' ELSE 'ok' END;
    RETURN jsonb_build_object('outcome', 'ok', 'vault', v_state, 'id', v_vault.id, 'accepted', v_accepted, 'without_documents', v_vault.without_documents,
        'behind', behind_vault((p ->> 'seal')::bigint, p ->> 'seal_hash'),
        'database', v_database, 'other_database', coalesce(p ->> 'database' <> v_database, false), 'sweep_allowed', v_vault.sweep_allowed,
        'wrong_key', (SELECT min(k.key_id) FROM key_check k WHERE p -> 'keys' ->> k.key_id <> k.canary),
        'new_keys', EXISTS (SELECT FROM jsonb_object_keys(coalesce(p -> 'keys', '{}')) o (id)
                            WHERE NOT EXISTS (SELECT FROM key_check k WHERE k.key_id = o.id)),
        'seal', (SELECT jsonb_build_object('number', s.number, 'hash', s.hash)
                 FROM audit_seal s ORDER BY s.number DESC LIMIT 1),
        'documents', CASE WHEN v_state = 'unclaimed' OR v_accepted THEN (SELECT coalesce(jsonb_agg(d.object_id), '[]') FROM (
            SELECT object_id FROM document WHERE wrapped_key IS NOT NULL ORDER BY created_at DESC LIMIT 100) d) END);
END
$$;

-- The folder with this id is the vault from now on: at the first start, or because the operator has said so, whose
-- word is used up by it. Answers as vault_check does.
CREATE OR REPLACE FUNCTION dossier.vault_claim(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_vault vault;
BEGIN
    SELECT * INTO v_vault FROM vault FOR UPDATE;
    IF v_vault.id IS NULL OR v_vault.accepted_at IS NOT NULL THEN
        UPDATE vault SET id = (p ->> 'id')::uuid, accepted_at = NULL, without_documents = false;
        PERFORM audit_write('system', NULL, 'vault_claimed', 'ok', NULL, object => (p ->> 'id')::uuid);
    END IF;
    RETURN dossier.vault_check(p);
END
$$;

-- Which of these files stay (a row has a key for it, or it was replaced), and which were destroyed on purpose.
CREATE OR REPLACE FUNCTION dossier.vault_live(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_objects uuid[] := ARRAY(SELECT o::uuid FROM jsonb_array_elements_text(p -> 'objects') o
        WHERE o ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
    v_live uuid[] := ARRAY(SELECT object_id FROM document WHERE wrapped_key IS NOT NULL AND object_id = ANY (v_objects)
        UNION SELECT object_id FROM destroyed_object WHERE why = 'replaced' AND object_id = ANY (v_objects));
BEGIN
    RETURN jsonb_build_object('outcome', 'ok', 'live', to_jsonb(v_live),
        'destroyed', (SELECT coalesce(jsonb_agg(object_id), '[]') FROM destroyed_object
                      WHERE object_id = ANY (v_objects) AND object_id <> ALL (v_live)));
END
$$;

-- The newest files that must be in the vault: each was there before its row, and every node has had the time to see it.
CREATE OR REPLACE FUNCTION dossier.vault_newest(p jsonb) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT jsonb_build_object('outcome', 'ok', 'objects', (SELECT coalesce(jsonb_agg(d.object_id), '[]') FROM (
        SELECT object_id FROM document WHERE wrapped_key IS NOT NULL AND created_at < now() - interval '5 minutes'
        ORDER BY created_at DESC LIMIT (p ->> 'limit')::int) d))
$$;

-- The operator's word for one sweep is used up.
CREATE OR REPLACE FUNCTION dossier.vault_swept(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE vault SET sweep_allowed = false WHERE sweep_allowed;
    RETURN outcome('ok');
END
$$;

-- Lines for the vault's own list, "<object id> <why>"; those of the call before (`told`) are in it. An older copy of
-- this database knows itself when a document expires, and a newer version is sent to it again;
-- only where that has ended too, the files it had before are told with it.
CREATE OR REPLACE FUNCTION dossier.vault_destroyed(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE destroyed_object SET told = true WHERE NOT told
        AND object_id = ANY (ARRAY(SELECT o::uuid FROM jsonb_array_elements_text(p -> 'told') o));
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'objects', coalesce(jsonb_agg(object_id), '[]'),
            'lines', coalesce(string_agg(object_id || ' ' || why || E'\n', ''), ''))
        FROM (SELECT object_id, why FROM destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn')
              ORDER BY at LIMIT (p ->> 'limit')::int) d);
END
$$;

-- A database restored from an older copy learns what was deleted and withdrawn since: `lines` of the vault's list.
CREATE OR REPLACE FUNCTION dossier.vault_destroy(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_count int;
BEGIN
    WITH listed AS (
        SELECT DISTINCT ON (m[1]) m[1]::uuid AS object_id, m[2] AS why
        FROM regexp_matches(p ->> 'lines', '^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (deleted|withdrawn)$', 'gn') m
    ), gone AS (
        UPDATE document d SET wrapped_key = NULL, announce = false, last_call_at = NULL,
            deleted_at = CASE WHEN l.why = 'deleted' THEN now() ELSE d.deleted_at END,
            published_at = coalesce(document_readable_since(d), 'infinity'),
            withdrawn_at = CASE WHEN l.why <> 'deleted' THEN coalesce(d.withdrawn_at, now()) ELSE d.withdrawn_at END,
            title = CASE WHEN l.why = 'deleted' THEN NULL ELSE d.title END,
            author = CASE WHEN l.why = 'deleted' THEN NULL ELSE d.author END
        FROM listed l WHERE d.object_id = l.object_id AND d.wrapped_key IS NOT NULL
        RETURNING d.*, l.why
    ), noted AS (
        SELECT audit_write('system', NULL,
            CASE why WHEN 'deleted' THEN 'document_deleted' ELSE 'document_withdrawn' END, 'ok', NULL,
            patient => patient_id, object => id, facility => facility_id, detail => 'version ' || version)
        FROM gone
    )
    SELECT count(*) INTO v_count FROM noted;
    RETURN jsonb_build_object('outcome', 'ok', 'destroyed', v_count);
END
$$;

-- As long as backups go back it is known what was destroyed. True when there may be more.
CREATE OR REPLACE FUNCTION dossier_data.destroyed_purge(p_limit int, p_days int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_rows bigint;
BEGIN
    DELETE FROM dossier_data.destroyed_object WHERE object_id IN (
        SELECT object_id FROM dossier_data.destroyed_object
        WHERE at < now() - dossier_data.days(p_days) AND (told OR why = 'expired')
        ORDER BY at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    RETURN v_rows >= p_limit;
END
$$;

-- ---- the operator's

-- The folder that httpd finds as DossierVault is the vault from now on, and this database is as new as it gets:
-- after a restore, or when the vault was moved without its file vault.id. Holds for what httpd looks at next; another
-- folder than before must have files of the newest documents, or the word waits for it, unless p_without_documents.
DROP FUNCTION IF EXISTS dossier_admin.vault_accept();
CREATE OR REPLACE FUNCTION dossier_admin.vault_accept(p_without_documents boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE vault SET accepted_at = now(), without_documents = p_without_documents;
    PERFORM audit_write('operator', NULL, 'vault_accepted', 'ok', NULL,
        detail => CASE WHEN p_without_documents THEN 'without documents' END);
END
$$;

-- The next sweep may set aside any number of files (DOS0425).
CREATE OR REPLACE FUNCTION dossier_admin.vault_sweep() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE vault SET sweep_allowed = true;
    PERFORM audit_write('operator', NULL, 'vault_sweep', 'ok', NULL);
END
$$;

-- What the two say of each other, for `mantova-dossier vault show`.
CREATE OR REPLACE FUNCTION dossier_admin.vault_state() RETURNS TABLE (
    id uuid, accepted boolean, sweep_allowed boolean, documents bigint, newest_seal bigint, destroyed bigint, untold bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT v.id, v.accepted_at IS NOT NULL, v.sweep_allowed,
        (SELECT count(*) FROM document WHERE wrapped_key IS NOT NULL),
        (SELECT max(number) FROM audit_seal),
        (SELECT count(*) FROM destroyed_object WHERE why <> 'replaced'),
        (SELECT count(*) FROM destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn'))
    FROM vault v
$$;
