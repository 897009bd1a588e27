-- The web server's timeouts hold however it comes here: pgbouncer in transaction mode takes no options= of DBDParams.
SET LOCAL ROLE NONE;

DO $$
DECLARE
    v_setting text;
BEGIN
    FOREACH v_setting IN ARRAY ARRAY['statement_timeout = ''10s''', 'lock_timeout = ''5s'''] LOOP
        EXECUTE format('ALTER ROLE dossier_app IN DATABASE %I SET %s', current_database(), v_setting);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'a superuser has to set the timeouts: ALTER ROLE dossier_app IN DATABASE % SET statement_timeout = ''10s''; and SET lock_timeout = ''5s''',
        quote_ident(current_database());
END
$$;
