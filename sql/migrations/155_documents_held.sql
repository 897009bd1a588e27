-- Functions that were replaced by others of another shape.
DROP FUNCTION IF EXISTS dossier_data.documents_destroy(dossier_data.dossier, text);
DROP FUNCTION IF EXISTS dossier_data.account_documents_destroy(uuid, text);
