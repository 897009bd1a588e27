-- The operator's word for a folder that has none of the documents' files is one of its own.
ALTER TABLE dossier_data.vault ADD COLUMN without_documents boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN dossier_data.vault.without_documents IS 'accepted_at holds also for a folder that has none of the newest documents'' files';
