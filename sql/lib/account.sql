-- Deleting an account. Lock order: dossiers, documents, accounts, and then what hangs on them.

-- An account is deleted at any moment: what is about to write rows that belong to it holds it first, and
-- what it looks at afterwards is there or is gone with it. False: gone.
CREATE OR REPLACE FUNCTION dossier_lib.account_hold(p_account uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.account WHERE id = p_account FOR KEY SHARE;
    RETURN FOUND;
END
$$;

-- Those that keep one of these patients, before what goes with an account is locked: none is deleted meanwhile.
CREATE OR REPLACE FUNCTION dossier_lib.accounts_hold(p_patients uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.account_hold(s.account_id) FROM (
        SELECT DISTINCT account_id FROM dossier_data.dossier
        WHERE patient_id = ANY (p_patients) ORDER BY account_id) s;
END
$$;

-- The dossiers whose documents go with the account, and these documents, all held: its holder's, and of relatives
-- those that nobody else keeps; whose patient has an account keeps them, also before it opens the dossier.
CREATE OR REPLACE FUNCTION dossier_lib.account_documents_hold(
    p_account uuid, OUT dossiers dossier_data.dossier[], OUT documents uuid[])
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_dossier dossier_data.dossier;
BEGIN
    dossiers := '{}';
    documents := '{}';
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier WHERE account_id = p_account ORDER BY id FOR UPDATE
    LOOP
        CONTINUE WHEN dossier_lib.dossier_closed(v_dossier) IS NOT NULL
            OR (v_dossier.relation = 'relative' AND EXISTS (
                SELECT FROM dossier_data.dossier o WHERE o.patient_id = v_dossier.patient_id
                  AND o.account_id <> p_account AND (o.state <> 'inactive' OR o.relation = 'self')));
        dossiers := dossiers || v_dossier;
        documents := documents || dossier_lib.documents_hold(v_dossier);
    END LOOP;
END
$$;

-- Against all that would write for the account, and with it whoever is told that documents have gone: two who keep
-- each other's dossier may leave at once.
CREATE OR REPLACE FUNCTION dossier_lib.account_and_readers_hold(p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_id uuid;
BEGIN
    FOR v_id IN
        SELECT DISTINCT o.account_id FROM dossier_data.dossier d
        JOIN dossier_data.dossier o ON o.patient_id = d.patient_id
        WHERE d.account_id = p_account UNION SELECT p_account ORDER BY 1
    LOOP
        IF v_id = p_account THEN
            PERFORM FROM dossier_data.account WHERE id = v_id FOR UPDATE;
        ELSE
            PERFORM dossier_lib.account_hold(v_id);
        END IF;
    END LOOP;
END
$$;

-- What the law wants kept stays without the person: consents under the account's id, which names no row
-- from now on; readings, for the desk, under ids that name nothing; the audit as it is (audit_name).
CREATE OR REPLACE FUNCTION dossier_lib.account_unlink(p_account dossier_data.account) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.consent
    SET unlinked_at = now(), patient_id = dossier_lib.audit_name(p_account.id, patient_id)
    WHERE account_id = p_account.id;
    UPDATE dossier_data.document_reading SET account_id = gen_random_uuid()
    WHERE account_id = p_account.id;
    DELETE FROM dossier_data.outbox WHERE registration_id IN (
        SELECT id FROM dossier_data.registration WHERE account_id = p_account.id);
    DELETE FROM dossier_data.throttle WHERE subject = p_account.id::text;
    -- as a relative of others, formerly: a line of theirs may tell that this account took over
    DELETE FROM dossier_data.audit_alias n WHERE n.subject = p_account.patient_id AND NOT EXISTS (
        SELECT FROM dossier_data.dossier d
        WHERE d.account_id = n.account_id AND d.patient_id = n.subject);
END
$$;
