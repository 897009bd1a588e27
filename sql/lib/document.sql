-- A document: what is said of it to whom, and where a page of them ends.

-- What a patient sees of it. row_to_json() takes three quarters of json_build_object()'s time.
CREATE OR REPLACE FUNCTION dossier_lib.document_told(d dossier_data.document, p_facility text, p_unread boolean)
RETURNS TABLE (told json)
LANGUAGE sql STABLE AS $$
    SELECT row_to_json(v) FROM (SELECT d.id, d.patient_id, d.title, d.type, d.author, f AS facility, d.media_type, d.size,
            dossier_lib.rfc3339(d.issued_at) AS issued_at, dossier_lib.rfc3339(d.published_at) AS published_at,
            dossier_lib.rfc3339(d.expires_at) AS expires_at, d.version, d.corrected, p_unread AS new
        FROM (SELECT d.facility_id AS id, p_facility AS name) f) v
$$;

-- What the facility knows a document by: another one after each change of its file, what is said of it, or its end.
CREATE OR REPLACE FUNCTION dossier_lib.document_tag(d dossier_data.document) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN dossier_lib.tag_of(jsonb_build_object('version', d.version, 'sha256', d.sha256,
        'facility_id', d.facility_id, 'acceptance_id', d.acceptance_id, 'title', d.title, 'type', d.type,
        'author', d.author, 'class', d.class, 'told_by_doctor', d.told_by_doctor, 'hold', d.hold,
        'hold_until', d.hold_until AT TIME ZONE 'UTC', 'issued_at', d.issued_at AT TIME ZONE 'UTC',
        'published_at', d.published_at AT TIME ZONE 'UTC', 'there', d.withdrawn_at IS NULL,
        'kept', d.deleted_at IS NULL, 'changes', d.changes));
END
$$;

-- Nobody can read it yet.
CREATE OR REPLACE FUNCTION dossier_lib.document_held(d dossier_data.document) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT now() < d.published_at OR (d.class = 'hiv' AND NOT d.told_by_doctor)
$$;

-- It has not come to its end.
CREATE OR REPLACE FUNCTION dossier_lib.document_there(d dossier_data.document) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT d.withdrawn_at IS NULL AND d.deleted_at IS NULL AND d.purged_at IS NULL AND now() < d.expires_at
$$;

-- Null: it has not. Else what a patient is told who could read it before.
CREATE OR REPLACE FUNCTION dossier_lib.document_ended(d dossier_data.document) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN dossier_lib.document_there(d) THEN NULL
        WHEN d.withdrawn_at IS NOT NULL THEN 'document_withdrawn'
        WHEN d.deleted_at IS NOT NULL THEN 'document_deleted' ELSE 'document_expired' END
$$;

-- As the facility is told. Held: not readable yet; declined: to be collected at the desk.
CREATE OR REPLACE FUNCTION dossier_lib.document_state(d dossier_data.document, p_declined boolean) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE dossier_lib.document_ended(d) WHEN 'document_withdrawn' THEN 'withdrawn'
        WHEN 'document_deleted' THEN 'deleted_by_patient' WHEN 'document_expired' THEN 'expired'
        ELSE CASE WHEN dossier_lib.document_held(d) THEN 'held' WHEN p_declined THEN 'declined' ELSE 'published' END END
$$;

-- The same of one document, such as it is in a variable.
CREATE OR REPLACE FUNCTION dossier_lib.document_state_of(d dossier_data.document) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN dossier_lib.document_state(d,
        (SELECT declined FROM dossier_lib.pickup_of(d.patient_id, d.acceptance_id, d.created_at)));
END
$$;

-- Since when it can be read, or could be; null: it never could. What came due while its visit was declined waits for
-- its announcement.
CREATE OR REPLACE FUNCTION dossier_lib.document_readable_since(d dossier_data.document) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.published_at <= now() AND NOT (d.announce AND dossier_lib.document_state_of(d) <> 'published')
        THEN d.published_at END
$$;

-- For the facility: its state; since when it can be read, null while it cannot; and when the hold ends by itself, if it
-- does.
CREATE OR REPLACE FUNCTION dossier_lib.document_standing(d dossier_data.document) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_state text := dossier_lib.document_state_of(d);
BEGIN
    RETURN jsonb_build_object('state', v_state,
        'published_at', CASE WHEN v_state NOT IN ('held', 'declined')
            THEN dossier_lib.rfc3339(dossier_lib.document_readable_since(d)) END,
        'held_until', CASE WHEN v_state = 'held' AND now() < d.published_at
            THEN dossier_lib.rfc3339(d.published_at) END,
        'expires_at', dossier_lib.rfc3339(d.expires_at));
END
$$;

-- Null: a dossier in this state may be looked into. p_kept: still its account's.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_refusal_of(p_state text, p_kept boolean) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN NOT p_kept THEN 'not_found'
        WHEN p_state = 'inactive' THEN 'dossier_inactive' WHEN p_state = 'disabled' THEN 'dossier_disabled' END
$$;

-- The same of one. A dossier that is not the account's does not exist.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_refusal(p_account uuid, p_patient uuid) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_state text;
BEGIN
    SELECT s.state INTO v_state FROM dossier_lib.dossiers_kept() s
    WHERE s.account_id = p_account AND s.patient_id = p_patient;
    RETURN dossier_lib.dossier_refusal_of(v_state, FOUND);
END
$$;

-- A page ends at (published_at, id); as 16 and 32 hex digits.
CREATE OR REPLACE FUNCTION dossier_lib.cursor_make(p_at timestamptz, p_id uuid) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT lpad(to_hex((extract(epoch FROM p_at) * 1000000)::bigint), 16, '0') || replace(p_id::text, '-', '')
$$;

CREATE OR REPLACE FUNCTION dossier_lib.cursor_time(p_cursor text) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT 'epoch'::timestamptz + make_interval(secs => 0)
        + (('x' || left(p_cursor, 16))::bit(64)::bigint) * interval '1 microsecond'
$$;
