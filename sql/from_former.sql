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
DELETE FROM dossier_data.migration;
