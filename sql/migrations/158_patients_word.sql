SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE patient ADD COLUMN independent_at timestamptz;
COMMENT ON COLUMN patient.independent_at IS 'When the patient last opened the own dossier, also if that account has been deleted since';
UPDATE patient t SET independent_at = d.activated_at FROM dossier d
WHERE d.patient_id = t.id AND d.relation = 'self' AND d.activated_at IS NOT NULL;
