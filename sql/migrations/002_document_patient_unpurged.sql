-- What a patient can see, found by the patient, in an index that has no tombstones: they stay for good, and on a portal of
-- some years they are nearly all. Ten million documents take about half a minute, during which none is published.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE INDEX document_patient_unpurged ON document (patient_id, published_at DESC, id DESC) WHERE purged_at IS NULL;
