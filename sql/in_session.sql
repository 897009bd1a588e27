-- Each function of the API a second time, for a request that comes with a session: what session_load() says of it, and, if
-- that is "ok", what the function says to its arguments and the session's. Two answers by one statement, whose plans are
-- kept as those of any function are. Who calls has its own rights in here, which are those to call both.
DO $do$
DECLARE
    v_name text;
BEGIN
    FOR v_name IN SELECT proname FROM pg_proc
        WHERE pronamespace = 'dossier'::regnamespace AND pronargs = 1 AND prorettype = 'dossier_data.answer'::regtype
          AND xmin = pg_current_xact_id()::xid
    LOOP
        EXECUTE format($sql$
            CREATE OR REPLACE FUNCTION dossier.%1$I(session jsonb, p jsonb) RETURNS SETOF dossier_data.answer
            LANGUAGE plpgsql AS $$
            DECLARE
                v_answer record := dossier.session_load(session);
            BEGIN
                RETURN NEXT v_answer;
                IF v_answer.outcome = 'ok' THEN
                    v_answer := dossier.%1$I(p || v_answer.body::jsonb);
                    RETURN NEXT v_answer;
                END IF;
            END
            $$
        $sql$, v_name);
    END LOOP;
END
$do$;
