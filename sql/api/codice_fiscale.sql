-- The desk's system gives a patient another codice fiscale.

CREATE OR REPLACE FUNCTION dossier.codice_fiscale_change(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    IF (p ->> 'dry_run')::boolean THEN
        RETURN dry_run('codice_fiscale', p);
    END IF;
    RETURN codice_fiscale_change_by(p);
END
$$;
