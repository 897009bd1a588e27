-- A late repetition of an old publication is known by its bytes.
ALTER TABLE dossier_data.document ADD COLUMN former text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN dossier_data.document.former IS 'SHA-256 of the files that others have replaced, the latest hundred: sent again they do not come back unless that is asked';
