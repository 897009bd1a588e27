-- The operator's functions. A mistake of the operator's is an error with what to do.

CREATE OR REPLACE FUNCTION dossier_admin.facility_put(id text, name text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    IF facility_put.id !~ '^[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}$' OR btrim(facility_put.name) = '' THEN
        RAISE EXCEPTION 'the id of a facility is 1 to 64 of A-Z, a-z, 0-9 and . _ ~ : -, and patients read its name';
    END IF;
    INSERT INTO facility AS f (id, name) VALUES (facility_put.id, facility_put.name)
    ON CONFLICT ON CONSTRAINT facility_pkey DO UPDATE SET name = excluded.name
        WHERE f.name IS DISTINCT FROM excluded.name;
    IF FOUND THEN
        PERFORM audit_write('operator', NULL, 'facility_put', 'ok', NULL, facility => facility_put.id);
    END IF;
END
$$;

CREATE OR REPLACE FUNCTION dossier_admin.facilities() RETURNS TABLE (id text, name text, created_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT f.id, f.name, date_trunc('second', f.created_at) FROM facility f ORDER BY f.id
$$;

-- For who has lost both the account's mobile and the way in: the desk has seen who it is, and noted the new
-- number at an acceptance of that person. What the account had is told, as when it changes the number itself.
CREATE OR REPLACE FUNCTION dossier_admin.account_mobile_put(codice_fiscale text, mobile text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_old account;
BEGIN
    SELECT a.* INTO v_old FROM account a JOIN patient p ON p.id = a.patient_id
    WHERE p.codice_fiscale = codice_fiscale_now(upper(account_mobile_put.codice_fiscale)) FOR NO KEY UPDATE OF a;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account has this codice fiscale';
    ELSIF v_old.mobile = account_mobile_put.mobile THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM acceptance a WHERE a.patient_id = v_old.patient_id
                      AND a.mobile = account_mobile_put.mobile) THEN
        RAISE EXCEPTION 'no acceptance of this person holds this number: let the desk see who it is and note the number first';
    ELSIF contact_set(v_old.id, 'mobile_change', account_mobile_put.mobile) IS NOT NULL THEN
        RAISE EXCEPTION 'another account has this number';
    END IF;
    PERFORM contact_tell(v_old, 'mobile_change');
    PERFORM audit_write('operator', NULL, 'mobile_corrected', 'ok', NULL, account => v_old.id,
        patient => v_old.patient_id);
END
$$;
