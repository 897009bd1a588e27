-- Facilities, the hospital systems and their keys. A mistake of the operator's is an error with what to do.

CREATE OR REPLACE FUNCTION dossier_admin.facility_put(id text, name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    IF facility_put.id !~ '^[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}$' THEN
        RAISE EXCEPTION 'the id of a facility is 1 to 64 of A-Z, a-z, 0-9 and . _ ~ : -';
    END IF;
    PERFORM name_check(facility_put.name);
    INSERT INTO facility AS f (id, name) VALUES (facility_put.id, facility_put.name)
    ON CONFLICT ON CONSTRAINT facility_pkey DO UPDATE SET name = excluded.name
        WHERE f.name IS DISTINCT FROM excluded.name;
    IF FOUND THEN
        PERFORM audit_write('operator', NULL, 'facility_put', 'ok', NULL, facility => facility_put.id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION dossier_admin.facilities() RETURNS TABLE (id text, name text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT f.id, f.name, date_trunc('second', f.created_at) FROM facility f ORDER BY f.id
$$;

-- A system with its first key, whose hash is given. The same key again: the same system with this name and these
-- facilities, and no others. A name in use is refused: whoever wants a new key for that system would get one that
-- knows nothing of what it has published. So is the name of an ended system.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_put(name text, key_hash text, facilities text[])
RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_key integrator_key;
    v_unknown text;
BEGIN
    PERFORM name_check(integrator_put.name);
    PERFORM lock_name('integrators');
    SELECT f INTO v_unknown FROM unnest(facilities) f WHERE f NOT IN (SELECT facility.id FROM facility) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no facility "%": mantova-dossier facility add registers it', v_unknown;
    END IF;
    SELECT * INTO v_key FROM integrator_key k WHERE k.key_hash = integrator_put.key_hash;
    IF v_key.revoked_at IS NOT NULL THEN
        RAISE EXCEPTION 'this key was revoked: make a new one';
    ELSIF v_key.id IS NOT NULL THEN
        UPDATE integrator i SET name = integrator_put.name WHERE i.id = v_key.integrator_id;
    ELSIF EXISTS (SELECT FROM integrator i WHERE i.name = integrator_put.name AND i.revoked_at IS NULL) THEN
        RAISE EXCEPTION 'there is a system "%": add a key to it with mantova-dossier integrator new-key, or take '
            'another name',
            integrator_put.name;
    ELSE
        IF EXISTS (SELECT FROM integrator i WHERE i.name = integrator_put.name) THEN
            RAISE NOTICE 'a system "%" has ended: this is another one, which reaches nothing of what that one has '
                'published; to have it work again, mantova-dossier integrator new-key', integrator_put.name;
        END IF;
        INSERT INTO integrator AS i (name) VALUES (integrator_put.name) RETURNING i.id INTO v_key.integrator_id;
        INSERT INTO integrator_key (integrator_id, name, key_hash)
        VALUES (v_key.integrator_id, 'first', integrator_put.key_hash);
    END IF;
    DELETE FROM integrator_facility WHERE integrator_id = v_key.integrator_id;
    INSERT INTO integrator_facility (integrator_id, facility_id)
    SELECT DISTINCT v_key.integrator_id, f FROM unnest(facilities) f;
    PERFORM audit_write('operator', NULL, 'integrator_put', 'ok', NULL, object => v_key.integrator_id);
    RETURN v_key.integrator_id;
END
$$;

-- A system by its name or id. Of one name, a system that works is meant before those that ended.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_id(system text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_systems uuid[] := ARRAY(SELECT i.id FROM (
        SELECT i.id, rank() OVER (ORDER BY i.revoked_at IS NULL DESC) AS place FROM integrator i
        WHERE integrator_id.system IN (i.name, i.id::text)) i WHERE place = 1);
BEGIN
    IF cardinality(v_systems) = 0 THEN
        RAISE EXCEPTION 'no system "%": mantova-dossier integrator list has them', system;
    ELSIF cardinality(v_systems) > 1 THEN
        RAISE EXCEPTION 'several systems "%": name it by its id, as mantova-dossier integrator list has them', system;
    END IF;
    RETURN v_systems[1];
END
$$;

-- What the operator and the logs call a system: no name of another one that works.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_rename(system uuid, name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    PERFORM name_check(integrator_rename.name);
    PERFORM lock_name('integrators');
    IF EXISTS (SELECT FROM integrator i WHERE i.name = integrator_rename.name AND i.revoked_at IS NULL
               AND i.id <> integrator_rename.system) THEN
        RAISE EXCEPTION 'there is a system "%": take another name', integrator_rename.name;
    END IF;
    UPDATE integrator i SET name = integrator_rename.name
    WHERE i.id = integrator_rename.system AND i.name <> integrator_rename.name;
    IF FOUND THEN
        PERFORM audit_write('operator', NULL, 'integrator_renamed', 'ok', NULL, object => integrator_rename.system);
    END IF;
END
$$;

-- One more key for a system, by its name or id; the new key's id. What the system has registered and published is
-- in reach of all its keys. Days: the key ends by itself. A system that has ended works again, with this key alone:
-- nobody else could take back what it has published.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_key_add(
    system text, key_hash text, key_name text DEFAULT NULL, days int DEFAULT NULL) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_system uuid := dossier_admin.integrator_id(system);
    v_key uuid;
BEGIN
    IF days <= 0 THEN
        RAISE EXCEPTION 'a key lasts a day at least';
    END IF;
    INSERT INTO integrator_key AS k (integrator_id, name, key_hash, expires_at)
    VALUES (v_system, coalesce(nullif(integrator_key_add.key_name, ''), 'of ' || dossier_lib.today()),
        integrator_key_add.key_hash, now() + dossier_lib.days(integrator_key_add.days))
    RETURNING k.id INTO v_key;
    PERFORM audit_write('operator', NULL, 'integrator_key_added', 'ok', NULL, object => v_key,
        detail => 'integrator ' || v_system);
    UPDATE integrator i SET revoked_at = NULL WHERE i.id = v_system AND i.revoked_at IS NOT NULL;
    IF FOUND THEN
        PERFORM audit_write('operator', NULL, 'integrator_resumed', 'ok', NULL, object => v_system);
        RAISE NOTICE 'this system had ended: with this key it works again';
    END IF;
    RETURN v_key;
END
$$;

-- The key ends after so many days, at once when none are given; the system's other keys go on. Never later than it
-- would by itself: for that, make another key.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_key_end(key uuid, days int DEFAULT 0) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_key integrator_key;
BEGIN
    SELECT * INTO v_key FROM integrator_key k WHERE k.id = integrator_key_end.key FOR NO KEY UPDATE;
    IF v_key.id IS NULL THEN
        RAISE EXCEPTION 'no key has this id: mantova-dossier integrator list has them';
    ELSIF days < 0 THEN
        RAISE EXCEPTION 'days to come, or 0 for now';
    ELSIF v_key.revoked_at IS NOT NULL THEN
        RETURN;
    ELSIF v_key.expires_at < now() + dossier_lib.days(days) AND days > 0 THEN
        RAISE EXCEPTION 'this key ends at % by itself: mantova-dossier integrator new-key gives the system one for '
            'longer',
            v_key.expires_at;
    ELSIF days = 0 THEN
        UPDATE integrator_key k SET revoked_at = now() WHERE k.id = v_key.id;
    ELSE
        UPDATE integrator_key k SET expires_at = now() + dossier_lib.days(integrator_key_end.days)
            WHERE k.id = v_key.id;
    END IF;
    PERFORM audit_write('operator', NULL, 'integrator_key_ended', 'ok', NULL, object => v_key.id,
        detail => 'integrator ' || v_key.integrator_id);
END
$$;

-- The systems and their keys, those that are good first. Ended: the whole system has.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_keys()
RETURNS TABLE (system uuid, name text, facilities text, key uuid, key_name text, created_at timestamptz,
               last_used_at timestamptz, expires_at timestamptz, revoked_at timestamptz, ended timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT i.id, i.name, (SELECT string_agg(f.facility_id, ' ' ORDER BY f.facility_id)
            FROM integrator_facility f WHERE f.integrator_id = i.id),
        k.id, k.name, k.created_at, k.last_used_at, k.expires_at, k.revoked_at, i.revoked_at
    FROM integrator i JOIN integrator_key k ON k.integrator_id = i.id
    ORDER BY i.revoked_at IS NULL DESC, i.name, i.id, k.revoked_at IS NULL DESC, k.created_at, k.id
$$;

-- A whole system ends, with all of its keys; what it has published stays. A new key makes it work again.
CREATE OR REPLACE FUNCTION dossier_admin.integrator_revoke(integrator uuid) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE integrator i SET revoked_at = now()
    WHERE i.id = integrator_revoke.integrator AND i.revoked_at IS NULL;
    IF FOUND THEN
        UPDATE integrator_key k SET revoked_at = now()
        WHERE k.integrator_id = integrator_revoke.integrator AND k.revoked_at IS NULL;
        PERFORM audit_write('operator', NULL, 'integrator_revoked', 'ok', NULL,
            object => integrator_revoke.integrator);
    ELSIF NOT EXISTS (SELECT FROM integrator i WHERE i.id = integrator_revoke.integrator) THEN
        RAISE EXCEPTION 'no integrator has this id';
    END IF;
END
$$;
