-- PostgreSQL compiles a statement where it expects much work of it. Of ours, which read few rows, none is worth that: with
-- three million lines of the audit, removing those of five seals took 2 ms, and compiling it 58. Whatever connects, as the
-- timeouts of tables/01_schemas.sql.
RESET ROLE;
DO $$
BEGIN
    EXECUTE format('ALTER ROLE dossier_app IN DATABASE %I SET jit = off', current_database());
EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'a superuser has to do it: ALTER ROLE dossier_app IN DATABASE % SET jit = off', quote_ident(current_database());
END
$$;
