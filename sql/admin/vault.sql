-- The operator's word where vault and database do not agree, and which keys are still needed.

-- The directory that httpd finds as DossierVault is the vault from now on, and this database is as new as it gets:
-- after a restore, or when the vault was moved without its file vault.id. Holds for what httpd looks at next; another
-- directory than before must have files of the newest documents, or the word waits for it, unless p_without_documents.
CREATE OR REPLACE FUNCTION dossier_admin.vault_accept(p_without_documents boolean DEFAULT false) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE vault SET accepted_at = now(), without_documents = p_without_documents;
    PERFORM audit_write('operator', NULL, 'vault_accepted', 'ok', NULL,
        detail => CASE WHEN p_without_documents THEN 'without documents' END);
END
$$;

-- The next sweep may set aside any number of files (DOS0425).
CREATE OR REPLACE FUNCTION dossier_admin.vault_sweep() RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE vault SET sweep_allowed = true;
    PERFORM audit_write('operator', NULL, 'vault_sweep', 'ok', NULL);
END
$$;

-- What the two say of each other, for `mantova-dossier vault show`.
CREATE OR REPLACE FUNCTION dossier_admin.vault_state() RETURNS TABLE (
    id uuid, accepted boolean, sweep_allowed boolean, documents bigint, newest_seal bigint, destroyed bigint,
    untold bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT v.id, v.accepted_at IS NOT NULL, v.sweep_allowed,
        (SELECT count(*) FROM document WHERE wrapped_key IS NOT NULL),
        (SELECT max(number) FROM audit_seal),
        (SELECT count(*) FROM destroyed_object WHERE why <> 'replaced'),
        (SELECT count(*) FROM destroyed_object WHERE NOT told AND why IN ('deleted', 'withdrawn'))
    FROM vault v
$$;

CREATE OR REPLACE FUNCTION dossier_admin.key_needed() RETURNS TABLE (key_id text, documents bigint,
    activation_codes bigint, verification_codes bigint, messages bigint, needed_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT k.key_id, k.documents, k.activation_codes, k.verification_codes, k.messages,
        date_trunc('second', k.needed_until)
    FROM dossier_lib.key_needed() k ORDER BY k.key_id
$$;
