-- Rules of one row at a time; they give way to visibility.sql.

-- Held, not told by a doctor, of a protected class and this is not the patient, or hidden by the patient.
CREATE OR REPLACE FUNCTION dossier_lib.document_kept_from(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT now() < d.published_at
        OR (d.class = 'hiv' AND NOT d.told_by_doctor)
        OR (d.class <> 'ordinary' AND s.relation <> 'self')
        OR (s.relation <> 'self' AND EXISTS (SELECT FROM dossier_data.document_hidden h
                                             WHERE h.document_id = d.id AND h.by_patient))
$$;

-- Whether the desk hands it over: the visit it names is declined. One that names none may belong to any visit of
-- the patient's that was registered before it, or soon after it, and not long before.
CREATE OR REPLACE FUNCTION dossier_lib.pickup_declined(
    p_patient uuid, p_acceptance uuid, p_sent_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.acceptance a
        WHERE a.patient_id = p_patient AND NOT a.online_pickup
          AND CASE WHEN p_acceptance IS NULL THEN p_sent_at > a.created_at - dossier_lib.days(7)
                                              AND p_sent_at < a.created_at + dossier_lib.days(365)
              ELSE a.id = p_acceptance END)
$$;

-- That, or of a visit whose reports are collected at the desk, or perhaps of one.
CREATE OR REPLACE FUNCTION dossier_lib.document_withheld(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.document_kept_from(d, s)
        OR dossier_lib.pickup_declined(d.patient_id, d.acceptance_id, d.created_at)
$$;

-- Taken out of sight from this dossier. What the patient hides stays so for a later account of the
-- patient's; what a relative's account hides, the patient never misses.
CREATE OR REPLACE FUNCTION dossier_lib.document_hidden_in(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.document_hidden h WHERE h.document_id = d.id
        AND CASE s.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = s.account_id END)
$$;

CREATE OR REPLACE FUNCTION dossier_lib.document_concealed(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.document_withheld(d, s) OR dossier_lib.document_hidden_in(d, s)
$$;

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

-- What a dossier shows: lists, counts, readings, exports and last calls all ask here.
CREATE OR REPLACE FUNCTION dossier_lib.document_visible(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT s.state = 'active' AND d.patient_id = s.patient_id AND d.withdrawn_at IS NULL
       AND d.deleted_at IS NULL AND d.purged_at IS NULL AND now() < d.expires_at
       AND NOT dossier_lib.document_concealed(d, s) AND NOT dossier_lib.handed_over(s)
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
