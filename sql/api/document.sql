-- The documents of a dossier: listed, read, and destroyed by their patient.

CREATE OR REPLACE FUNCTION dossier.document_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_limit int := least(100, greatest(1, coalesce((p ->> 'limit')::int, 50)));
    v_cursor text := p ->> 'cursor';
    v_refusal text := dossier_refusal(v_account, v_patient);
    v_dossier dossier;
    v_at timestamptz;
    v_id uuid;
    v_page document[];
    v_next text;
BEGIN
    IF v_refusal IS NULL AND v_cursor !~ '^000[0-9a-f]{45}$' THEN
        RETURN outcome('cursor_invalid');
    ELSIF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'documents_listed', v_refusal, p ->> 'address',
            patient => v_patient);
        RETURN outcome(v_refusal);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE account_id = v_account AND patient_id = v_patient;
    v_at := coalesce(cursor_time(v_cursor), 'infinity');
    v_id := coalesce(substr(v_cursor, 17)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_page := ARRAY(
        SELECT d FROM document d
        WHERE d.patient_id = v_patient AND document_visible(d, v_dossier)
          AND (d.published_at, d.id) < (v_at, v_id)
          AND (p ->> 'type' IS NULL OR d.type = p ->> 'type')
          AND (p ->> 'facility' IS NULL OR d.facility_id = p ->> 'facility')
          AND (p ->> 'from' IS NULL
               OR d.issued_at >= (p ->> 'from')::date::timestamp AT TIME ZONE 'Europe/Rome')
          AND (p ->> 'to' IS NULL
               OR d.issued_at < ((p ->> 'to')::date + 1)::timestamp AT TIME ZONE 'Europe/Rome')
        ORDER BY d.published_at DESC, d.id DESC LIMIT v_limit + 1);
    IF cardinality(v_page) > v_limit THEN
        v_page := v_page[:v_limit];
        v_next := cursor_make(v_page[v_limit].published_at, v_page[v_limit].id);
    END IF;
    RETURN answer('ok', jsonb_build_object('next', v_next, 'documents', (
        SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at DESC, d.id DESC), '[]')
        FROM unnest(v_page) d)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_document document;
    v_refusal text;
BEGIN
    SELECT * INTO v_document FROM document WHERE id = (p ->> 'document_id')::uuid;
    v_refusal := document_refusal(v_document, v_account);
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'document_seen', v_refusal, p ->> 'address',
            object => (p ->> 'document_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    RETURN answer('ok', jsonb_build_object('document', document_json(v_document, v_account)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_open(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_read boolean := coalesce((p ->> 'read')::boolean, false);
    v_exported boolean := coalesce((p ->> 'exported')::boolean, false);
    v_action text := CASE WHEN v_read THEN 'document_read' ELSE 'document_exported' END;
    v_document document;
    v_refusal text;
    v_answer answer;
BEGIN
    IF v_read OR v_exported THEN
        PERFORM account_hold(v_account);
    END IF;
    SELECT * INTO v_document FROM document WHERE id = (p ->> 'document_id')::uuid;
    -- The caller looks again. What was published while this call waited is still to come by its now().
    IF v_document.object_id <> (p ->> 'object_id')::uuid
            OR v_document.published_at > now() AND v_document.published_at <= clock_timestamp() THEN
        RETURN outcome('document_replaced');
    END IF;
    v_refusal := document_refusal(v_document, v_account);
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'document_read', v_refusal, p ->> 'address',
            object => (p ->> 'document_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    -- as it was before this reading
    v_answer := answer('ok', jsonb_build_object('document', document_json(v_document, v_account),
        'receipt', jsonb_build_object('object_id', v_document.object_id, 'size', v_document.size,
            'sha256', v_document.sha256, 'key_id', v_document.key_id,
            'wrapped_key', v_document.wrapped_key)));
    IF v_read THEN
        INSERT INTO document_reading (document_id, account_id, version)
        VALUES (v_document.id, v_account, v_document.version)
        ON CONFLICT (document_id, account_id, version) DO UPDATE SET last_at = now();
    END IF;
    IF v_read OR v_exported THEN
        PERFORM audit_write('account', v_account, v_action, 'ok', p ->> 'address',
            patient => v_document.patient_id, object => v_document.id,
            facility => v_document.facility_id, detail => 'version ' || v_document.version);
    END IF;
    RETURN v_answer;
END
$$;
