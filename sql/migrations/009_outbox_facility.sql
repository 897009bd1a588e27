SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE outbox ADD COLUMN facility_id text REFERENCES facility;
COMMENT ON COLUMN outbox.facility_id IS 'Whose web site the text names: that of the acceptance or document that gave cause to it';

-- replaced by others with other arguments
DROP FUNCTION IF EXISTS dossier_data.registration_matches(text, text);
DROP FUNCTION IF EXISTS dossier_data.alert_queue(uuid);
