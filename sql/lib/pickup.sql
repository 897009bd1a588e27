-- The visits of a patient, and whether their reports may be online: the patient may say no to one exam.

CREATE OR REPLACE FUNCTION dossier_lib.acceptance_json(a dossier_data.acceptance, p_facility text) RETURNS json
LANGUAGE sql STABLE AS $$
    SELECT json_build_object('id', a.id, 'facility', json_build_object('id', a.facility_id, 'name', p_facility),
        'created_at', dossier_lib.rfc3339(a.created_at), 'online_pickup', a.online_pickup)
$$;

CREATE OR REPLACE FUNCTION dossier_lib.documents_declined(p_patient uuid) RETURNS uuid[]
LANGUAGE sql STABLE AS $$
    SELECT ARRAY(SELECT d.id FROM dossier_data.document d
        CROSS JOIN LATERAL dossier_lib.pickup_of(d.patient_id, d.acceptance_id, d.created_at) k
        WHERE d.patient_id = p_patient AND dossier_lib.document_state(d, k.declined) = 'declined' ORDER BY d.id)
$$;

-- Of these, which were declined, those that are no longer can be read from now on: they are announced, and what
-- never could be read before has all its days.
CREATE OR REPLACE FUNCTION dossier_lib.pickup_resume(p_documents uuid[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.document d SET announce = false, published_at = now(), expires_at = v.ending,
        last_call_at = dossier_lib.last_call_next(now(), now(), v.ending)
    FROM (SELECT id, patient_id, acceptance_id, created_at, now() + (expires_at - published_at) AS ending
          FROM dossier_data.document WHERE id = ANY (p_documents) ORDER BY id FOR NO KEY UPDATE) v
    CROSS JOIN LATERAL dossier_lib.pickup_of(v.patient_id, v.acceptance_id, v.created_at) k
    WHERE d.id = v.id AND d.announce AND dossier_lib.document_state(d, k.declined) = 'published';
    PERFORM dossier_lib.alert_queue(ARRAY(SELECT d FROM dossier_data.document d
        CROSS JOIN LATERAL dossier_lib.pickup_of(d.patient_id, d.acceptance_id, d.created_at) k
        WHERE d.id = ANY (p_documents) AND dossier_lib.document_state(d, k.declined) = 'published'));
END
$$;
