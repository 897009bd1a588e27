-- Hiding a document, and what is hidden.

CREATE OR REPLACE FUNCTION dossier.hiding_set(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_hidden boolean := (p ->> 'hidden')::boolean;
    v_action text := CASE WHEN v_hidden THEN 'document_hidden' ELSE 'document_shown' END;
    v_id uuid := (p ->> 'document_id')::uuid;
    v_found record;
    v_refusal text;
BEGIN
    PERFORM account_hold(v_account);
    SELECT v.patient_id, v.relation, v.withheld, v.document, v.told INTO v_found
    FROM dossier_documents() v WHERE v.account_id = v_account AND (v.document).id = v_id;
    v_refusal := CASE WHEN NOT FOUND THEN 'not_found' ELSE coalesce(
        dossier_refusal(v_account, v_found.patient_id),
        CASE WHEN v_found.withheld THEN 'not_found' END, document_ended(v_found.document)) END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, v_action, v_refusal, p ->> 'address',
            object => v_id);
        RETURN outcome(v_refusal);
    END IF;
    IF v_hidden THEN
        INSERT INTO document_hidden (document_id, account_id, by_patient)
        VALUES (v_id, v_account, v_found.relation = 'self')
        ON CONFLICT (document_id, account_id) DO UPDATE SET by_patient = document_hidden.by_patient
            OR excluded.by_patient;
        PERFORM alerts_unneeded(v_found.patient_id);
    ELSE
        DELETE FROM document_hidden h WHERE h.document_id = v_id
          AND CASE v_found.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = v_account END;
    END IF;
    PERFORM audit_write('account', v_account, v_action, 'ok', p ->> 'address',
        patient => v_found.patient_id, object => v_id);
    RETURN answer('ok', json_build_object('document', v_found.told));
END
$$;

CREATE OR REPLACE FUNCTION dossier.hiding_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal text := coalesce(dossier_refusal(v_account, v_patient), password_proof_take(p));
BEGIN
    PERFORM audit_write('account', v_account, 'hidden_documents_listed', coalesce(v_refusal, 'ok'),
        p ->> 'address', patient => v_patient);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    RETURN answer('ok', json_build_object('documents', (
        SELECT coalesce(json_agg(v.told ORDER BY (v.document).published_at DESC, (v.document).id DESC), '[]')
        FROM dossier_documents() v
        WHERE v.account_id = v_account AND v.patient_id = v_patient AND v.hidden AND NOT v.withheld
          AND document_ended(v.document) IS NULL)));
END
$$;
