-- The roles, the schemas, what they may do in this database, and the ledger of sql/migrate.sh.

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
CREATE SCHEMA dossier_lib AUTHORIZATION dossier_owner;
CREATE SCHEMA dossier_admin AUTHORIZATION dossier_owner;
CREATE SCHEMA dossier_data AUTHORIZATION dossier_owner;

COMMENT ON SCHEMA dossier IS 'The API: one function per request, dossier.<name>(jsonb) returns jsonb with an outcome';
COMMENT ON SCHEMA dossier_lib IS 'The functions that the API and the operator''s share; closed to the web server';
COMMENT ON SCHEMA dossier_admin IS 'The operator''s functions; not for the web server';
COMMENT ON SCHEMA dossier_data IS 'Tables; closed to the web server';

GRANT USAGE ON SCHEMA dossier TO dossier_app;
-- whatever a function is recreated as, nobody but its owner may call it until it is granted
ALTER DEFAULT PRIVILEGES FOR ROLE dossier_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- What every role may do in a fresh database is more than the web server's role needs.
DO $$
BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    IF has_schema_privilege('dossier_app', 'public', 'CREATE') THEN -- databases made before PostgreSQL 15
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END
$$;

-- The web server's timeouts hold however it comes here: pgbouncer in transaction mode takes no options= of DBDParams.
DO $$
DECLARE
    v_setting text;
BEGIN
    FOREACH v_setting IN ARRAY ARRAY['statement_timeout = ''10s''', 'lock_timeout = ''5s'''] LOOP
        EXECUTE format('ALTER ROLE dossier_app IN DATABASE %I SET %s', current_database(), v_setting);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'a superuser has to set the timeouts: ALTER ROLE dossier_app IN DATABASE % '
        'SET statement_timeout = ''10s''; and SET lock_timeout = ''5s''', quote_ident(current_database());
END
$$;

SET LOCAL ROLE dossier_owner;
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE migration (
    name       text PRIMARY KEY,
    sha256     text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    applied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE migration IS
    'What sql/migrate.sh has applied: each file of tables/ and migrations/ once, '
    'the functions and the triggers again whenever they change';
COMMENT ON COLUMN migration.name IS 'Path below sql/, such as tables/03_patient.sql; functions: all of them';
