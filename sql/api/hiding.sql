-- Hiding a document, and what is hidden.

CREATE OR REPLACE FUNCTION dossier.hiding_set(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_hidden boolean := (p ->> 'hidden')::boolean;
    v_action text := CASE WHEN v_hidden THEN 'document_hidden' ELSE 'document_shown' END;
    v_document document;
    v_dossier dossier;
    v_refusal text;
BEGIN
    PERFORM account_hold(v_account);
    SELECT * INTO v_document FROM document WHERE id = (p ->> 'document_id')::uuid;
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = v_document.patient_id;
    v_refusal := CASE WHEN v_dossier.id IS NULL THEN 'not_found' ELSE coalesce(
        dossier_refusal(v_account, v_document.patient_id),
        CASE WHEN document_withheld(v_document, v_dossier) THEN 'not_found' END,
        document_ended(v_document)) END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, v_action, v_refusal, p ->> 'address',
            object => (p ->> 'document_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    IF v_hidden THEN
        INSERT INTO document_hidden (document_id, account_id, by_patient)
        VALUES (v_document.id, v_account, v_dossier.relation = 'self')
        ON CONFLICT (document_id, account_id) DO UPDATE SET by_patient = document_hidden.by_patient
            OR excluded.by_patient;
        PERFORM alerts_unneeded(v_document.patient_id);
    ELSE
        DELETE FROM document_hidden h WHERE h.document_id = v_document.id
          AND CASE v_dossier.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = v_account END;
    END IF;
    PERFORM audit_write('account', v_account, v_action, 'ok', p ->> 'address',
        patient => v_document.patient_id, object => v_document.id);
    RETURN answer('ok', jsonb_build_object('document', document_json(v_document, v_account)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.hiding_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal text := coalesce(dossier_refusal(v_account, v_patient), password_proof_take(p));
    v_dossier dossier;
BEGIN
    PERFORM audit_write('account', v_account, 'hidden_documents_listed', coalesce(v_refusal, 'ok'),
        p ->> 'address', patient => v_patient);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE account_id = v_account AND patient_id = v_patient;
    RETURN answer('ok', jsonb_build_object('documents', (
        SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at DESC, d.id DESC), '[]')
        FROM document d
        WHERE d.patient_id = v_patient AND document_hidden_in(d, v_dossier)
          AND document_ended(d) IS NULL AND NOT document_withheld(d, v_dossier))));
END
$$;
