-- The visits of a patient, and whether their reports may be online: the patient may say no to one exam.

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_json(a dossier_data.acceptance) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', a.id, 'facility', jsonb_build_object('id', f.id, 'name', f.name),
        'created_at', dossier_lib.rfc3339(a.created_at), 'online_pickup', a.online_pickup)
    FROM dossier_data.facility f WHERE f.id = a.facility_id
$$;

CREATE OR REPLACE FUNCTION dossier_lib.documents_declined(p_patient uuid) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT d.id FROM dossier_data.document d
                 WHERE d.patient_id = p_patient AND dossier_lib.document_state_of(d) = 'declined' ORDER BY d.id)
$$;

-- Of these, which were declined, those that are no longer can be read from now on: they are announced, and what
-- never could be read before has all its days.
CREATE OR REPLACE FUNCTION dossier_lib.pickup_resume(p_documents uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.document d SET announce = false, published_at = now(), expires_at = v.ending,
        last_call_at = dossier_lib.last_call_next(now(), now(), v.ending)
    FROM (SELECT id, now() + (expires_at - published_at) AS ending FROM dossier_data.document
          WHERE id = ANY (p_documents) ORDER BY id FOR NO KEY UPDATE) v
    WHERE d.id = v.id AND d.announce AND dossier_lib.document_state_of(d) = 'published';
    PERFORM dossier_lib.alert_queue(ARRAY(SELECT d FROM dossier_data.document d
        WHERE d.id = ANY (p_documents) AND dossier_lib.document_state_of(d) = 'published'));
END
$$;
