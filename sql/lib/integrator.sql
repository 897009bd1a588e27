-- Whether the key that a call came with has ended since: an upload takes its time.
CREATE OR REPLACE FUNCTION dossier_lib.integrator_key_ended(p jsonb) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p ->> 'key_id' IS NOT NULL AND NOT EXISTS (SELECT FROM dossier_data.integrator_key k
        WHERE k.id = (p ->> 'key_id')::uuid AND k.integrator_id = (p ->> 'integrator_id')::uuid
          AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true))
$$;

CREATE OR REPLACE FUNCTION dossier_lib.integrator_may(p_integrator uuid, p_facility text)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.integrator_facility f
                   JOIN dossier_data.integrator i ON i.id = f.integrator_id
                   WHERE f.integrator_id = p_integrator AND f.facility_id = p_facility
                     AND i.revoked_at IS NULL)
$$;

-- Null: the system that calls may act for these facilities, with a key that is still good. Else the refusal. Whatever
-- systems call asks here, once nothing is waited for any more.
CREATE OR REPLACE FUNCTION dossier_lib.integrator_refusal(p jsonb, p_refusal text, VARIADIC p_facilities text[])
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN dossier_lib.integrator_key_ended(p) THEN 'key_refused'
        WHEN NOT (SELECT bool_and(dossier_lib.integrator_may((p ->> 'integrator_id')::uuid, f))
                  FROM unnest(p_facilities) f) THEN p_refusal END
$$;

-- The name that the operator gives a facility, which patients read, or a system.
CREATE OR REPLACE FUNCTION dossier_lib.name_check(name text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF btrim(name) = '' OR length(name) > 200 OR name ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'a name is 1 to 200 characters, without line breaks';
    END IF;
END
$$;
