-- Null: the system that calls may act for these facilities, with a key that is still good: it may have ended since the
-- call began, as an upload takes its time. Else the refusal. Whatever systems call asks here, once nothing is waited for
-- any more.
CREATE OR REPLACE FUNCTION dossier_lib.integrator_refusal(p jsonb, p_refusal text, VARIADIC p_facilities text[])
RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_integrator uuid := p ->> 'integrator_id';
    v_key uuid := p ->> 'key_id';
BEGIN
    RETURN CASE
        WHEN v_key IS NOT NULL AND NOT EXISTS (SELECT FROM dossier_data.integrator_key k
            WHERE k.id = v_key AND k.integrator_id = v_integrator
              AND k.revoked_at IS NULL AND coalesce(k.expires_at > now(), true)) THEN 'key_refused'
        WHEN EXISTS (SELECT FROM unnest(p_facilities) u (id) WHERE NOT EXISTS (
            SELECT FROM dossier_data.integrator_facility f JOIN dossier_data.integrator i ON i.id = f.integrator_id
            WHERE f.integrator_id = v_integrator AND f.facility_id = u.id AND i.revoked_at IS NULL)) THEN p_refusal END;
END
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
