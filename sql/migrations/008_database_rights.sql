-- What every role may do in a fresh database is more than the web server's role needs.
SET LOCAL ROLE NONE;

DO $$
BEGIN
    EXECUTE format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    IF has_schema_privilege('dossier_app', 'public', 'CREATE') THEN -- databases made before PostgreSQL 15
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END
$$;
