SELECT t.test('dossier_app has no right on any table, sequence or column', $t$
BEGIN
    PERFORM t.eq('rights', (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname LIKE 'dossier%' AND c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
          AND CASE c.relkind WHEN 'S' THEN has_sequence_privilege('dossier_app', c.oid, 'USAGE, SELECT, UPDATE')
              ELSE has_table_privilege('dossier_app', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
                OR has_any_column_privilege('dossier_app', c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END), 0::bigint);
END $t$);

-- tried, not only asked after: one line per table and way of touching it
SELECT t.test(format('%s is refused to dossier_app: %s', relname, how), format($t$
BEGIN
    SET LOCAL ROLE dossier_app;
    BEGIN
        %s;
    EXCEPTION WHEN insufficient_privilege THEN
        RETURN;
    END;
    RAISE EXCEPTION 'it was allowed';
END $t$, format(statement, relname)))
FROM pg_class c, (VALUES
    ('SELECT', 'PERFORM FROM dossier_data.%I'),
    ('INSERT', 'INSERT INTO dossier_data.%I DEFAULT VALUES'),
    ('DELETE', 'DELETE FROM dossier_data.%I'),
    ('TRUNCATE', 'TRUNCATE dossier_data.%I')) AS ways (how, statement)
WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r' ORDER BY relname, how;

SELECT t.test('dossier_app may use schema dossier only, and make nothing anywhere', $t$
BEGIN
    PERFORM t.eq('schemas', (SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace
        WHERE nspname LIKE 'dossier%' AND has_schema_privilege('dossier_app', oid, 'USAGE')), 'dossier');
    PERFORM t.eq('CREATE', (SELECT string_agg(nspname, ' ') FROM pg_namespace
        WHERE has_schema_privilege('dossier_app', oid, 'CREATE')), NULL);
    PERFORM t.eq('rights in the database', has_database_privilege('dossier_app', current_database(), 'CREATE, TEMPORARY'), false);
END $t$);

SELECT t.test('dossier_app is no member of anything, and no superuser', $t$
BEGIN
    PERFORM t.eq('memberships', (SELECT count(*) FROM pg_auth_members WHERE member = 'dossier_app'::regrole), 0::bigint);
    PERFORM t.eq('powers', (SELECT concat_ws(' ', rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls, rolinherit)
        FROM pg_roles WHERE rolname = 'dossier_app'), 'f f f f f f');
    PERFORM t.eq('dossier_owner logs in', (SELECT rolcanlogin FROM pg_roles WHERE rolname = 'dossier_owner'), false);
END $t$);

SELECT t.test(format('dossier.%s: one jsonb to one answer, definer''s rights, fixed search_path, dossier_app only', proname), format($t$
BEGIN
    PERFORM t.eq('shape', (SELECT concat_ws(' | ', proargtypes::regtype[], prorettype::regtype, prosecdef, proconfig,
            proowner::regrole) FROM pg_proc WHERE oid = %1$s),
        -- its own sessions are shown to nobody but the web server's role
        CASE %2$L WHEN 'connections' THEN '[0:0]={jsonb} | dossier_data.answer | f | {"search_path=pg_catalog, pg_temp"} | dossier_owner'
        ELSE '[0:0]={jsonb} | dossier_data.answer | t | {"search_path=dossier_data, dossier_lib, pg_temp"} | dossier_owner' END);
    PERFORM t.eq('may call it', (SELECT string_agg(DISTINCT CASE grantee WHEN 0 THEN 'everybody' ELSE grantee::regrole::text END, ' ')
        FROM pg_proc, aclexplode(proacl) WHERE pg_proc.oid = %1$s), 'dossier_app dossier_owner');
END $t$, oid::int, proname)) FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace AND pronargs = 1 ORDER BY proname;

SELECT t.test('what is called in a session has the caller''s rights alone, and each function has one', $t$
BEGIN
    PERFORM t.eq('shapes', (SELECT string_agg(DISTINCT concat_ws(' | ', proargtypes::regtype[], proretset, prorettype::regtype, prosecdef,
            proconfig, proowner::regrole, proacl), '; ') FROM pg_proc WHERE pronamespace = 'dossier'::regnamespace AND pronargs <> 1),
        '[0:1]={jsonb,jsonb} | t | dossier_data.answer | f | dossier_owner | {dossier_owner=X/dossier_owner,dossier_app=X/dossier_owner}');
    PERFORM t.eq('functions', (SELECT string_agg(proname, ' ' ORDER BY proname) FROM (SELECT proname FROM pg_proc
        WHERE pronamespace = 'dossier'::regnamespace GROUP BY proname HAVING count(*) <> 2) f), NULL);
END $t$);

SELECT t.test('what the functions share and the operator''s functions are closed to all but their owner', $t$
BEGIN
    PERFORM t.eq('open functions', (SELECT string_agg(pg_proc.oid::regproc::text, ' ') FROM pg_proc, aclexplode(coalesce(proacl, acldefault('f', proowner)))
        WHERE pronamespace IN ('dossier_lib'::regnamespace, 'dossier_admin'::regnamespace)
          AND grantee <> 'dossier_owner'::regrole), NULL);
    PERFORM t.eq('operator''s functions', (SELECT count(*) FILTER (WHERE prosecdef AND proconfig = '{"search_path=dossier_data, dossier_lib, pg_temp"}') = count(*)
        FROM pg_proc WHERE pronamespace = 'dossier_admin'::regnamespace), true);
    PERFORM t.eq('owners', (SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class
        WHERE relnamespace IN ('dossier_data'::regnamespace, 'dossier'::regnamespace, 'dossier_admin'::regnamespace)), 'dossier_owner');
    PERFORM t.eq('functions among the tables', (SELECT string_agg(oid::regproc::text, ' ') FROM pg_proc
        WHERE pronamespace = 'dossier_data'::regnamespace), NULL);
END $t$);

SELECT t.test('a table in the caller''s session does not stand in for ours', $t$
DECLARE
    v_answer dossier_data.answer;
BEGIN
    CREATE TEMPORARY TABLE notice (kind text, version text, published_at timestamptz);
    INSERT INTO notice VALUES ('portal', 'forged', '2026-02-01');
    GRANT ALL ON notice TO PUBLIC;
    SET LOCAL ROLE dossier_app;
    SET LOCAL search_path = pg_temp, public;
    v_answer := dossier.notice_get('{"kind": "portal"}');
    PERFORM set_config('role', 'none', true);
    PERFORM t.eq('version', v_answer.body ->> 'version', '2026-01');
END $t$);

SELECT t.test('every table says what it is', $t$
BEGIN
    PERFORM t.eq('tables without a comment', (SELECT string_agg(relname, ' ') FROM pg_class
        WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r' AND obj_description(oid, 'pg_class') IS NULL), NULL);
END $t$);

SELECT t.test(format('the audit refuses %s even to a superuser', split_part(statement, ' ', 1)), format($t$
BEGIN
    PERFORM t.integrator();
    BEGIN
        %s;
    EXCEPTION WHEN insufficient_privilege THEN
        RETURN;
    END;
    RAISE EXCEPTION 'it was allowed';
END $t$, statement))
FROM unnest(ARRAY['UPDATE dossier_data.audit SET outcome = ''ok''', 'DELETE FROM dossier_data.audit',
    'TRUNCATE dossier_data.audit']) AS statement;

SELECT t.test('a statement and a lock of dossier_app have their timeouts, and none is compiled, whatever connects', $t$
BEGIN
    PERFORM t.eq('settings', (SELECT array_to_string(setconfig, ' ') FROM pg_db_role_setting
        WHERE setrole = 'dossier_app'::regrole
          AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())), 'statement_timeout=10s lock_timeout=5s jit=off');
END $t$);
