-- The purge asks for what is not purged yet, withdrawn or not: the other index serves that alone.
DROP INDEX dossier_data.document_expiry;
