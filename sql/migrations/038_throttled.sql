-- replaced by one with other arguments
DROP FUNCTION IF EXISTS dossier_data.throttled(int);
