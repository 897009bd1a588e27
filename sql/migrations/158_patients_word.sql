SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE patient ADD COLUMN independent_at timestamptz;
COMMENT ON COLUMN patient.independent_at IS 'When the patient last opened the own dossier, also if that account has been deleted since';
UPDATE patient t SET independent_at = d.activated_at FROM dossier d
WHERE d.patient_id = t.id AND d.relation = 'self' AND d.activated_at IS NOT NULL;

ALTER TABLE acceptance ADD COLUMN declined_by_patient boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN acceptance.declined_by_patient IS 'The patient said no, from the own dossier: a relative''s account is not shown the visit, and cannot say yes';
ALTER TABLE acceptance ADD CHECK (NOT (online_pickup AND declined_by_patient));
-- what the patient said last of it
UPDATE acceptance a SET declined_by_patient = true FROM account c
WHERE c.patient_id = a.patient_id AND NOT a.online_pickup AND (
    SELECT l.detail FROM audit_alias n JOIN audit l ON l.account_id = n.account_id AND l.object_id = n.alias
    WHERE n.account_id = c.id AND n.subject = a.id AND l.action = 'online_pickup_set' AND l.outcome = 'ok'
    ORDER BY l.id DESC LIMIT 1) = 'off';
