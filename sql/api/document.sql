-- The documents of a dossier: listed, read, and destroyed by their patient.

-- Newest first. `next`: where the following page begins.
CREATE OR REPLACE FUNCTION dossier.document_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_limit int := least(100, greatest(1, coalesce((p ->> 'limit')::int, 50)));
    v_cursor text := substring(p ->> 'cursor' FROM '^000[0-9a-f]{45}$');
    v_at timestamptz := coalesce(cursor_time(v_cursor), 'infinity');
    v_id uuid := coalesce(substr(v_cursor, 17)::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
    v_type text := p ->> 'type';
    v_facility text := p ->> 'facility';
    v_from timestamptz := (p ->> 'from')::date::timestamp AT TIME ZONE 'Europe/Rome';
    v_to timestamptz := ((p ->> 'to')::date + 1)::timestamp AT TIME ZONE 'Europe/Rome';
    v_refusal text;
    v_count int;
    v_page json;
BEGIN
    -- one more than the page has says that there is another; the rows come to array_agg() as they are sorted
    SELECT count(*), json_build_object('next', CASE WHEN count(*) > v_limit THEN cursor_make(
            (array_agg(l.published_at))[v_limit], (array_agg(l.id))[v_limit]) END,
        'documents', coalesce(to_json((array_agg(l.told))[:v_limit]), '[]'))
    INTO v_count, v_page FROM (
        SELECT (v.document).id, (v.document).published_at, v.told
        FROM dossier_documents() v
        WHERE v.account_id = v_account AND v.patient_id = v_patient AND v.visible
          AND ((v.document).published_at, (v.document).id) < (v_at, v_id)
          AND (v_type IS NULL OR (v.document).type = v_type)
          AND (v_facility IS NULL OR (v.document).facility_id = v_facility)
          AND (v_from IS NULL OR (v.document).issued_at >= v_from)
          AND (v_to IS NULL OR (v.document).issued_at < v_to)
        ORDER BY (v.document).published_at DESC, (v.document).id DESC LIMIT v_limit + 1) l;
    IF v_count = 0 THEN -- of an empty page it is asked why
        v_refusal := dossier_refusal(v_account, v_patient);
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'documents_listed', v_refusal, p ->> 'address',
            patient => v_patient);
        RETURN outcome(v_refusal);
    ELSIF v_cursor IS DISTINCT FROM p ->> 'cursor' THEN
        RETURN outcome('cursor_invalid');
    END IF;
    RETURN answer('ok', v_page);
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_document uuid := (p ->> 'document_id')::uuid;
    v_refusal text;
    v_told json;
BEGIN
    SELECT v.refusal, v.told INTO v_refusal, v_told FROM dossier_documents() v
    WHERE v.account_id = v_account AND (v.document).id = v_document;
    IF NOT FOUND OR v_refusal IS NOT NULL THEN
        v_refusal := coalesce(v_refusal, 'not_found');
        PERFORM audit_write('account', v_account, 'document_seen', v_refusal, p ->> 'address', object => v_document);
        RETURN outcome(v_refusal);
    END IF;
    RETURN answer('ok', json_build_object('document', v_told));
END
$$;

-- read: the bytes go out to a reader; exported: with all the others, which is no reading; neither: it is only looked at.
-- object_id: the file that the caller has looked at before.
CREATE OR REPLACE FUNCTION dossier.document_open(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_id uuid := (p ->> 'document_id')::uuid;
    v_read boolean := coalesce((p ->> 'read')::boolean, false);
    v_exported boolean := coalesce((p ->> 'exported')::boolean, false);
    v_document document;
    v_found record;
    v_refusal text;
BEGIN
    IF v_read OR v_exported THEN
        PERFORM account_hold(v_account);
    END IF;
    SELECT v.document, v.refusal, v.told INTO v_found FROM dossier_documents() v
    WHERE v.account_id = v_account AND (v.document).id = v_id;
    v_document := v_found.document;
    -- The caller looks again. What was published while this call waited is still to come by its now().
    IF v_document.object_id <> (p ->> 'object_id')::uuid
            OR v_document.published_at > now() AND v_document.published_at <= clock_timestamp() THEN
        RETURN outcome('document_replaced');
    END IF;
    v_refusal := CASE WHEN v_document.id IS NULL THEN 'not_found' ELSE v_found.refusal END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'document_read', v_refusal, p ->> 'address', object => v_id);
        RETURN outcome(v_refusal);
    END IF;
    -- once is enough: who reads it again and again waits for no row, and the audit has each time
    IF v_read AND NOT EXISTS (SELECT FROM document_reading r WHERE r.document_id = v_document.id
            AND r.account_id = v_account AND r.version = v_document.version AND r.last_at >= v_document.published_at) THEN
        INSERT INTO document_reading (document_id, account_id, version)
        VALUES (v_document.id, v_account, v_document.version)
        ON CONFLICT (document_id, account_id, version) DO UPDATE SET last_at = now();
    END IF;
    IF v_read OR v_exported THEN
        PERFORM audit_write('account', v_account, CASE WHEN v_read THEN 'document_read' ELSE 'document_exported' END,
            'ok', p ->> 'address', patient => v_document.patient_id, object => v_document.id,
            facility => v_document.facility_id, detail => 'version ' || v_document.version);
    END IF;
    RETURN answer('ok', json_build_object(
        'document', v_found.told, -- as it was before this reading
        'receipt', json_build_object('object_id', v_document.object_id, 'size', v_document.size,
            'sha256', v_document.sha256, 'key_id', v_document.key_id, 'wrapped_key', v_document.wrapped_key)));
END
$$;

-- The file turned out not to be readable before a byte of it had left: the reading that document_open noted did not take
-- place. `new`: whether it was the first since the document was published; `failure`: what is told instead. The audit is
-- only added to, so that both lines stand there.
CREATE OR REPLACE FUNCTION dossier.document_unread(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_id uuid := (p ->> 'document_id')::uuid;
    v_version int := (p ->> 'version')::int;
    v_found record;
    v_document document;
    v_outcome text;
BEGIN
    PERFORM account_hold(v_account);
    SELECT v.document, v.refusal INTO v_found FROM dossier_documents() v
    WHERE v.account_id = v_account AND (v.document).id = v_id;
    v_document := v_found.document;
    IF (p ->> 'new')::boolean THEN
        DELETE FROM document_reading WHERE document_id = v_id AND account_id = v_account AND version = v_version
            AND (first_at < v_document.published_at AND v_document.version = v_version) IS NOT TRUE;
        UPDATE document_reading SET last_at = first_at
        WHERE document_id = v_id AND account_id = v_account AND version = v_version;
    END IF;
    v_outcome := CASE WHEN v_document.object_id <> (p ->> 'object_id')::uuid THEN 'document_replaced'
        WHEN v_document.id IS NULL THEN 'not_found' ELSE v_found.refusal END;
    PERFORM audit_write('account', v_account, 'document_read', coalesce(v_outcome, p ->> 'failure'), p ->> 'address',
        patient => v_document.patient_id, object => v_id, facility => v_document.facility_id,
        detail => 'version ' || v_version);
    RETURN outcome(coalesce(v_outcome, 'ok'));
END
$$;
