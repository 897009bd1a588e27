-- Deleting an account.

CREATE OR REPLACE FUNCTION dossier.account_delete(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
