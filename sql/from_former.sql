-- A database made by the migrations that there were before tables/ has its tables: what differs is where functions are.
-- Those in dossier_data go when the new ones have been written.
CREATE SCHEMA dossier_lib AUTHORIZATION dossier_owner;
COMMENT ON SCHEMA dossier_lib IS 'The functions that the API and the operator''s share; closed to the web server';
COMMENT ON SCHEMA dossier_data IS 'Tables; closed to the web server';
SET LOCAL ROLE dossier_owner;
COMMENT ON TABLE dossier_data.migration IS
    'What sql/migrate.sh has applied: each file of tables/ and migrations/ once, '
    'the functions and the triggers again whenever they change';
COMMENT ON COLUMN dossier_data.migration.name IS
    'Path below sql/, such as tables/03_patient.sql; functions: all of them';
COMMENT ON COLUMN dossier_data.vault.accepted_at IS
    'The operator''s word: the directory that httpd finds next is the vault, and this database is its newest';
COMMENT ON COLUMN dossier_data.vault.without_documents IS
    'accepted_at holds also for a directory that has none of the newest documents'' files';
COMMENT ON COLUMN dossier_data.audit_seal.cluster IS
    'Whose transactions below and above are: in a copy restored elsewhere they begin again';
DELETE FROM dossier_data.migration;
