-- A late repetition of a hospital system's call is known by the whole call: file and metadata, or what is said of a visit.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE document
    ADD COLUMN calls text[] NOT NULL DEFAULT '{}',
    ADD COLUMN changes int NOT NULL DEFAULT 0,
    ADD COLUMN ended text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN document.calls IS 'Digests of the calls that changed it, the latest hundred: first the one in force (empty: none), then those that came before';
COMMENT ON COLUMN document.changes IS 'How many calls have changed it, so that no tag of it is ever one it had before';
COMMENT ON COLUMN document.ended IS 'SHA-256 of former files that expired or that the patient deleted, the latest hundred: they never come back';
COMMENT ON COLUMN document.created_at IS 'When these bytes came: a repetition of them is of the same day';

ALTER TABLE acceptance
    ADD COLUMN calls text[] NOT NULL DEFAULT '{}',
    ADD COLUMN changes int NOT NULL DEFAULT 0;
COMMENT ON COLUMN acceptance.calls IS 'As of a document';
COMMENT ON COLUMN acceptance.changes IS 'As of a document';
