-- The file that a correction replaces is kept as long as copies of the database may know it as the document's.
ALTER TABLE dossier_data.destroyed_object
    ADD COLUMN document_id uuid,
    ADD COLUMN same boolean NOT NULL DEFAULT false;
COMMENT ON TABLE dossier_data.destroyed_object IS 'Files whose key is gone on purpose: those that were replaced stay for DossierQuarantineDays, the others may go; and a database restored from an older copy is told';
COMMENT ON COLUMN dossier_data.destroyed_object.document_id IS 'Whose file it was: with the document all that it ever had goes. Null: from before this was noted';
COMMENT ON COLUMN dossier_data.destroyed_object.same IS 'Replaced by a file with the same bytes';
CREATE INDEX destroyed_object_document ON dossier_data.destroyed_object (document_id);
CREATE INDEX destroyed_object_replaced ON dossier_data.destroyed_object (at) WHERE why = 'replaced';
