-- Deleting an account. Lock order: dossiers, documents, accounts, and then what hangs on them.

-- An account is deleted at any moment: what is about to write rows that belong to it holds it first, and
-- what it looks at afterwards is there or is gone with it. False: gone.
CREATE OR REPLACE FUNCTION dossier_data.account_hold(p_account uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.account WHERE id = p_account FOR KEY SHARE;
    RETURN FOUND;
END
$$;

-- Those that keep one of these patients, before what goes with an account is locked: none is deleted meanwhile.
DROP FUNCTION IF EXISTS dossier_data.accounts_hold(dossier_data.document[]);
CREATE OR REPLACE FUNCTION dossier_data.accounts_hold(p_patients uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_data.account_hold(s.account_id) FROM (
        SELECT DISTINCT account_id FROM dossier_data.dossier
        WHERE patient_id = ANY (p_patients) ORDER BY account_id) s;
END
$$;

-- The dossiers whose documents go with the account, and these documents, all held: its holder's, and of relatives
-- those that nobody else keeps; whose patient has an account keeps them, also before it opens the dossier.
CREATE OR REPLACE FUNCTION dossier_data.account_documents_hold(
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
        CONTINUE WHEN dossier_data.dossier_closed(v_dossier) IS NOT NULL
            OR (v_dossier.relation = 'relative' AND EXISTS (
                SELECT FROM dossier_data.dossier o WHERE o.patient_id = v_dossier.patient_id
                  AND o.account_id <> p_account AND (o.state <> 'inactive' OR o.relation = 'self')));
        dossiers := dossiers || v_dossier;
        documents := documents || dossier_data.documents_hold(v_dossier);
    END LOOP;
END
$$;

-- Against all that would write for the account, and with it whoever is told that documents have gone: two who keep
-- each other's dossier may leave at once.
CREATE OR REPLACE FUNCTION dossier_data.account_and_readers_hold(p_account uuid) RETURNS void
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
            PERFORM dossier_data.account_hold(v_id);
        END IF;
    END LOOP;
END
$$;

-- What the law wants kept stays without the person: consents under the account's id, which names no row
-- from now on; readings, for the desk, under ids that name nothing; the audit as it is (audit_name).
CREATE OR REPLACE FUNCTION dossier_data.account_unlink(p_account dossier_data.account) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.consent
    SET unlinked_at = now(), patient_id = dossier_data.audit_name(p_account.id, patient_id)
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

CREATE OR REPLACE FUNCTION dossier.account_delete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account account;
    v_refusal text;
    v_dossiers dossier[];
    v_documents uuid[];
    v_dossier dossier;
    v_objects uuid[] := '{}';
    v_facility text := account_facility((p ->> 'account_id')::uuid);
BEGIN
    PERFORM lock_name('account:' || (p ->> 'account_id'));
    SELECT * INTO v_account FROM account WHERE id = (p ->> 'account_id')::uuid;
    v_refusal := CASE WHEN NOT FOUND THEN 'unauthenticated' ELSE password_proof_take(p) END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', (p ->> 'account_id')::uuid, 'account_deleted', v_refusal, p ->> 'address');
        RETURN outcome(v_refusal);
    END IF;
    PERFORM lock_name('patient:' || patient_id) FROM ( -- of two who leave the last one takes the documents along
        SELECT patient_id FROM dossier WHERE account_id = v_account.id ORDER BY patient_id) d;
    SELECT dossiers, documents INTO v_dossiers, v_documents FROM account_documents_hold(v_account.id);
    DELETE FROM login_attempt WHERE account_id = v_account.id;
    PERFORM account_and_readers_hold(v_account.id);
    SELECT * INTO v_account FROM account WHERE id = v_account.id;
    FOREACH v_dossier IN ARRAY v_dossiers LOOP
        v_objects := v_objects || documents_destroy(v_dossier, v_documents, p ->> 'address');
    END LOOP;
    PERFORM audit_write('account', v_account.id, 'account_deleted', 'ok', p ->> 'address',
        patient => v_account.patient_id);
    PERFORM account_unlink(v_account);
    DELETE FROM account WHERE id = v_account.id;
    -- of no account: the last word to an address that is nobody's by now
    PERFORM message_queue_to(CASE WHEN v_account.email IS NULL THEN 'sms' ELSE 'mail' END,
        coalesce(v_account.email, v_account.mobile), v_account.language, NULL, 'account_deleted',
        v_facility);
    RETURN jsonb_build_object('outcome', 'ok', 'obsolete', to_jsonb(v_objects));
END
$$;
