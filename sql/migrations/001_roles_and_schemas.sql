-- Roles are the cluster's, so another database may have made them already.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dossier_owner') THEN
        CREATE ROLE dossier_owner NOLOGIN NOINHERIT;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dossier_app') THEN
        CREATE ROLE dossier_app LOGIN NOINHERIT;
    END IF;
    IF NOT pg_has_role(current_user, 'dossier_owner', 'MEMBER') THEN
        EXECUTE format('GRANT dossier_owner TO %I', current_user);
    END IF;
END
$$;

COMMENT ON ROLE dossier_owner IS 'Owns every table and function of Mantova Dossier; nobody logs in as it';
COMMENT ON ROLE dossier_app IS 'The web server: may EXECUTE the functions of schema dossier and nothing else';

CREATE SCHEMA dossier AUTHORIZATION dossier_owner;
CREATE SCHEMA dossier_data AUTHORIZATION dossier_owner;
CREATE SCHEMA dossier_admin AUTHORIZATION dossier_owner;

COMMENT ON SCHEMA dossier IS 'The API: one function per request, dossier.<name>(jsonb) returns jsonb with an outcome';
COMMENT ON SCHEMA dossier_data IS 'Tables and what the API functions share; closed to the web server';
COMMENT ON SCHEMA dossier_admin IS 'The operator''s functions; not for the web server';

GRANT USAGE ON SCHEMA dossier TO dossier_app;
-- whatever a function is recreated as, nobody but its owner may call it until it is granted
ALTER DEFAULT PRIVILEGES FOR ROLE dossier_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

SET LOCAL ROLE dossier_owner;

CREATE TABLE dossier_data.migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE dossier_data.migration IS 'What sql/migrate.sh has applied: migrations once, function files again whenever they change';
COMMENT ON COLUMN dossier_data.migration.name IS 'Path below sql/: migrations/001_roles_and_schemas.sql, functions/shared.sql';
