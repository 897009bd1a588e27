-- Wiping the history of a dossier: the keys are destroyed, and the files are noise. Deleting an account: lock
-- order dossiers, documents, accounts, and then what hangs on them.

-- Held until the end of the transaction: what of a dossier can be destroyed. Whoever destroys holds all of it before
-- the first line of the audit, which names it (audit_name) and with that makes others wait.
-- That is what the dossier shows, hides at the patient's wish, or showed until the facility took it back or the patient
-- declined online pick-up (which may be chosen again, and must bring nothing back). What was kept from it never was in
-- it, and is asked once nobody can change it.
CREATE OR REPLACE FUNCTION dossier_lib.documents_hold(p_dossier dossier_data.dossier) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_held uuid[] := ARRAY(SELECT id FROM dossier_data.document WHERE patient_id = p_dossier.patient_id
        AND deleted_at IS NULL AND purged_at IS NULL AND now() < expires_at ORDER BY id FOR NO KEY UPDATE);
BEGIN
    RETURN ARRAY(SELECT (v.document).id FROM dossier_lib.dossier_documents() v
        WHERE v.account_id = p_dossier.account_id AND v.patient_id = p_dossier.patient_id
          AND (v.document).id = ANY (v_held) AND NOT v.kept_from ORDER BY 1);
END
$$;

-- To each other account that could read what has gone from a dossier: that it is gone, and not by whom. Of no account:
-- its line would lead from one to the other for ever.
CREATE OR REPLACE FUNCTION dossier_lib.documents_loss_note(
    p_dossier dossier_data.dossier, p_objects uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account uuid;
BEGIN
    FOR v_account IN
        SELECT s.account_id FROM dossier_lib.dossiers_kept() s
        WHERE s.patient_id = p_dossier.patient_id AND s.id <> p_dossier.id AND s.state <> 'inactive'
          AND EXISTS (SELECT FROM dossier_lib.dossier_documents() v
            WHERE v.account_id = s.account_id AND v.patient_id = s.patient_id
              AND (v.document).object_id = ANY (p_objects)
              AND (v.document).withdrawn_at IS NULL AND NOT v.withheld)
        ORDER BY s.account_id
    LOOP
        PERFORM dossier_lib.audit_write('anyone', NULL, 'documents_wiped_by_another', 'ok', NULL,
            account => v_account, patient => p_dossier.patient_id);
    END LOOP;
END
$$;

-- Of the dossier's documents among those held, the object ids whose files may go, with all that the documents had
-- before; of a document that stays, because it is kept from the patient by now, those too that this dossier could have
-- shown. What of the rows would tell about the person's health goes as well.
CREATE OR REPLACE FUNCTION dossier_lib.documents_destroy(
    p_dossier dossier_data.dossier, p_documents uuid[], p_address text) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_objects uuid[];
    v_former uuid[];
BEGIN
    WITH gone AS (
        UPDATE dossier_data.document d SET deleted_at = now(), wrapped_key = NULL, title = NULL, author = NULL,
            announce = false, last_call_at = NULL, calls = dossier_lib.calls_ended(d.calls)
        WHERE d.patient_id = p_dossier.patient_id AND d.id = ANY (p_documents) RETURNING d.*
    ), noted AS (
        SELECT id, dossier_lib.audit_write('account', p_dossier.account_id, 'document_deleted', 'ok',
            p_address, patient => patient_id, object => id, facility => facility_id,
            detail => 'version ' || version)
        FROM gone
    )
    SELECT dossier_lib.documents_files(coalesce(array_agg(id), '{}')) INTO v_objects FROM noted;
    PERFORM dossier_lib.documents_loss_note(p_dossier, v_objects);
    WITH former AS (
        UPDATE dossier_data.destroyed_object o SET why = 'deleted', at = now(), told = false
        FROM dossier_data.document d
        WHERE d.patient_id = p_dossier.patient_id AND o.document_id = d.id AND o.why = 'replaced' AND o.readable
          AND (p_dossier.relation = 'self' OR o.class = 'ordinary' AND NOT EXISTS (
            SELECT FROM dossier_data.document_hidden h WHERE h.document_id = d.id AND h.by_patient))
        RETURNING o.object_id
    )
    SELECT coalesce(array_agg(object_id), '{}') INTO v_former FROM former;
    RETURN v_objects || v_former;
END
$$;

-- An account is deleted at any moment: what is about to write rows that belong to it holds it first, and
-- what it looks at afterwards is there or is gone with it. False: gone.
CREATE OR REPLACE FUNCTION dossier_lib.account_hold(p_account uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.account WHERE id = p_account FOR KEY SHARE;
    RETURN FOUND;
END
$$;

-- Those that keep one of these patients, before what goes with an account is locked: none is deleted meanwhile. The
-- patients are unpacked inside: an array that is compared with is planned for anew at each call, by how long it is.
CREATE OR REPLACE FUNCTION dossier_lib.accounts_hold(p_patients uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.account WHERE id = ANY (ARRAY(
        SELECT account_id FROM dossier_data.dossier WHERE patient_id = ANY (ARRAY(SELECT unnest(p_patients)))))
    ORDER BY id FOR KEY SHARE;
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
