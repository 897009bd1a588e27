-- What patients, hospital systems and the watchdog wait for, each call timed inside the database, as the web server's
-- role calls it. Writes growth.timing; run.sh reads it. No other database of the cluster may be written to meanwhile:
-- a seal takes what is older than every open transaction.
SET search_path = growth, dossier_data;
SET synchronous_commit = off;

CREATE TABLE IF NOT EXISTS growth.timing (what text, ms numeric);
TRUNCATE growth.timing;
UPDATE vault SET id = id('vault', 1);

-- The functions one after another with each of the arguments that a statement brings. p_before is
-- done first and not timed; the first p_warm are not counted.
CREATE OR REPLACE PROCEDURE growth.measure(p_what text, p_functions text[], p_arguments text, p_warm int, p_before text DEFAULT NULL)
LANGUAGE plpgsql AS $$
DECLARE
    v_arguments jsonb[];
    v_function text;
    v_began timestamptz;
    v_ms numeric;
    v_outcome text;
BEGIN
    EXECUTE p_arguments INTO v_arguments;
    FOR i IN 1 .. cardinality(v_arguments) LOOP
        IF p_before IS NOT NULL THEN
            EXECUTE p_before USING v_arguments[i];
            COMMIT;
        END IF;
        v_ms := 0;
        FOREACH v_function IN ARRAY p_functions LOOP
            PERFORM set_config('role', 'dossier_app', true);
            v_began := clock_timestamp();
            v_outcome := growth.call(v_function, v_arguments[i]);
            v_ms := v_ms + extract(epoch FROM clock_timestamp() - v_began) * 1000;
            PERFORM set_config('role', 'none', true);
            IF v_outcome IS NULL OR v_outcome NOT IN ('ok', 'created') THEN
                RAISE EXCEPTION '%: % answers %', p_what, v_function, v_outcome;
            END IF;
        END LOOP;
        IF i > p_warm THEN
            INSERT INTO growth.timing VALUES (p_what, v_ms);
        END IF;
        COMMIT;
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION growth.call(p_function text, p jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_answer record;
BEGIN
    EXECUTE format('SELECT * FROM dossier.%I($1)', p_function) INTO v_answer USING p;
    RETURN coalesce(to_jsonb(v_answer) ->> 'outcome', to_jsonb(v_answer) -> p_function ->> 'outcome');
END
$$;
GRANT USAGE ON SCHEMA growth TO dossier_app;

-- People of the last window with an open dossier, p_chronic: who have been coming for two years
CREATE OR REPLACE FUNCTION growth.people(p_count int, p_chronic boolean DEFAULT false) RETURNS TABLE (i bigint, q bigint, p bigint, who jsonb)
LANGUAGE sql STABLE AS $$
    WITH s AS MATERIALIZED (
        SELECT q, count(*) OVER () AS count FROM size, generate_series(0, m - 1) q
        WHERE q % 10 < 5 AND q % 300 NOT IN (2, 3) AND (q % 100 = 0) = p_chronic ORDER BY md5(q::text) LIMIT p_count)
    SELECT row_number() OVER (), q, 11 * m + q, jsonb_build_object('account_id', id('account', 11 * m + q), 'patient_id', id('patient', 11 * m + q),
        'address', '192.0.2.1', 'limit', 50)
    FROM size, (SELECT q FROM s, LATERAL generate_series(0, p_count / count) again ORDER BY again, md5(q::text) LIMIT p_count) a
$$;

CREATE EXTENSION IF NOT EXISTS pg_prewarm SCHEMA growth;
SELECT count(pg_prewarm(c::regclass, 'read'))
FROM (SELECT grows() UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid IN (SELECT grows())) g (c) \g /dev/null

UPDATE session SET last_seen_at = now(), created_at = now() WHERE id IN (SELECT id('session', i) FROM generate_series(1, 1001) i);
CALL measure('session', '{session_load}', $q$SELECT array_agg(jsonb_build_object('token_hash', sha('session', 1 + s % 1000))) FROM generate_series(1, 2000) s$q$, 1000);
CALL measure('list', '{document_list}', $q$
    SELECT array_agg(who ORDER BY pass, i) FROM people(400), generate_series(1, 2) pass$q$, 400);
CALL measure('list, chronic', '{document_list}', $q$
    SELECT array_agg(who ORDER BY pass, i) FROM people(100, true), generate_series(1, 2) pass$q$, 100);
CALL measure('patients', '{patient_list}', $q$
    SELECT array_agg(who ORDER BY pass, i) FROM people(400), generate_series(1, 2) pass$q$, 400);
CALL measure('activity', '{activity_list}', $q$
    SELECT array_agg(who ORDER BY pass, i) FROM people(100), generate_series(1, 2) pass$q$, 100);
CALL measure('activation', '{activation_begin,activation_complete}', $q$
    SELECT array_agg(who || jsonb_build_object('consent', jsonb_build_object('notice', 'dossier', 'version', dossier_lib.notice_current('dossier')),
        'codice_fiscale', codice_fiscale(p, q), 'macs', jsonb_build_object('k1', sha('code', (55 + v) * m + q))) ORDER BY v, i)
    FROM size, people(least(100, m()::int / 3)), generate_series(1, 4) v$q$, 20,
    $$UPDATE dossier_data.dossier SET state = 'inactive' WHERE account_id = ($1 ->> 'account_id')::uuid$$);
UPDATE dossier SET state = 'active' WHERE state = 'inactive' AND account_id IN (SELECT (who ->> 'account_id')::uuid FROM people(100));
CALL measure('reading', '{document_open}', $q$
    SELECT array_agg(jsonb_build_object('account_id', id('account', 11 * m + q), 'document_id', id('document', n), 'read', true, 'address', '192.0.2.1') ORDER BY md5(n::text))
    FROM (SELECT * FROM size, generate_series(110 * m + m / 2, 120 * m - 1) n, LATERAL (SELECT n % m AS q) d
        WHERE q % 10 < 5 AND q % 100 > 0 AND q % 500 <> 11 AND NOT reads(q, n) AND q % 300 NOT IN (2, 3) LIMIT 120) s$q$, 20);
CALL measure('publication', '{publication_prepare,publication_complete}', $q$
    SELECT array_agg(jsonb_build_object('integrator_id', id('system', 1), 'external_id', 'N-' || i, 'address', '192.0.2.9', 'metadata', jsonb_build_object(
        'facility', 'hospital-' || 1 + (59 * m + q) % 4, 'codice_fiscale', codice_fiscale(p, q), 'acceptance', 'A-' || 59 * m + q, 'title', 'Esami del sangue',
        'type', 'laboratory', 'issued_at', '2026-11-24T09:00:00Z', 'author', 'Dr. Anna Verdi'), 'media_type', 'application/pdf', 'retention_days', 60,
        'vault', id('vault', 1), 'receipt', jsonb_build_object('object_id', gen_random_uuid(), 'size', 300000, 'sha256', sha('new', i), 'key_id', 'k1', 'wrapped_key', sha('wrapped', i))))
    FROM size, people(420)$q$, 20);
CALL measure('acceptance', '{acceptance_put}', $q$
    SELECT array_agg(jsonb_build_object('integrator_id', id('system', 1), 'external_id', 'B-' || i, 'address', '192.0.2.9', 'dry_run', false, 'facility', 'hospital-1',
        'mobile', mobile(p), 'email', 'p@example.org', 'patient', jsonb_build_object('codice_fiscale', codice_fiscale(p, q), 'first_name', 'Maria', 'last_name', 'Bianchi',
        'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'sex', 'F'), 'activation', jsonb_build_object('key_id', 'k1', 'mac', sha('new code', i)),
        'registration_code', jsonb_build_object('id', gen_random_uuid(), 'key_id', 'k1', 'mac', 'mac', 'sealed', 'k1:x'))) FROM people(220)$q$, 20);
CALL measure('login', '{session_begin}', $q$
    SELECT array_agg(jsonb_build_object('kind', 'mobile', 'login', mobile(p), 'address', '198.51.' || i / 200 || '.' || i % 200)) FROM people(420)$q$, 20);
CALL measure('outbox claim of ten', '{outbox_claim}', $q$SELECT array_fill('{"worker": "w:1", "channel": "sms", "limit": 10}'::jsonb, ARRAY[40])$q$, 5);
CALL measure('seal of 200 lines', '{audit_seal}', $q$SELECT array_fill('{"limit": 10000, "months": 120}'::jsonb, ARRAY[30])$q$, 5,
    $$INSERT INTO dossier_data.audit (actor_kind, actor_id, action, outcome, patient_id, object_id, address)
      SELECT 'integrator', gen_random_uuid(), 'document_published', 'ok', gen_random_uuid(), gen_random_uuid(), '192.0.2.9' FROM generate_series(1, 200)$$);
CALL measure('removal of five seals', '{audit_seal}', $q$SELECT array_fill('{"limit": 10000, "months": 24}'::jsonb, ARRAY[7])$q$, 1);
CALL measure('purge of twenty', '{purge}', $q$SELECT array_fill('{"limit": 20}'::jsonb, ARRAY[25])$q$, 5);
CALL measure('status', '{status}', $q$SELECT array_fill('{}'::jsonb, ARRAY[40])$q$, 10);
-- as a watchdog does every ten minutes
SELECT growth.call('key_needed', '{}') \g /dev/null
CALL measure('metrics', '{metrics}', $q$SELECT array_fill('{}'::jsonb, ARRAY[12])$q$, 2);
