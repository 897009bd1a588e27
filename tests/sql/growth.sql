-- Tables that grow for years: nothing that is done each minute, by anybody or for one account may read through one.
-- What a call has read is counted by PostgreSQL itself, whatever plan it found; a full scan of an index counts too.

-- Keys of what is never deleted (facilities, integrators, notices) need no index for its sake.
SELECT t.test('growth: every foreign key finds its rows by an index', $t$
BEGIN
    PERFORM t.eq('without one', (SELECT string_agg(format('%s (%s)', k.conrelid::regclass, a.attname), ', ')
        FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.connamespace = 'dossier_data'::regnamespace
          AND k.confrelid::regclass::text NOT IN ('dossier_data.facility', 'dossier_data.integrator', 'dossier_data.notice')
          AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = k.conrelid AND i.indkey[0] = a.attnum
              AND coalesce(pg_get_expr(i.indpred, i.indrelid), '') IN ('', format('(%I IS NOT NULL)', a.attname)))), NULL);
END $t$);

-- p_count copies of the first row of a table, changed as p_change says; n is 1 to p_count.
CREATE FUNCTION t.multiply(p_table text, p_count int, p_change text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_columns text := (SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
        WHERE attrelid = ('dossier_data.' || p_table)::regclass AND attnum > 0 AND NOT attisdropped
          AND attgenerated = '' AND attidentity = '');
    v_count bigint;
BEGIN
    EXECUTE format('INSERT INTO dossier_data.%1$I (%2$s) SELECT (r).%3$s
        FROM (SELECT b FROM dossier_data.%1$I b LIMIT 1) base, generate_series(1, %4$s) n, LATERAL (
            SELECT jsonb_populate_record(b, %5$s) AS r OFFSET 0) changed',
        p_table, v_columns, replace(v_columns, ', ', ', (r).'), p_count, p_change);
    GET DIAGNOSTICS v_count = ROW_COUNT;
    PERFORM t.eq('copies in ' || p_table, v_count, p_count::bigint);
END
$$;

-- An id of copy n.
CREATE FUNCTION t.copy(p_table text, n int) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(p_table || n)::uuid $$;

-- Rows and entries read so far in this transaction, of each table and index that has more than a thousand.
CREATE FUNCTION t.reads() RETURNS TABLE (relation text, rows bigint) LANGUAGE sql VOLATILE AS $$
    SELECT c.relname::text, pg_stat_get_xact_tuples_returned(c.oid) FROM pg_class c
    WHERE c.relnamespace = 'dossier_data'::regnamespace AND c.relkind IN ('r', 'i') AND c.reltuples > 1000
$$;

-- A call, and that it has read no more than 300 of any of them.
CREATE FUNCTION t.frugal(p_outcome text, p_function text, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_before jsonb := (SELECT jsonb_object_agg(relation, rows) FROM t.reads());
    v_answer jsonb := t.expect(p_outcome, p_function, p);
    v_read text := (SELECT string_agg(format('%s of %s', rows - (v_before ->> relation)::bigint, relation), ', ')
        FROM t.reads() WHERE rows - (v_before ->> relation)::bigint > 300);
BEGIN
    IF v_read IS NOT NULL THEN
        RAISE EXCEPTION '% reads %', p_function, v_read;
    END IF;
    RETURN v_answer;
END
$$;

-- Person 1 with an active dossier, a relative under age, a document read and hidden, an SMS sent and one waiting, changes
-- and proofs; and of all that two thousand times as much of others'.
CREATE FUNCTION t.full_house() RETURNS t.person LANGUAGE plpgsql AS $house$
DECLARE
    v_person t.person := t.active(1);
    v_document text;
    v_many int := 2000;
    v_past timestamptz := now() - interval '20 days';
BEGIN
    PERFORM t.login('mobile', t.mobile(1), true);
    PERFORM t.call('acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(1))));
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role, of_minor)
    SELECT v_person.account::uuid, id, 'relative', 'parent', true FROM dossier_data.patient WHERE codice_fiscale = t.cf(2);
    v_document := t.expect('created', 'publication_complete', t.document(1, 'bytes', jsonb_build_object('acceptance', 'A-1'))) ->> 'id';
    PERFORM t.expect('ok', 'document_open', jsonb_build_object('account_id', v_person.account, 'document_id', v_document, 'read', true));
    PERFORM t.expect('ok', 'hiding_set', jsonb_build_object('account_id', v_person.account, 'document_id', v_document, 'hidden', true));
    PERFORM t.later('1 day');
    PERFORM t.expect('ok', 'password_reset_start', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'language', 'it', 'code', t.code()));
    PERFORM t.typed(v_person);
    INSERT INTO dossier_data.device (account_id, token_hash) VALUES (v_person.account::uuid, t.sha('device'));
    INSERT INTO dossier_data.outbox_document SELECT id, v_document::uuid FROM dossier_data.outbox LIMIT 1 ON CONFLICT DO NOTHING;
    INSERT INTO dossier_data.outbox_try (outbox_id, worker) SELECT id, 'w' FROM dossier_data.outbox LIMIT 1;
    INSERT INTO dossier_data.early_receipt VALUES ('p', 'delivered', now());
    INSERT INTO dossier_data.former_codice_fiscale (codice_fiscale, patient_id) VALUES ('12345678903', v_person.patient::uuid);
    SET LOCAL session_replication_role = replica; -- no triggers: the copies are whole in the end
    PERFORM t.multiply('patient', v_many, $$jsonb_build_object('id', t.copy('patient', n), 'codice_fiscale', 'STRNGR80A01E' || (100000 + n) || 'X', 'birth_date', '2015-01-01')$$);
    PERFORM t.multiply('former_codice_fiscale', v_many, $$jsonb_build_object('codice_fiscale', (20000000000 + n)::text, 'patient_id', t.copy('patient', n))$$);
    PERFORM t.multiply('account', v_many, $$jsonb_build_object('id', t.copy('account', n), 'patient_id', t.copy('patient', n), 'mobile', t.mobile(100000 + n), 'email', n || '@example.org')$$);
    PERFORM t.multiply('acceptance', v_many, $$jsonb_build_object('id', t.copy('acceptance', n), 'external_id', 'B-' || n, 'patient_id', t.copy('patient', n), 'mobile', t.mobile(100000 + n))$$);
    PERFORM t.multiply('dossier', v_many, $$jsonb_build_object('id', t.copy('dossier', n), 'account_id', t.copy('account', n), 'patient_id', t.copy('patient', n), 'relation', 'relative', 'role', 'parent', 'of_minor', true, 'adult_on', '2040-01-01')$$);
    PERFORM t.multiply('activation_code', v_many, $$jsonb_build_object('id', t.copy('code', n), 'acceptance_id', t.copy('acceptance', n), 'patient_id', t.copy('patient', n), 'mac', 'other ' || n, 'used_by', t.copy('account', n))$$);
    PERFORM t.multiply('registration', v_many, $$jsonb_build_object('id', t.copy('registration', n), 'codice_fiscale', 'STRNGR80A01E' || (100000 + n) || 'X', 'mobile', t.mobile(100000 + n), 'account_id', t.copy('account', n), 'closed_at', now())$$);
    PERFORM t.multiply('verification_code', v_many, $$jsonb_build_object('id', t.copy('digits', n), 'registration_id', t.copy('registration', n), 'account_change_id', NULL)$$);
    PERFORM t.multiply('account_change', v_many, $$jsonb_build_object('id', t.copy('change', n), 'account_id', t.copy('account', n), 'subject', t.sha('s' || n), 'number', t.sha('s' || n))$$);
    PERFORM t.multiply('consent', v_many, $$jsonb_build_object('id', t.copy('consent', n), 'account_id', t.copy('account', n), 'patient_id', t.copy('patient', n))$$);
    PERFORM t.multiply('session', v_many, $$jsonb_build_object('id', t.copy('session', n), 'account_id', t.copy('account', n), 'token_hash', t.sha('t' || n), 'closed_at', CASE n % 2 WHEN 0 THEN now() END)$$);
    PERFORM t.multiply('device', v_many, $$jsonb_build_object('id', t.copy('device', n), 'account_id', t.copy('account', n))$$);
    PERFORM t.multiply('login_attempt', v_many, $$jsonb_build_object('id', t.copy('attempt', n), 'account_id', t.copy('account', n))$$);
    PERFORM t.multiply('password_proof', v_many, $$jsonb_build_object('id', t.copy('proof', n), 'account_id', t.copy('account', n))$$);
    PERFORM t.multiply('throttle', v_many, $$jsonb_build_object('subject', t.sha('s' || n))$$);
    PERFORM t.multiply('document', v_many, $$jsonb_build_object('id', t.copy('document', n), 'external_id', 'S-' || n, 'object_id', t.copy('object', n), 'patient_id', t.copy('patient', n), 'acceptance_id', t.copy('acceptance', n))$$);
    PERFORM t.multiply('document_reading', v_many, $$jsonb_build_object('document_id', t.copy('document', n), 'account_id', t.copy('account', n))$$);
    PERFORM t.multiply('document_hidden', v_many, $$jsonb_build_object('document_id', t.copy('document', n), 'account_id', t.copy('account', n))$$);
    PERFORM t.multiply('outbox', v_many, format($$jsonb_build_object('id', t.copy('message', n), 'recipient', t.mobile(100000 + n), 'account_id', t.copy('account', n), 'registration_id', t.copy('registration', n), 'state', 'sent', 'sealed', NULL, 'gathering', false, 'ended_at', %L::timestamptz, 'provider_id', 'p' || n)$$, v_past));
    PERFORM t.multiply('outbox_document', v_many, $$jsonb_build_object('outbox_id', t.copy('message', n), 'document_id', t.copy('document', n))$$);
    PERFORM t.multiply('outbox_try', v_many, $$jsonb_build_object('outbox_id', t.copy('message', n))$$);
    PERFORM t.multiply('early_receipt', v_many, $$jsonb_build_object('provider_id', 'q' || n)$$);
    PERFORM t.multiply('audit_alias', v_many, $$jsonb_build_object('alias', t.copy('alias', n), 'account_id', t.copy('account', n), 'subject', t.copy('patient', n))$$);
    PERFORM t.multiply('audit', v_many, $$jsonb_build_object('txid', 3, 'account_id', t.copy('account', n), 'patient_id', t.copy('alias', n), 'object_id', NULL)$$);
    INSERT INTO dossier_data.audit_seal (number, lines, count, newest_at, below, root, previous, hash, above, cluster)
    SELECT n, int8multirange(int8range(a.id, a.id, '[]')), 1, now(), '4', repeat('a', 64), repeat('b', 64), t.sha('h' || n),
        '4', c.system_identifier::text
    FROM generate_series(1, v_many) n JOIN dossier_data.audit a ON a.account_id = t.copy('account', n), pg_control_system() c;
    INSERT INTO dossier_data.destroyed_object (object_id, document_id, why, told)
    SELECT t.copy('destroyed', n), t.copy('destroyed document', n), CASE n % 2 WHEN 0 THEN 'replaced' ELSE 'deleted' END, n % 2 = 1 FROM generate_series(1, v_many) n;
    SET LOCAL session_replication_role = origin;
    RETURN v_person;
END
$house$;

-- Once, in a database of its own; rows that tests before this took back would still be read, and are swept out.
SELECT current_database() AS scratch, current_database() || '_growth' AS growth \gset
CREATE DATABASE :"growth" TEMPLATE :"scratch";
\c :"growth"
CREATE TABLE t.house AS SELECT * FROM t.full_house();
VACUUM (ANALYZE, INDEX_CLEANUP on);

SELECT t.test('growth: the tables that this fills are all that grow', $t$
BEGIN
    PERFORM t.eq('not filled', (SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r' AND reltuples < 1000
          -- as many rows as there are hospitals, systems, keys, notices, settings, kinds of refusals
          AND relname NOT IN ('audit_count', 'banner', 'facility', 'integrator', 'integrator_facility', 'integrator_key', 'key_check', 'migration', 'notice', 'notice_text', 'setting',
              'sms_budget', 'sms_prefix', 'throttle_limit', 'vault', 'vault_counted')), NULL);
END $t$);

SELECT t.test('growth: a call that reads through a table is found', $t$
DECLARE
    v_found boolean := false;
BEGIN
    DROP INDEX dossier_data.password_proof_account;
    BEGIN
        PERFORM t.frugal('ok', 'leaving_account_delete', jsonb_build_object('account_id', a.id, 'proof', t.typed((1, a.id, NULL, NULL)::t.person)))
        FROM dossier_data.account a WHERE mobile = t.mobile(1);
    EXCEPTION WHEN raise_exception THEN
        v_found := SQLERRM ~ '^leaving_account_delete reads \d+ of password_proof$';
    END;
    PERFORM t.eq('found', v_found, true);
END $t$);

SELECT t.test('growth: the watchdog''s minute', $t$
BEGIN
    PERFORM t.frugal('ok', 'purge', '{"limit": 200}');
    PERFORM t.frugal('ok', 'publication_announce', '{"limit": 200}');
    PERFORM t.frugal('ok', 'relative_handover', '{"limit": 200, "enabled": true}');
    PERFORM t.frugal('ok', 'audit_seal', '{"limit": 10000, "months": 24}');
    PERFORM t.frugal('ok', 'vault_check', jsonb_build_object('id', t.vault(), 'seal', 7, 'seal_hash', t.sha('h7')));
    PERFORM t.frugal('ok', 'vault_destroyed', jsonb_build_object('told', jsonb_build_array(t.copy('destroyed', 1)), 'limit', 1000));
    PERFORM t.frugal('ok', 'vault_newest', '{"limit": 100}');
    PERFORM t.frugal('ok', 'vault_live', jsonb_build_object('objects', jsonb_build_array(t.copy('object', 1), t.copy('destroyed', 1))));
    PERFORM t.frugal('ok', 'outbox_claim', '{"worker": "w", "channel": "sms", "limit": 10}');
    PERFORM t.frugal('ok', 'outbox_begin', '{"worker": "w:1", "turn": "1", "kept": [], "prefixes": null}');
END $t$);

SELECT t.test('growth: what expires goes without looking through what stays', $t$
DECLARE
    v_ids uuid[];
BEGIN
    UPDATE dossier_data.registration SET expires_at = now() - interval '1 year' WHERE id = t.copy('registration', 1);
    UPDATE dossier_data.account_change SET expires_at = now() - interval '1 year' WHERE id = t.copy('change', 1);
    UPDATE dossier_data.outbox SET ended_at = now() - interval '1 year' WHERE id = t.copy('message', 2);
    UPDATE dossier_data.session SET created_at = now() - interval '1 year' WHERE id = t.copy('session', 1);
    UPDATE dossier_data.device SET last_seen_at = now() - interval '3 years' WHERE id = t.copy('device', 1);
    UPDATE dossier_data.document SET expires_at = now() WHERE id = t.copy('document', 1);
    UPDATE dossier_data.patient SET birth_date = '2000-01-01' WHERE id = t.copy('patient', 1);
    PERFORM t.frugal('ok', 'purge', '{"limit": 200}');
    PERFORM t.eq('gone', (SELECT count(*) FROM dossier_data.registration WHERE id = t.copy('registration', 1)), 0::bigint);
    PERFORM t.frugal('ok', 'relative_handover', '{"limit": 200, "enabled": true}');
    PERFORM t.eq('of age', (SELECT count(*) FROM dossier_data.dossier WHERE id = t.copy('dossier', 1)), 0::bigint);
END $t$);

SELECT t.test('growth: what anybody asks', $t$
BEGIN
    PERFORM t.frugal('ok', 'status', '{}');
    PERFORM t.frugal('unauthenticated', 'session_load', jsonb_build_object('token_hash', t.sha('none')));
    PERFORM t.frugal('unauthenticated', 'integrator_load', jsonb_build_object('key_hash', t.sha('none')));
    PERFORM t.frugal('ok', 'session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(77)));
    PERFORM t.frugal('ok', 'password_reset_start', jsonb_build_object('kind', 'mobile', 'login', t.mobile(77), 'language', 'it', 'code', t.code()));
    PERFORM t.frugal('ok', 'registration_start', t.registration(78));
END $t$);

SELECT t.test('growth: what an account does', $t$
DECLARE
    v_person t.person := (SELECT (n, account, patient, session)::t.person FROM t.house);
    v_account jsonb := jsonb_build_object('account_id', v_person.account);
    v_patient jsonb := v_account || jsonb_build_object('patient_id', v_person.patient);
BEGIN
    PERFORM t.frugal('ok', 'session_get', v_account);
    PERFORM t.frugal('ok', 'patient_list', v_account);
    PERFORM t.frugal('ok', 'profile_get', v_account);
    PERFORM t.frugal('ok', 'session_list', v_account);
    PERFORM t.frugal('ok', 'consent_list', v_account);
    UPDATE dossier_data.dossier SET state = 'active' WHERE account_id = v_person.account::uuid AND relation = 'relative';
    PERFORM t.frugal('ok', 'activity_list', v_account || '{"limit": 50}');
    PERFORM t.frugal('ok', 'document_list', v_patient || '{"limit": 50}');
    PERFORM t.frugal('ok', 'hiding_list', v_patient || jsonb_build_object('proof', t.typed(v_person)));
    PERFORM t.frugal('ok', 'pickup_list', v_patient);
    PERFORM t.frugal('ok', 'export_begin', v_account);
    PERFORM t.frugal('ok', 'session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1)));
    PERFORM t.frugal('ok', 'password_change', v_account || jsonb_build_object('proof', t.typed(v_person), 'password_hash', 'new',
        'session_id', v_person.session, 'token_hash', t.sha('new')));
    PERFORM t.frugal('ok', 'leaving_documents_wipe', v_patient || jsonb_build_object('proof', t.typed(v_person)));
    PERFORM t.frugal('ok', 'leaving_account_delete', v_account || jsonb_build_object('proof', t.typed(v_person)));
END $t$);

SELECT t.test('growth: what the hospital''s systems do', $t$
BEGIN
    PERFORM t.frugal('created', 'acceptance_put', t.acceptance(3));
    PERFORM t.frugal('ok', 'acceptance_put', t.acceptance(1));
    PERFORM t.frugal('created', 'publication_complete', t.document(1, 'other', '{}', '{"external_id": "R-78"}'));
    PERFORM t.frugal('ok', 'publication_get', t.document(1));
    PERFORM t.expect('created', 'acceptance_put', jsonb_set(t.acceptance(4, jsonb_build_object('mobile', t.mobile(1))),
        '{patient,codice_fiscale}', '"12345678911"'));
    PERFORM t.frugal('ok', 'codice_fiscale_change', t.acceptance(1) || '{"former_codice_fiscale": "12345678911"}');
END $t$);

SELECT t.test('growth: a long queue is counted to a thousand', $t$
BEGIN
    UPDATE dossier_data.outbox SET state = 'queued', ended_at = NULL WHERE account_id <> (SELECT id FROM dossier_data.account WHERE mobile = t.mobile(1));
    PERFORM t.eq('queued', t.call('status', '{}') -> 'outbox' ->> 'queued', '1000');
END $t$);

\c :"scratch"
DROP DATABASE :"growth" WITH (FORCE);
