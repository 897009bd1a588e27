-- A late repetition of a change of codice fiscale is known, as those of documents and acceptances are.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE patient ADD COLUMN calls text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN patient.calls IS 'Digests of the changes of codice fiscale that were taken, as of a document';
