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

-- A relative's account sees the visits it was at the desk for, by its number or its slip, save those that the patient
-- has declined. Asked of each line of an activity, so in the language that plans it once.
CREATE OR REPLACE FUNCTION dossier_lib.acceptance_shown(
    a dossier_data.acceptance, s dossier_data.dossier) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN a.patient_id = s.patient_id AND (s.relation = 'self' OR NOT a.declined_by_patient AND (
        EXISTS (SELECT FROM dossier_data.account c WHERE c.id = s.account_id AND c.mobile = a.mobile)
        OR EXISTS (SELECT FROM dossier_data.activation_code k
                   WHERE k.acceptance_id = a.id AND k.used_by = s.account_id)));
END
$$;

-- Lines of the audit that would tell an account of what its dossiers do not show. That an id led to
-- nothing is told of none: it may have been one of those.
CREATE OR REPLACE FUNCTION dossier_lib.audit_concealed(a dossier_data.audit, p_account uuid)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT a.action IN ('document_hidden', 'document_shown', 'hidden_documents_listed')
        OR (a.action LIKE 'document\_%' AND a.outcome = 'not_found')
        OR EXISTS (SELECT FROM dossier_data.document d
                   JOIN dossier_data.dossier s ON s.patient_id = d.patient_id AND s.account_id = p_account
                   WHERE d.id = dossier_lib.audit_subject(a.object_id)
                     AND dossier_lib.document_concealed(d, s))
        OR (a.account_id IS NULL AND EXISTS (SELECT FROM dossier_data.acceptance c
                   JOIN dossier_data.dossier s ON s.patient_id = c.patient_id AND s.account_id = p_account
                   WHERE c.id = a.object_id AND NOT dossier_lib.acceptance_shown(c, s)))
$$;

-- An alert that leads to nothing would tell: what waits for this patient's documents only does not leave.
CREATE OR REPLACE FUNCTION dossier_lib.alerts_unneeded(p_patient uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account uuid;
BEGIN
    PERFORM dossier_lib.accounts_hold(ARRAY[p_patient]);
    FOR v_account IN SELECT account_id FROM dossier_data.dossier WHERE patient_id = p_patient ORDER BY account_id LOOP
        PERFORM FROM dossier_data.outbox WHERE account_id = v_account AND gathering ORDER BY channel FOR UPDATE;
        PERFORM dossier_lib.alerts_drop(v_account);
    END LOOP;
END
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
