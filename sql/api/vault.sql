-- The vault and this database: which directory is the vault, which of the two is newer, which files may go.

-- p: id (null: the directory has none), seal, seal_hash and database that the vault has noted. `vault`: ok, missing,
-- foreign, or unclaimed: this database has none yet. `documents`, then and while the operator's word waits: the newest,
-- whose files must be in the right one. keys: the canary of each key of the key file. wrong_key: one that is not
-- what it was; new_keys: some are not noted yet.
CREATE OR REPLACE FUNCTION dossier.vault_check(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    RETURN answer('ok', jsonb_build_object('vault', v_state, 'id', v_vault.id, 'accepted', v_accepted,
        'without_documents', v_vault.without_documents,
        'behind', behind_vault((p ->> 'seal')::bigint, p ->> 'seal_hash'),
        'database', v_database, 'other_database', coalesce(p ->> 'database' <> v_database, false),
        'sweep_allowed', v_vault.sweep_allowed,
        'wrong_key', (SELECT min(k.key_id) FROM key_check k WHERE p -> 'keys' ->> k.key_id <> k.canary),
        'new_keys', EXISTS (SELECT FROM jsonb_object_keys(coalesce(p -> 'keys', '{}')) o (id)
                            WHERE NOT EXISTS (SELECT FROM key_check k WHERE k.key_id = o.id)),
        'seal', (SELECT jsonb_build_object('number', s.number, 'hash', s.hash)
                 FROM audit_seal s ORDER BY s.number DESC LIMIT 1),
        'documents', CASE WHEN v_state = 'unclaimed' OR v_accepted
            THEN (SELECT coalesce(jsonb_agg(d.object_id), '[]') FROM (
            SELECT object_id FROM document WHERE wrapped_key IS NOT NULL ORDER BY created_at DESC LIMIT 100) d) END));
END
$$;

-- The directory with this id is the vault from now on: at the first start, or because the operator has said so, whose
-- word is used up by it. Answers as vault_check does.
CREATE OR REPLACE FUNCTION dossier.vault_claim(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
CREATE OR REPLACE FUNCTION dossier.vault_live(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_objects uuid[] := ARRAY(SELECT o::uuid FROM jsonb_array_elements_text(p -> 'objects') o
        WHERE o ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
    v_live uuid[] := ARRAY(SELECT object_id FROM document WHERE wrapped_key IS NOT NULL AND object_id = ANY (v_objects)
        UNION SELECT object_id FROM destroyed_object WHERE why = 'replaced' AND object_id = ANY (v_objects));
BEGIN
    RETURN answer('ok', jsonb_build_object('live', to_jsonb(v_live),
        'destroyed', (SELECT coalesce(jsonb_agg(object_id), '[]') FROM destroyed_object
                      WHERE object_id = ANY (v_objects) AND object_id <> ALL (v_live))));
END
$$;

-- The newest files that must be in the vault: each was there before its row, and every node has had the time to see it.
CREATE OR REPLACE FUNCTION dossier.vault_newest(p jsonb) RETURNS dossier_data.answer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT answer('ok', jsonb_build_object('objects', (SELECT coalesce(jsonb_agg(d.object_id), '[]') FROM (
        SELECT object_id FROM document WHERE wrapped_key IS NOT NULL AND created_at < now() - interval '5 minutes'
        ORDER BY created_at DESC LIMIT (p ->> 'limit')::int) d)))
$$;

-- The operator's word for one sweep is used up.
CREATE OR REPLACE FUNCTION dossier.vault_swept(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE vault SET sweep_allowed = false WHERE sweep_allowed;
    RETURN outcome('ok');
END
$$;

-- Lines for the vault's own list, "<object id> <why>"; those of the call before (`told`) are in it. An older copy of
-- this database knows itself when a document expires, and a newer version is sent to it again;
-- only where that has ended too, the files it had before are told with it.
CREATE OR REPLACE FUNCTION dossier.vault_destroyed(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE destroyed_object SET told = true WHERE NOT told
        AND object_id = ANY (ARRAY(SELECT o::uuid FROM jsonb_array_elements_text(p -> 'told') o));
    RETURN (SELECT answer('ok', jsonb_build_object('objects', coalesce(jsonb_agg(object_id), '[]'),
            'lines', coalesce(string_agg(object_id || ' ' || why || E'\n', ''), '')))
        FROM (SELECT object_id, why FROM destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn')
              ORDER BY at LIMIT (p ->> 'limit')::int) d);
END
$$;

-- A database restored from an older copy learns what was deleted and withdrawn since: `lines` of the vault's list.
CREATE OR REPLACE FUNCTION dossier.vault_destroy(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_count int;
BEGIN
    WITH listed AS (
        SELECT DISTINCT ON (m[1]) m[1]::uuid AS object_id, m[2] AS why
        FROM regexp_matches(p ->> 'lines', '^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}) (deleted|withdrawn)$',
            'gn') m
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
    RETURN answer('ok', jsonb_build_object('destroyed', v_count));
END
$$;

-- Counts, as each node's watchdog does every ten minutes, and keeps the numbers for the metrics.
CREATE OR REPLACE FUNCTION dossier.key_needed(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_counted vault_counted := vault_count();
BEGIN
    INSERT INTO vault_counted SELECT (v_counted).*
    ON CONFLICT (single) DO UPDATE SET counted_at = v_counted.counted_at, documents = v_counted.documents,
        bytes = v_counted.bytes, keys = v_counted.keys;
    RETURN answer('ok', jsonb_build_object('keys', v_counted.keys));
END
$$;

-- For the operator: what is not listed is needed by no row. The last document under a key that seals no more
-- goes at needed_until; one that waits for its release may then be readable for its days.
-- The keys of a key file that fits the vault: what has their ids from now on must be these.
CREATE OR REPLACE FUNCTION dossier.key_note(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    INSERT INTO key_check (key_id, canary) SELECT key, value FROM jsonb_each_text(p -> 'keys') ON CONFLICT DO NOTHING;
    RETURN outcome('ok');
END
$$;
