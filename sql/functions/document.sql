-- What a patient sees of a document.
CREATE OR REPLACE FUNCTION dossier_data.document_json(d dossier_data.document, p_account uuid)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', d.id, 'patient_id', d.patient_id, 'title', d.title,
        'type', d.type, 'author', d.author,
        'facility', jsonb_build_object('id', f.id, 'name', f.name),
        'media_type', d.media_type, 'size', d.size,
        'issued_at', dossier_data.rfc3339(d.issued_at),
        'published_at', dossier_data.rfc3339(d.published_at),
        'expires_at', dossier_data.rfc3339(d.expires_at),
        'version', d.version, 'corrected', d.corrected,
        'new', NOT EXISTS (SELECT FROM dossier_data.document_reading r WHERE r.document_id = d.id
            AND r.account_id = p_account AND r.version = d.version))
    FROM dossier_data.facility f WHERE f.id = d.facility_id
$$;

-- What the facility knows a document by: another one after each change of its file, what is said of it, or its end.
CREATE OR REPLACE FUNCTION dossier_data.document_tag(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT dossier_data.tag_of(to_jsonb(s)) FROM (SELECT d.version, d.sha256, d.facility_id, d.acceptance_id, d.title,
        d.type, d.author, d.class, d.told_by_doctor, d.hold, d.hold_until AT TIME ZONE 'UTC' AS hold_until,
        d.issued_at AT TIME ZONE 'UTC' AS issued_at, d.published_at AT TIME ZONE 'UTC' AS published_at,
        d.withdrawn_at IS NULL AS there, d.deleted_at IS NULL AS kept, d.changes) s
$$;

-- As the facility is told. Held: not readable yet; declined: to be collected at the desk.
CREATE OR REPLACE FUNCTION dossier_data.document_state_of(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN d.deleted_at IS NOT NULL THEN 'deleted_by_patient'
        WHEN d.purged_at IS NOT NULL OR now() >= d.expires_at THEN 'expired'
        WHEN now() < d.published_at OR (d.class = 'hiv' AND NOT d.told_by_doctor) THEN 'held'
        WHEN dossier_data.pickup_declined(d.patient_id, d.acceptance_id, d.created_at) THEN 'declined'
        ELSE 'published' END
$$;

-- Since when it can be read, or could be; null: it never could. What came due while its visit was declined waits for
-- its announcement.
CREATE OR REPLACE FUNCTION dossier_data.document_readable_since(d dossier_data.document) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.published_at <= now() AND NOT (d.announce AND dossier_data.document_state_of(d) <> 'published')
        THEN d.published_at END
$$;

-- For the facility: since when it can be read, null while it cannot; and when the hold ends by itself, if it does.
CREATE OR REPLACE FUNCTION dossier_data.document_times(d dossier_data.document) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'published_at', CASE WHEN s.state NOT IN ('held', 'declined')
            THEN dossier_data.rfc3339(dossier_data.document_readable_since(d)) END,
        'held_until', CASE WHEN s.state = 'held' AND now() < d.published_at THEN dossier_data.rfc3339(d.published_at) END,
        'expires_at', dossier_data.rfc3339(d.expires_at))
    FROM (SELECT dossier_data.document_state_of(d) AS state) s
$$;

-- Null: it has not come to its end. Else what a patient is told who could read it before.
CREATE OR REPLACE FUNCTION dossier_data.document_ended(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE dossier_data.document_state_of(d) WHEN 'withdrawn' THEN 'document_withdrawn'
        WHEN 'deleted_by_patient' THEN 'document_deleted'
        WHEN 'expired' THEN 'document_expired' END
$$;

-- What a dossier shows: lists, counts, readings, exports and last calls all ask here.
CREATE OR REPLACE FUNCTION dossier_data.document_visible(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT s.state = 'active' AND d.patient_id = s.patient_id AND d.withdrawn_at IS NULL
       AND d.deleted_at IS NULL AND d.purged_at IS NULL AND now() < d.expires_at
       AND NOT dossier_data.document_concealed(d, s) AND NOT dossier_data.handed_over(s)
$$;

-- Null: this dossier may be looked into. A dossier that is not the account's does not exist.
CREATE OR REPLACE FUNCTION dossier_data.dossier_refusal(p_account uuid, p_patient uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE coalesce((SELECT state FROM dossier_data.dossier d
                          WHERE account_id = p_account AND patient_id = p_patient
                            AND NOT dossier_data.handed_over(d)), 'none')
        WHEN 'active' THEN NULL WHEN 'inactive' THEN 'dossier_inactive'
        WHEN 'disabled' THEN 'dossier_disabled' ELSE 'not_found' END
$$;

-- A page ends at (published_at, id); as 16 and 32 hex digits.
CREATE OR REPLACE FUNCTION dossier_data.cursor_make(p_at timestamptz, p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT lpad(to_hex((extract(epoch FROM p_at) * 1000000)::bigint), 16, '0') || replace(p_id::text, '-', '')
$$;

CREATE OR REPLACE FUNCTION dossier_data.cursor_time(p_cursor text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'epoch'::timestamptz + make_interval(secs => 0)
        + (('x' || left(p_cursor, 16))::bit(64)::bigint) * interval '1 microsecond'
$$;

CREATE OR REPLACE FUNCTION dossier.document_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    RETURN jsonb_build_object('outcome', 'ok', 'next', v_next, 'documents', (
        SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at DESC, d.id DESC), '[]')
        FROM unnest(v_page) d));
END
$$;

-- Null: this account may read it now. Somebody else's document does not exist, nor does one that the
-- dossier conceals, whatever became of it.
CREATE OR REPLACE FUNCTION dossier_data.document_refusal(d dossier_data.document, p_account uuid)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.id IS NULL THEN 'not_found' ELSE coalesce(
        dossier_data.dossier_refusal(p_account, d.patient_id),
        (SELECT CASE WHEN dossier_data.document_concealed(d, s) THEN 'not_found' END
         FROM dossier_data.dossier s WHERE s.account_id = p_account AND s.patient_id = d.patient_id),
        dossier_data.document_ended(d)) END
$$;

CREATE OR REPLACE FUNCTION dossier.document_get(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    RETURN jsonb_build_object('outcome', 'ok', 'document', document_json(v_document, v_account));
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_open(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_read boolean := coalesce((p ->> 'read')::boolean, false);
    v_exported boolean := coalesce((p ->> 'exported')::boolean, false);
    v_action text := CASE WHEN v_read THEN 'document_read' ELSE 'document_exported' END;
    v_document document;
    v_refusal text;
    v_answer jsonb;
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
    v_answer := jsonb_build_object('outcome', 'ok',
        'document', document_json(v_document, v_account),
        'receipt', jsonb_build_object('object_id', v_document.object_id, 'size', v_document.size,
            'sha256', v_document.sha256, 'key_id', v_document.key_id,
            'wrapped_key', v_document.wrapped_key));
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
