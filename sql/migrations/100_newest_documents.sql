-- The files of the newest documents are looked for in the vault each minute.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE INDEX document_newest ON document (created_at) WHERE wrapped_key IS NOT NULL;
