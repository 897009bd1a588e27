-- Leaving, a step at a time: a dossier's service off and on, its history wiped, the account deleted.

-- Enabling shows what is still within its days, and needs a consent to the notice of today.
CREATE OR REPLACE FUNCTION dossier.leaving_service_set(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_enabled boolean := (p ->> 'enabled')::boolean;
    v_dossier dossier;
    v_refusal text;
BEGIN
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE;
    v_refusal := service_refusal(v_dossier, p);
    IF v_refusal IS NULL AND v_enabled
            AND NOT (SELECT c.stands FROM consent_of(v_account, 'dossier', v_dossier.patient_id, now()) c) THEN
        v_refusal := 'consent_due';
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account,
            CASE WHEN v_enabled THEN 'service_enabled' ELSE 'service_disabled' END, v_refusal,
            p ->> 'address', patient => (p ->> 'patient_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    IF NOT v_enabled THEN
        PERFORM dossiers_disable(v_account, v_dossier.patient_id, p ->> 'address');
    ELSIF v_dossier.state = 'disabled' THEN
        UPDATE dossier SET state = 'active' WHERE id = v_dossier.id;
        PERFORM audit_write('account', v_account, 'service_enabled', 'ok', p ->> 'address',
            patient => v_dossier.patient_id);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE id = v_dossier.id;
    RETURN answer('ok', json_build_object('patient', patient_json(v_dossier)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.leaving_documents_wipe(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_dossier dossier;
    v_refusal text;
    v_objects uuid[];
BEGIN
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE;
    v_refusal := service_refusal(v_dossier, p);
    IF v_refusal IS NULL THEN
        v_objects := documents_destroy(v_dossier, documents_hold(v_dossier), p ->> 'address');
    END IF;
    PERFORM audit_write('account', v_account, 'documents_wiped', coalesce(v_refusal, 'ok'), p ->> 'address',
        patient => (p ->> 'patient_id')::uuid);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    PERFORM alerts_drop(s.account_id) FROM (
        SELECT account_id FROM dossier WHERE patient_id = v_dossier.patient_id ORDER BY account_id) s;
    RETURN answer('ok', jsonb_build_object('obsolete', to_jsonb(v_objects)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.leaving_account_delete(p jsonb) RETURNS dossier_data.answer
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
    RETURN answer('ok', jsonb_build_object('obsolete', to_jsonb(v_objects)));
END
$$;
