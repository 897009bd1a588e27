-- What a patient sees of a document.
CREATE OR REPLACE FUNCTION dossier_lib.document_json(d dossier_data.document, p_account uuid)
RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', d.id, 'patient_id', d.patient_id, 'title', d.title,
        'type', d.type, 'author', d.author,
        'facility', jsonb_build_object('id', f.id, 'name', f.name),
        'media_type', d.media_type, 'size', d.size,
        'issued_at', dossier_lib.rfc3339(d.issued_at),
        'published_at', dossier_lib.rfc3339(d.published_at),
        'expires_at', dossier_lib.rfc3339(d.expires_at),
        'version', d.version, 'corrected', d.corrected,
        'new', NOT EXISTS (SELECT FROM dossier_data.document_reading r WHERE r.document_id = d.id
            AND r.account_id = p_account AND r.version = d.version))
    FROM dossier_data.facility f WHERE f.id = d.facility_id
$$;

-- What the facility knows a document by: another one after each change of its file, what is said of it, or its end.
CREATE OR REPLACE FUNCTION dossier_lib.document_tag(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.tag_of(to_jsonb(s)) FROM (SELECT d.version, d.sha256, d.facility_id, d.acceptance_id, d.title,
        d.type, d.author, d.class, d.told_by_doctor, d.hold, d.hold_until AT TIME ZONE 'UTC' AS hold_until,
        d.issued_at AT TIME ZONE 'UTC' AS issued_at, d.published_at AT TIME ZONE 'UTC' AS published_at,
        d.withdrawn_at IS NULL AS there, d.deleted_at IS NULL AS kept, d.changes) s
$$;

-- As the facility is told. Held: not readable yet; declined: to be collected at the desk.
CREATE OR REPLACE FUNCTION dossier_lib.document_state_of(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.withdrawn_at IS NOT NULL THEN 'withdrawn'
        WHEN d.deleted_at IS NOT NULL THEN 'deleted_by_patient'
        WHEN d.purged_at IS NOT NULL OR now() >= d.expires_at THEN 'expired'
        WHEN now() < d.published_at OR (d.class = 'hiv' AND NOT d.told_by_doctor) THEN 'held'
        WHEN dossier_lib.pickup_declined(d.patient_id, d.acceptance_id, d.created_at) THEN 'declined'
        ELSE 'published' END
$$;

-- Since when it can be read, or could be; null: it never could. What came due while its visit was declined waits for
-- its announcement.
CREATE OR REPLACE FUNCTION dossier_lib.document_readable_since(d dossier_data.document) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.published_at <= now() AND NOT (d.announce AND dossier_lib.document_state_of(d) <> 'published')
        THEN d.published_at END
$$;

-- For the facility: since when it can be read, null while it cannot; and when the hold ends by itself, if it does.
CREATE OR REPLACE FUNCTION dossier_lib.document_times(d dossier_data.document) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'published_at', CASE WHEN s.state NOT IN ('held', 'declined')
            THEN dossier_lib.rfc3339(dossier_lib.document_readable_since(d)) END,
        'held_until', CASE WHEN s.state = 'held' AND now() < d.published_at
            THEN dossier_lib.rfc3339(d.published_at) END,
        'expires_at', dossier_lib.rfc3339(d.expires_at))
    FROM (SELECT dossier_lib.document_state_of(d) AS state) s
$$;

-- Null: it has not come to its end. Else what a patient is told who could read it before.
CREATE OR REPLACE FUNCTION dossier_lib.document_ended(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE dossier_lib.document_state_of(d) WHEN 'withdrawn' THEN 'document_withdrawn'
        WHEN 'deleted_by_patient' THEN 'document_deleted'
        WHEN 'expired' THEN 'document_expired' END
$$;

-- What a dossier shows: lists, counts, readings, exports and last calls all ask here.
CREATE OR REPLACE FUNCTION dossier_lib.document_visible(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT s.state = 'active' AND d.patient_id = s.patient_id AND d.withdrawn_at IS NULL
       AND d.deleted_at IS NULL AND d.purged_at IS NULL AND now() < d.expires_at
       AND NOT dossier_lib.document_concealed(d, s) AND NOT dossier_lib.handed_over(s)
$$;

-- Null: this dossier may be looked into. A dossier that is not the account's does not exist.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_refusal(p_account uuid, p_patient uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE coalesce((SELECT state FROM dossier_data.dossier d
                          WHERE account_id = p_account AND patient_id = p_patient
                            AND NOT dossier_lib.handed_over(d)), 'none')
        WHEN 'active' THEN NULL WHEN 'inactive' THEN 'dossier_inactive'
        WHEN 'disabled' THEN 'dossier_disabled' ELSE 'not_found' END
$$;

-- A page ends at (published_at, id); as 16 and 32 hex digits.
CREATE OR REPLACE FUNCTION dossier_lib.cursor_make(p_at timestamptz, p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT lpad(to_hex((extract(epoch FROM p_at) * 1000000)::bigint), 16, '0') || replace(p_id::text, '-', '')
$$;

CREATE OR REPLACE FUNCTION dossier_lib.cursor_time(p_cursor text) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT 'epoch'::timestamptz + make_interval(secs => 0)
        + (('x' || left(p_cursor, 16))::bit(64)::bigint) * interval '1 microsecond'
$$;

-- Null: this account may read it now. Somebody else's document does not exist, nor does one that the
-- dossier conceals, whatever became of it.
CREATE OR REPLACE FUNCTION dossier_lib.document_refusal(d dossier_data.document, p_account uuid)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.id IS NULL THEN 'not_found' ELSE coalesce(
        dossier_lib.dossier_refusal(p_account, d.patient_id),
        (SELECT CASE WHEN dossier_lib.document_concealed(d, s) THEN 'not_found' END
         FROM dossier_data.dossier s WHERE s.account_id = p_account AND s.patient_id = d.patient_id),
        dossier_lib.document_ended(d)) END
$$;
