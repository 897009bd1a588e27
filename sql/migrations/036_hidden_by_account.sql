-- An account that is deleted must not read through all that others have hidden.
CREATE INDEX document_hidden_account ON dossier_data.document_hidden (account_id);
