-- What the superuser writes into a seal (null: the newest), with the hashes that follow from it.
CREATE FUNCTION t.reseal(p_set text, p_number bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_number bigint := coalesce(p_number, (SELECT max(number) FROM dossier_data.audit_seal));
BEGIN
    PERFORM t.tamper(format('UPDATE audit_seal SET %s WHERE number = %s', p_set, v_number));
    FOREACH v_number IN ARRAY ARRAY(SELECT number FROM dossier_data.audit_seal WHERE number >= v_number ORDER BY number) LOOP
        PERFORM t.tamper(format('UPDATE audit_seal s SET previous = coalesce((SELECT hash FROM audit_seal b WHERE b.number = s.number - 1), previous) WHERE number = %s', v_number));
        PERFORM t.tamper(format('UPDATE audit_seal s SET hash = dossier_lib.seal_hash(s) WHERE number = %s', v_number));
    END LOOP;
END
$$;
-- The first transaction that no seal says anything of. A test is one transaction, so others are made up, from 3 on.
CREATE FUNCTION t.next_txid() RETURNS xid8 LANGUAGE sql AS $$
    SELECT coalesce((SELECT below FROM dossier_data.audit_seal WHERE below IS NOT NULL ORDER BY number DESC LIMIT 1), '3')
$$;
CREATE FUNCTION t.line(p_txid xid8, p_action text, p_at timestamptz DEFAULT clock_timestamp()) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dossier_data.audit (txid, at, actor_kind, action, outcome) VALUES (p_txid, p_at, 'system', p_action, 'ok')
$$;
-- Lines of one transaction, which is over.
CREATE FUNCTION t.lines(p_from int, p_to int, p_at timestamptz DEFAULT clock_timestamp()) RETURNS void LANGUAGE sql AS $$
    INSERT INTO dossier_data.audit (txid, at, actor_kind, action, outcome, detail)
    SELECT t.next_txid(), p_at, 'system', 'test', 'ok', 'line ' || n FROM generate_series(p_from, p_to) n
$$;
-- A seal, made when no other transaction than those of its lines had begun.
CREATE FUNCTION t.seal(p_limit int DEFAULT 1000, p_months int DEFAULT 24) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_next xid8 := (t.next_txid()::text::bigint + 1)::text::xid8;
    v_answer jsonb := t.expect('ok', 'audit_seal', jsonb_build_object('limit', p_limit, 'months', p_months));
BEGIN
    IF (SELECT below IS NOT NULL FROM dossier_data.audit_seal WHERE number = (v_answer ->> 'number')::bigint) THEN
        PERFORM t.reseal(format('below = %1$L, above = %1$L', v_next));
    END IF;
    RETURN v_answer;
END
$$;
-- What the superuser can do to lines and seals.
CREATE FUNCTION t.tamper(p_statement text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE dossier_data.audit DISABLE TRIGGER ALL;
    ALTER TABLE dossier_data.audit_seal DISABLE TRIGGER ALL;
    EXECUTE replace(replace(p_statement, 'audit_seal', 'dossier_data.audit_seal'), 'LINES', 'dossier_data.audit');
    ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_append_only;
    ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_never_emptied;
    ALTER TABLE dossier_data.audit_seal ENABLE ALWAYS TRIGGER audit_seal_append_only;
    ALTER TABLE dossier_data.audit_seal ENABLE ALWAYS TRIGGER audit_seal_never_emptied;
END
$$;
CREATE FUNCTION t.found(p_number bigint DEFAULT NULL, p_hash text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(': ', seal, problem), '; '), 'sound') FROM dossier_admin.audit_verify(p_number, p_hash)
$$;
-- Three seals of ten lines each.
-- Lines of so many months ago, sealed then.
CREATE FUNCTION t.old_seal(p_from int, p_to int, p_months int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.lines(p_from, p_to, now() - make_interval(months => p_months));
    PERFORM t.seal(1000, 120);
    PERFORM t.reseal('sealed_at = newest_at');
END
$$;
CREATE FUNCTION t.three_seals() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 0..2 LOOP
        PERFORM t.lines(10 * i + 1, 10 * i + 10);
        PERFORM t.seal();
    END LOOP;
END
$$;

SELECT t.test('seal: all lines of transactions that are over, once, each seal upon the one before', $t$
DECLARE
    v_line bigint;
BEGIN
    PERFORM t.lines(1, 3);
    PERFORM dossier_lib.audit_write('system', NULL, 'still_open', 'ok', NULL);
    PERFORM t.lines(4, 6);
    PERFORM t.has(t.seal(), 'outcome number hash more');
    PERFORM t.eq('the open transaction''s line waits', (SELECT string_agg(detail, ', ' ORDER BY a.id) FROM dossier_data.audit a, dossier_data.audit_seal s WHERE a.id <@ s.lines), 'line 1, line 2, line 3, line 4, line 5, line 6');
    PERFORM t.eq('nothing to seal', t.seal() -> 'number', 'null');
    SELECT id INTO v_line FROM dossier_data.audit WHERE action = 'still_open';
    PERFORM t.tamper(format('UPDATE LINES SET txid = %L WHERE id = %s', t.next_txid(), v_line));
    PERFORM t.seal();
    PERFORM t.eq('it is sealed when it is over', (SELECT lines @> v_line AND count = 1 FROM dossier_data.audit_seal WHERE number = 2), true);
    PERFORM t.eq('chain', (SELECT string_agg(number || ' ' || (previous = coalesce((SELECT hash FROM dossier_data.audit_seal b WHERE b.number = s.number - 1), repeat('0', 64))), ', ' ORDER BY number) FROM dossier_data.audit_seal s), '1 true, 2 true');
END $t$);

SELECT t.test('seal: in batches, and lines of a restored copy, whose transactions this cluster never saw', $t$
BEGIN
    PERFORM t.lines(1, 5);
    INSERT INTO dossier_data.audit (txid, actor_kind, action, outcome) VALUES ('999999999999', 'system', 'restored', 'ok');
    PERFORM t.eq('more', (t.seal(4)) -> 'more', 'true');
    PERFORM t.eq('no more', (t.seal(4)) -> 'more', 'false');
    PERFORM t.eq('counts', (SELECT string_agg(count::text, ' ' ORDER BY number) FROM dossier_data.audit_seal), '4 2');
    PERFORM t.eq('verified', t.found(), 'sound');
END $t$);

SELECT t.test('seal: in a copy restored elsewhere, whose transactions begin anew', $t$
BEGIN
    PERFORM t.lines(1, 5);
    PERFORM t.seal();
    PERFORM t.reseal($$below = '700', above = '900', cluster = 'the old machine'$$);
    PERFORM t.line('800', 'not sealed there');
    PERFORM t.line('4', 'written here');
    PERFORM t.eq('before they are sealed', t.found(), 'sound');
    PERFORM t.seal();
    PERFORM t.eq('both', (SELECT count FROM dossier_data.audit_seal WHERE number = 2), 2);
    PERFORM t.reseal($$below = '600', above = '600'$$);
    PERFORM t.line('800', 'written here, by a transaction of the same number');
    PERFORM t.seal();
    PERFORM t.eq('no line twice', (SELECT string_agg(count::text, ' ' ORDER BY number) FROM dossier_data.audit_seal), '5 2 1');
    PERFORM t.eq('verified', t.found(), 'sound');
END $t$);

SELECT t.test('seal: batches are whole transactions, in their order', $t$
BEGIN
    PERFORM t.lines(1, 1);
    PERFORM t.seal();
    PERFORM t.line(txid::xid8, 'test') FROM unnest('{9,5,9,6,9,7}'::text[]) txid;
    PERFORM t.eq('more', t.expect('ok', 'audit_seal', '{"limit": 4, "months": 24}') -> 'more', 'true');
    PERFORM t.eq('no more', t.expect('ok', 'audit_seal', '{"limit": 4, "months": 24}') -> 'more', 'false');
    PERFORM t.eq('seals', (SELECT string_agg(count || ' below ' || below, ', ' ORDER BY number) FROM dossier_data.audit_seal), '1 below 4, 6 below 10');
    PERFORM t.eq('verified', t.found(), 'sound');
END $t$);

-- The line 'open' was written first and its transaction ended last; the seal between left it out.
SELECT t.test(format('seal: a line that was open through a seal, %s before the next one', paused), format($t$
BEGIN
    PERFORM t.lines(1, 3);
    PERFORM t.seal();
    PERFORM t.line('9999999', 'open', now() - %1$L::interval * 2);
    PERFORM t.line('5', 'over', now() - %1$L::interval * 1.5);
    PERFORM t.seal();
    PERFORM t.tamper($$UPDATE LINES SET txid = '4' WHERE action = 'open'$$);
    PERFORM t.reseal(format('below = %%L, above = %%L, sealed_at = sealed_at - %%L::interval', '4', '6', %1$L));
    PERFORM t.reseal(format('sealed_at = sealed_at - 3 * %%L::interval', %1$L), 1);
    PERFORM t.eq('before it is sealed', t.found(), 'sound');
    PERFORM t.lines(4, 6);
    PERFORM t.seal();
    PERFORM t.eq('sealed', (SELECT string_agg(s.number::text, ' ') FROM dossier_data.audit a, dossier_data.audit_seal s WHERE a.action = 'open' AND a.id <@ s.lines), '3');
    PERFORM t.eq('verified', t.found(), 'sound');
END $t$, paused)) FROM (VALUES ('1 minute'), ('2 days'), ('2 months')) AS p (paused);

SELECT t.test('verify: finds nothing where nothing was done, not even with open lines', $t$
BEGIN
    PERFORM t.eq('empty', t.found(), 'sound');
    PERFORM t.three_seals();
    PERFORM dossier_lib.audit_write('system', NULL, 'still_open', 'ok', NULL);
    PERFORM t.eq('three', t.found(), 'sound');
END $t$);

-- each is done as a superuser, triggers switched off
SELECT t.test('verify: finds ' || what, format($t$
BEGIN
    PERFORM t.three_seals();
    PERFORM t.tamper(%L);
    IF NOT t.found() ~ %L THEN
        RAISE EXCEPTION 'found: %%', t.found();
    END IF;
END $t$, statement, wanted)) FROM (VALUES
    ('a changed line', $$UPDATE LINES SET outcome = 'refused' WHERE detail = 'line 15'$$, '^2: a line was changed'),
    ('a changed address', $$UPDATE LINES SET address = '192.0.2.9' WHERE detail = 'line 1'$$, '^1: a line was changed'),
    ('a changed time', $$UPDATE LINES SET at = at - interval '1 microsecond' WHERE detail = 'line 30'$$, '^3: a line was changed'),
    ('a removed line', $$DELETE FROM LINES WHERE detail = 'line 15'$$, '^2: 1 lines are missing: \{\[\d+,\d+\)\}$'),
    ('all lines removed', $$DELETE FROM LINES$$, '^1: 10 lines are missing.*; 2: 10 .*; 3: 10 '),
    ('two lines that changed places', $$UPDATE LINES a SET detail = b.detail FROM LINES b WHERE (a.detail, b.detail) IN (('line 15', 'line 16'), ('line 16', 'line 15'))$$, '^2: a line was changed, or lines changed places$'),
    ('two lines of different seals that changed places', $$UPDATE LINES a SET detail = b.detail FROM LINES b WHERE (a.detail, b.detail) IN (('line 5', 'line 16'), ('line 16', 'line 5'))$$, '^1: a line was changed.*; 2: a line was changed'),
    ('a line numbered anew', $$UPDATE LINES SET id = DEFAULT WHERE detail = 'line 15'$$, '^2: 1 lines are missing'),
    ('an added line, not sealed yet', $$INSERT INTO LINES (txid, at, actor_kind, action, outcome) SELECT '3', at, 'system', 'test', 'ok' FROM LINES WHERE detail = 'line 15'$$, '^lines were added behind their time: \d+$'),
    ('a removed seal', $$DELETE FROM audit_seal WHERE number = 2$$, '^3: seals before it are missing'),
    ('a removed first seal', $$DELETE FROM audit_seal WHERE number = 1$$, '^2: seals before it are missing'),
    ('a removed seal whose number is filled', $$DELETE FROM audit_seal WHERE number = 2; UPDATE audit_seal SET number = 2 WHERE number = 3$$, '^2: it does not follow the seal before it; 2: the seal itself was changed'),
    ('seals that changed places', $$UPDATE audit_seal SET number = 9 WHERE number = 1; UPDATE audit_seal SET number = 1 WHERE number = 2; UPDATE audit_seal SET number = 2 WHERE number = 9$$, '^1: it does not follow'),
    ('a seal made to fit a changed line', $$UPDATE LINES SET outcome = 'refused' WHERE detail = 'line 15'; UPDATE audit_seal SET root = repeat('a', 64) WHERE number = 2$$, '^2: the seal itself was changed'),
    ('a seal made to fit, with its own hash', $$UPDATE audit_seal s SET root = repeat('a', 64) WHERE number = 2; UPDATE audit_seal s SET hash = dossier_lib.seal_hash(s) WHERE number = 2$$, '^2: a line was changed.*; 3: it does not follow the seal before it$'),
    ('lines said to be past their months', $$DELETE FROM LINES; UPDATE audit_seal SET removed_at = now()$$, '^1: its lines were removed before their time')
) AS ways (what, statement, wanted);

SELECT t.test('verify: finds a line that was added later, which no seal takes', $t$
BEGIN
    PERFORM t.three_seals();
    PERFORM t.tamper($$INSERT INTO LINES (txid, at, actor_kind, action, outcome) SELECT '3', at, 'system', 'test', 'ok' FROM LINES WHERE detail = 'line 15'$$);
    PERFORM t.seal();
    PERFORM t.eq('found', t.found() ~ '^lines were added behind their time: \d+$', true);
END $t$);

SELECT t.test('verify: finds a line said to be older than its transaction', $t$
BEGIN
    PERFORM t.three_seals();
    PERFORM t.lines(31, 31);
    PERFORM t.eq('nothing yet', t.found(), 'sound');
    PERFORM t.line(t.next_txid(), 'backdated', now() - interval '2 hours');
    PERFORM t.eq('found', t.found() ~ '^lines were added behind their time: \d+$', true);
    PERFORM t.seal();
    PERFORM t.eq('sealed, and found', t.found() ~ '^4: lines were added behind their time: \d+$', true);
END $t$);

SELECT t.test('verify: the last seals cannot go, nor all be made anew, for who has noted one', $t$
DECLARE
    v_seal dossier_data.audit_seal;
BEGIN
    PERFORM t.three_seals();
    SELECT * INTO v_seal FROM dossier_data.audit_seal WHERE number = 3;
    PERFORM t.eq('noted', t.found(3, v_seal.hash), 'sound');
    PERFORM t.tamper('DELETE FROM audit_seal WHERE number = 3');
    PERFORM t.eq('gone', t.found(3, v_seal.hash) ~ '3: this is not the seal that was noted down$', true);
    PERFORM t.seal();
    PERFORM t.eq('made anew', t.found(), 'sound');
    PERFORM t.eq('not the same', t.found(3, v_seal.hash), '3: this is not the seal that was noted down');
END $t$);

SELECT t.test('months: what is past them goes by whole seals, and the chain goes on', $t$
DECLARE
    v_first dossier_data.audit_seal;
BEGIN
    PERFORM t.old_seal(1, 5, 36);
    PERFORM t.old_seal(6, 10, 25);
    PERFORM t.old_seal(11, 15, 23);
    PERFORM t.lines(16, 16);
    SELECT * INTO v_first FROM dossier_data.audit_seal WHERE number = 1;
    PERFORM t.seal(1000, 120);
    PERFORM t.eq('120 months', (SELECT count(*) FROM dossier_data.audit), 16::bigint);
    PERFORM t.seal(1000, 30);
    PERFORM t.eq('30 months', (SELECT string_agg(detail, ' ' ORDER BY id) FROM dossier_data.audit) || t.found(), 'line 6 line 7 line 8 line 9 line 10 line 11 line 12 line 13 line 14 line 15 line 16sound');
    PERFORM t.seal(1000, 1);
    PERFORM t.eq('never less than 24', (SELECT string_agg(detail, ' ' ORDER BY id) FROM dossier_data.audit) || t.found(), 'line 11 line 12 line 13 line 14 line 15 line 16sound');
    PERFORM t.eq('seals', (SELECT string_agg(number || coalesce(' removed' || left(removed_at::text, 0), ''), ', ' ORDER BY number) FROM dossier_data.audit_seal), '2 removed, 3, 4');
    PERFORM t.eq('noted long ago', t.found(1, v_first.hash), '1: the seal noted down is older than what is kept');
    PERFORM t.lines(17, 20);
    PERFORM t.seal();
    PERFORM t.eq('goes on', t.found(), 'sound');
    PERFORM t.tamper($$UPDATE LINES SET outcome = 'refused' WHERE detail = 'line 12'$$);
    PERFORM t.eq('and still finds', t.found() ~ '^3: a line was changed', true);
END $t$);

SELECT t.test(format('append-only: %s is refused, to a superuser as well', statement), format($t$
BEGIN
    PERFORM t.lines(1, 5, now() - interval '36 months');
    PERFORM t.seal(1000, 120);
    BEGIN
        %s;
    EXCEPTION WHEN insufficient_privilege THEN
        RETURN;
    END;
    RAISE EXCEPTION 'it was allowed';
END $t$, statement)) FROM (VALUES
    ('UPDATE dossier_data.audit SET outcome = ''ok'''),
    ('DELETE FROM dossier_data.audit'),
    ('TRUNCATE dossier_data.audit'),
    ('UPDATE dossier_data.audit_seal SET count = 4'),
    ('UPDATE dossier_data.audit_seal SET count = 4, removed_at = now()'),
    ('DELETE FROM dossier_data.audit_seal'),
    ('TRUNCATE dossier_data.audit_seal')) AS ways (statement);
