SELECT t.test('registration_start: ok, with the code queued for the acceptance''s number', $t$
DECLARE
    v_body jsonb := t.registration(1);
    v_answer jsonb;
    v_row dossier_data.outbox;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_answer := t.expect('ok', 'registration_start', v_body);
    PERFORM t.has(v_answer, 'outcome id expires_at resend_after');
    PERFORM t.eq('resend_after', v_answer -> 'resend_after', '60');
    PERFORM t.eq('expires_at', (v_answer ->> 'expires_at')::timestamptz, date_trunc('second', now() + interval '10 minutes'));
    SELECT * INTO STRICT v_row FROM dossier_data.outbox;
    PERFORM t.eq('message', concat_ws('|', v_row.channel, v_row.recipient, v_row.template, v_row.language, v_row.state, v_row.sealed, v_row.code_id),
        concat_ws('|', 'sms', t.mobile(1), 'verification_code', 'it', 'queued', v_body -> 'code' ->> 'sealed', v_body -> 'code' ->> 'id'));
    PERFORM t.eq('gives up', v_row.give_up_at, now() + interval '10 minutes');
    PERFORM t.eq('audit', t.audited(1), 'registration_started ok');
END $t$);

SELECT t.test('registration_look: what registration_start will say, and counts nothing', $t$
DECLARE
    v_body jsonb := t.registration(1);
BEGIN
    FOR n IN 1..7 LOOP
        PERFORM t.eq('no slip', t.expect('ok', 'registration_look', v_body) -> 'proved', to_jsonb(false));
    END LOOP;
    PERFORM t.expect('ok', 'registration_start', v_body);
    PERFORM t.expect('throttled', 'registration_look', v_body);
    PERFORM t.expect('notice_outdated', 'registration_look', jsonb_set(v_body, '{consent,version}', '"0"'));
END $t$);

SELECT t.test('registration_start: alike for somebody no acceptance knows, save the message', $t$
DECLARE
    v_rows text := (SELECT string_agg(format('SELECT %L AS name, (SELECT count(*) FROM dossier_data.%I) AS rows', relname, relname), ' UNION ALL ')
        FROM pg_class WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r');
    v_counts text[];
    v_answers jsonb[];
    v_profile jsonb;
    v_before jsonb;
    v_after jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('acceptance_put', t.acceptance(2));
    -- matched; nobody's; the right person with another's number; another person with the right number
    FOR v_profile IN SELECT jsonb_build_object('codice_fiscale', t.cf(cf), 'mobile', t.mobile(m))
            FROM (VALUES (1, 1), (9, 9), (1, 8), (9, 2)) AS x (cf, m) LOOP
        EXECUTE format('SELECT jsonb_object_agg(name, rows) FROM (%s) x', v_rows) INTO v_before;
        v_answers := v_answers || (t.call('registration_start', t.registration(1, v_profile)) - 'id');
        EXECUTE format('SELECT jsonb_object_agg(name, rows) FROM (%s) x', v_rows) INTO v_after;
        v_counts := v_counts || (SELECT string_agg(key || '+' || ((v_after ->> key)::int - value::int), ' ' ORDER BY key)
            FROM jsonb_each_text(v_before) WHERE v_after ->> key <> value);
    END LOOP;
    PERFORM t.eq('rows of the matched', v_counts[1], 'audit+1 outbox+1 registration+1 throttle+3 verification_code+1');
    PERFORM t.eq('answers', (SELECT count(DISTINCT a) FROM unnest(v_answers) a), 1::bigint);
    PERFORM t.eq('rows of the others', (SELECT string_agg(DISTINCT replace(c, 'audit_count+1 ', ''), ' | ') FROM unnest(v_counts[2:]) c),
        'registration+1 throttle+2 verification_code+1');
    PERFORM t.eq('what nobody is sent a code for is counted', (SELECT string_agg(concat_ws(' ', action, outcome, n), ', ') FROM (
        SELECT action, outcome, sum(count) AS n FROM dossier_data.audit_count GROUP BY 1, 2) c), 'registration_started ok 3');
END $t$);

SELECT t.test('the way on is alike too: throttled, resent, tried, wrong, locked, expired', $t$
DECLARE
    v_ids text[];
    v_id text;
    v_story text;
    v_stories text[];
    v_body jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    FOR n IN 1..2 LOOP
        v_body := t.registration(n);
        v_id := t.call('registration_start', v_body) ->> 'id';
        v_story := t.story(t.call('registration_start', v_body || jsonb_build_object('code', t.code())));
        v_story := v_story || t.story(t.call('registration_resend', jsonb_build_object('id', v_id, 'code', t.code())));
        UPDATE dossier_data.throttle SET hits = ARRAY[now() - interval '61 seconds'] WHERE scope = 'code_send';
        v_story := v_story || t.story(t.call('registration_resend', jsonb_build_object('id', v_id, 'code', t.code())));
        FOR i IN 1..5 LOOP
            v_story := v_story || t.story(t.call('registration_complete', t.proof(v_id, false)));
        END LOOP;
        v_story := v_story || t.story(t.call('registration_try', jsonb_build_object('id', v_id)));
        UPDATE dossier_data.verification_code SET tries = 0, expires_at = now();
        v_story := v_story || t.story(t.call('registration_try', jsonb_build_object('id', v_id)));
        v_stories := v_stories || v_story;
    END LOOP;
    PERFORM t.eq('story', v_stories[2], v_stories[1]);
    PERFORM t.eq('it was told whole', v_stories[1] LIKE '%throttled%throttled%ok%code_wrong%code_locked%code_expired%', true);
END $t$);

SELECT t.test('no digits are right where nothing was sent', $t$
DECLARE
    v_id text := t.expect('ok', 'registration_start', t.registration(1)) ->> 'id';
BEGIN
    PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id));
    PERFORM t.call('acceptance_put', t.acceptance(1)); -- matches from now on, but that code never left
    PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id));
    UPDATE dossier_data.throttle SET hits = '{}';
    PERFORM t.expect('ok', 'registration_resend', jsonb_build_object('id', v_id, 'code', t.code()));
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
END $t$);

SELECT t.test('no digits are right for a number that the desk has taken back', $t$
DECLARE
    v_old text;
    v_new text;
    v_proof jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_old := t.expect('ok', 'registration_start', t.registration(1)) ->> 'id';
    UPDATE dossier_data.registration SET created_at = now() - interval '1 hour';
    UPDATE dossier_data.throttle SET hits = '{}';
    v_new := t.expect('ok', 'registration_start', t.registration(1)) ->> 'id';
    PERFORM t.call('acceptance_put', t.acceptance(1, jsonb_build_object('mobile', t.mobile(7))));
    PERFORM t.eq('numbers', (SELECT string_agg(mobile, ' ' ORDER BY created_at) FROM dossier_data.registration),
        t.mobile(1) || ' ' || t.mobile(7));
    PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_old));
    PERFORM t.expect('created', 'registration_complete', t.proof(v_new));
END $t$);

SELECT t.test('codes leave only for allowed prefixes', $t$
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1, '{"mobile": "+41791234567"}'));
    PERFORM t.expect('ok', 'registration_start', t.registration(1, '{"mobile": "+41791234567"}'));
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
    INSERT INTO dossier_data.sms_prefix VALUES ('+41');
    UPDATE dossier_data.throttle SET hits = '{}';
    PERFORM t.expect('ok', 'registration_start', t.registration(1, '{"mobile": "+41791234567"}'));
    PERFORM t.eq('messages', (SELECT count(*) FROM dossier_data.outbox), 1::bigint);
END $t$);

SELECT t.test('notice_outdated: another version, another notice, none; nothing is counted', $t$
DECLARE
    v_consent jsonb;
BEGIN
    FOR v_consent IN SELECT jsonb_array_elements('[{"notice": "portal", "version": "2025-01"}, {"notice": "dossier", "version": "2026-01"}, {}, null]') LOOP
        PERFORM t.eq('answer', t.call('registration_start', t.registration(1) || jsonb_build_object('consent', v_consent)),
            '{"outcome": "notice_outdated", "current": "2026-01"}');
    END LOOP;
    PERFORM t.eq('rows', (SELECT count(*) FROM dossier_data.registration) + (SELECT count(*) FROM dossier_data.throttle), 0::bigint);
END $t$);

SELECT t.test('sends: after 60 s, 2, 5, 15, 15 minutes, six a day per codice fiscale and mobile', $t$
DECLARE
    v_waits int[] := '{60, 120, 300, 900, 900}';
    v_answer jsonb;
BEGIN
    FOR i IN 1..6 LOOP
        v_answer := t.expect('ok', 'registration_start', t.registration(1));
        IF i < 6 THEN
            PERFORM t.eq('resend_after', (v_answer ->> 'resend_after')::int, v_waits[i]);
            v_answer := t.expect('throttled', 'registration_start', t.registration(1));
            PERFORM t.has(v_answer, 'outcome retry_after limit');
            PERFORM t.wait('retry_after', v_answer ->> 'retry_after', v_waits[i]);
            UPDATE dossier_data.throttle SET hits = ARRAY(SELECT h - make_interval(secs => v_waits[i]) FROM unnest(hits) h);
        END IF;
    END LOOP;
    UPDATE dossier_data.throttle SET hits = ARRAY(SELECT h - interval '12 hours' FROM unnest(hits) h);
    v_answer := t.expect('throttled', 'registration_start', t.registration(1));
    PERFORM t.wait('until the first is a day old', v_answer ->> 'retry_after', 43200 - 60 - 120 - 300 - 900 - 900);
    UPDATE dossier_data.throttle SET hits = ARRAY(SELECT h - interval '12 hours' FROM unnest(hits) h);
    PERFORM t.expect('ok', 'registration_start', t.registration(1));
    PERFORM t.expect('ok', 'registration_start', t.registration(1, jsonb_build_object('mobile', t.mobile(2)))); -- another number is free,
    PERFORM t.expect('ok', 'registration_start', t.registration(2, jsonb_build_object('mobile', t.mobile(1)))); -- and another person
END $t$);

SELECT t.test('registration_resend: the new code voids the old one and its message', $t$
DECLARE
    v_body jsonb := t.registration(1);
    v_code jsonb := t.code();
    v_id text;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', v_body) ->> 'id';
    PERFORM t.expect('throttled', 'registration_resend', jsonb_build_object('id', v_id, 'code', v_code));
    UPDATE dossier_data.throttle SET hits = ARRAY[now() - interval '60 seconds'] WHERE scope = 'code_send';
    v_answer := t.expect('ok', 'registration_resend', jsonb_build_object('id', v_id, 'code', v_code));
    PERFORM t.has(v_answer, 'outcome expires_at resend_after');
    PERFORM t.eq('resend_after', v_answer -> 'resend_after', '120');
    PERFORM t.eq('messages', (SELECT string_agg(concat_ws(' ', state, sealed), ', ' ORDER BY state) FROM dossier_data.outbox),
        'cancelled, queued ' || (v_code ->> 'sealed'));
    PERFORM t.expect('ok', 'registration_try', jsonb_build_object('id', v_id));
    PERFORM t.expect('code_expired', 'registration_complete', jsonb_build_object('id', v_id, 'code_id', v_body -> 'code' ->> 'id',
        'mac', v_body -> 'code' ->> 'mac', 'session', t.session('x')));
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
END $t$);

SELECT t.test('registration_try: a code of a key that the server has not is not counted', $t$
DECLARE
    v_id text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    FOR i IN 1..7 LOOP
        PERFORM t.expect('ok', 'registration_try', jsonb_build_object('id', v_id, 'keys', '["other"]'::jsonb));
    END LOOP;
    PERFORM t.eq('none', (SELECT tries FROM dossier_data.verification_code), 0);
    PERFORM t.eq('nor of the day', (SELECT count(*) FROM dossier_data.throttle WHERE scope = 'code_wrong' AND cardinality(hits) > 0), 0::bigint);
    PERFORM t.expect('code_expired', 'registration_complete', (SELECT jsonb_build_object('id', v_id, 'code_id', id, 'mac', mac, 'session', t.session('x'))
        FROM dossier_data.verification_code));
    PERFORM t.expect('ok', 'registration_try', jsonb_build_object('id', v_id, 'keys', (SELECT jsonb_build_array(key_id) FROM dossier_data.verification_code)));
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
END $t$);

SELECT t.test('registration_resend: not_found, registration_closed', $t$
DECLARE
    v_id text;
BEGIN
    PERFORM t.expect('not_found', 'registration_resend', jsonb_build_object('id', gen_random_uuid(), 'code', t.code()));
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    UPDATE dossier_data.throttle SET hits = '{}';
    UPDATE dossier_data.registration SET expires_at = now();
    PERFORM t.expect('registration_closed', 'registration_resend', jsonb_build_object('id', v_id, 'code', t.code()));
    PERFORM t.expect('code_expired', 'registration_try', jsonb_build_object('id', v_id));
    UPDATE dossier_data.registration SET expires_at = now() + interval '1 hour';
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
    PERFORM t.expect('registration_closed', 'registration_resend', jsonb_build_object('id', v_id, 'code', t.code()));
END $t$);

SELECT t.test('registration_try: ok, not_found, code_expired, code_used, code_locked', $t$
DECLARE
    v_id text;
    v_key jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('not_found', 'registration_try', jsonb_build_object('id', gen_random_uuid()));
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    v_key := jsonb_build_object('id', v_id);
    v_answer := t.expect('ok', 'registration_try', v_key);
    PERFORM t.has(v_answer, 'outcome code_id key_id');
    PERFORM t.eq('key', v_answer ->> 'key_id', 'k1');
    UPDATE dossier_data.verification_code SET expires_at = now();
    PERFORM t.expect('code_expired', 'registration_try', v_key);
    UPDATE dossier_data.verification_code SET expires_at = now() + interval '1 second', tries = 5;
    v_answer := t.expect('code_locked', 'registration_try', v_key);
    PERFORM t.eq('limit', v_answer -> 'limit', '5');
    PERFORM t.wait('locked until a new code may be asked for', v_answer ->> 'retry_after', 60);
    UPDATE dossier_data.verification_code SET tries = 4;
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
    PERFORM t.expect('code_used', 'registration_try', v_key);
    PERFORM t.eq('counted', (SELECT string_agg(outcome || ' ' || count, ', ' ORDER BY outcome) FROM dossier_data.audit_count
        WHERE action = 'registration_tried'), 'code_expired 1, code_locked 1, code_used 1');
END $t$);

SELECT t.test('five tries per code, also when nothing is compared', $t$
DECLARE
    v_id text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    FOR i IN 1..5 LOOP
        PERFORM t.expect('ok', 'registration_try', jsonb_build_object('id', v_id));
    END LOOP;
    PERFORM t.expect('code_locked', 'registration_try', jsonb_build_object('id', v_id));
END $t$);

SELECT t.test('fifteen wrong a day, over all codes of codice fiscale and mobile: no new code, but the one in hand is good', $t$
DECLARE
    v_id text;
    v_mine text;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    FOR i IN 1..15 LOOP
        UPDATE dossier_data.verification_code SET tries = 0, compared = 0;
        PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id, false));
    END LOOP;
    UPDATE dossier_data.throttle SET hits = '{}' WHERE scope = 'code_send';
    v_answer := t.expect('throttled', 'registration_resend', jsonb_build_object('id', v_id, 'code', t.code()));
    PERFORM t.wait('a day', v_answer ->> 'retry_after', 86400);
    PERFORM t.expect('throttled', 'registration_start', t.registration(1));
    UPDATE dossier_data.verification_code SET tries = 0, compared = 0;
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
END $t$);

SELECT t.test('registration_complete: created, with account, dossier, consent, session', $t$
DECLARE
    v_id text;
    v_answer jsonb;
    v_account uuid;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1, '{"email": "P1@Example.org", "language": "en"}')) ->> 'id';
    v_answer := t.expect('created', 'registration_complete', t.proof(v_id));
    PERFORM t.has(v_answer, 'outcome account session_id');
    v_account := (v_answer -> 'account' ->> 'id')::uuid;
    PERFORM t.eq('account', v_answer -> 'account', jsonb_build_object('id', v_account, 'first_name', 'Mario',
        'last_name', 'Rossi', 'mobile', t.mobile(1), 'email', 'p1@example.org', 'language', 'en',
        'consents_due', false));
    PERFORM t.eq('session_get', t.call('session_get', jsonb_build_object('account_id', v_account)) -> 'account', v_answer -> 'account');
    PERFORM t.eq('session', t.call('session_load', jsonb_build_object('token_hash', t.sha('token of ' || v_id))),
        jsonb_build_object('outcome', 'ok', 'session_id', v_answer ->> 'session_id', 'account_id', v_account, 'seen_due', false));
    PERFORM t.eq('dossier', (SELECT concat_ws(' ', relation, state) FROM dossier_data.dossier WHERE account_id = v_account), 'self inactive');
    PERFORM t.eq('consent', (SELECT concat_ws(' ', kind, version) FROM dossier_data.consent WHERE account_id = v_account), 'portal 2026-01');
    PERFORM t.eq('password', (SELECT password_hash FROM dossier_data.account), 'hash 1');
    PERFORM t.eq('password left behind', (SELECT password_hash FROM dossier_data.registration), NULL);
    PERFORM t.eq('wrong tries left behind', (SELECT hits FROM dossier_data.throttle WHERE scope = 'code_wrong'), '{}');
    PERFORM t.eq('audit', t.audited(3), 'login ok, registration_completed ok, consent_given ok');
END $t$);

SELECT t.test('registration_complete: code_wrong counts down, code_used, code_expired', $t$
DECLARE
    v_id text;
    v_proof jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('code_expired', 'registration_complete', jsonb_build_object('id', gen_random_uuid(), 'code_id', gen_random_uuid(),
        'mac', 'x', 'session', t.session('x')));
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', t.registration(1)) ->> 'id';
    FOR i IN 1..4 LOOP
        v_answer := t.expect('code_wrong', 'registration_complete', t.proof(v_id, false));
        PERFORM t.has(v_answer, 'outcome tries_left');
        PERFORM t.eq('tries_left', (v_answer ->> 'tries_left')::int, 5 - i);
    END LOOP;
    v_proof := t.proof(v_id);
    UPDATE dossier_data.verification_code SET expires_at = now();
    PERFORM t.expect('code_expired', 'registration_complete', v_proof);
    UPDATE dossier_data.verification_code SET expires_at = now() + interval '1 second';
    PERFORM t.expect('created', 'registration_complete', v_proof);
    PERFORM t.expect('code_used', 'registration_complete', v_proof);
END $t$);

SELECT t.test('registration_complete: nothing is compared that was not counted as a try', $t$
DECLARE
    v_body jsonb := t.registration(1);
    v_id text;
    v_proof jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    v_id := t.call('registration_start', v_body) ->> 'id';
    v_proof := jsonb_build_object('id', v_id, 'code_id', v_body -> 'code' ->> 'id', 'mac', v_body -> 'code' ->> 'mac', 'session', t.session('x'));
    PERFORM t.expect('code_expired', 'registration_complete', v_proof);
    PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id, false));
    PERFORM t.expect('code_expired', 'registration_complete', v_proof);
END $t$);

SELECT t.test('registration_complete: a code of another registration is none', $t$
DECLARE
    v_one text;
    v_two jsonb := t.registration(2);
    v_id text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    PERFORM t.call('acceptance_put', t.acceptance(2));
    v_one := t.call('registration_start', t.registration(1)) ->> 'id';
    v_id := t.call('registration_start', v_two) ->> 'id';
    PERFORM t.proof(v_id);
    PERFORM t.expect('code_expired', 'registration_complete', t.proof(v_one) || jsonb_build_object(
        'code_id', v_two -> 'code' ->> 'id', 'mac', v_two -> 'code' ->> 'mac'));
END $t$);

SELECT t.test(format('registration_complete: %s, only to whom has the right code', outcome), format($t$
DECLARE
    v_first t.person := t.account(1);
    v_id text;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(%1$s, jsonb_build_object('external_id', 'A-2', 'mobile', t.mobile(%2$s),
        'activation', '{"key_id": "k", "mac": "second"}'::jsonb)));
    UPDATE dossier_data.throttle SET hits = '{}';
    v_id := t.expect('ok', 'registration_start', t.registration(%1$s, jsonb_build_object('mobile', t.mobile(%2$s), 'email', %3$L))) ->> 'id';
    PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id, false));
    PERFORM t.has(t.expect(%4$L, 'registration_complete', t.proof(v_id)), 'outcome');
    PERFORM t.eq('accounts', (SELECT count(*) FROM dossier_data.account), 1::bigint);
    PERFORM t.eq('audit', t.audited(1), 'registration_completed ' || %4$L);
    PERFORM t.expect('code_used', 'registration_try', jsonb_build_object('id', v_id));
END $t$, cf, mobile, email, outcome))
FROM (VALUES (2, 1, 'b@example.org', 'mobile_taken'), (1, 2, 'b@example.org', 'patient_taken'),
    (1, 1, 'p1@example.org', 'patient_taken')) AS v (cf, mobile, email, outcome);

SELECT t.test(format('registration_complete: an e-mail that another account has %s, written %s, is left out', state, email), format($t$
DECLARE
    v_first t.person := t.account(1);
    v_answer jsonb;
BEGIN
    UPDATE dossier_data.account SET email_proved_at = %1$L;
    PERFORM t.call('acceptance_put', t.acceptance(2));
    v_answer := t.expect('created', 'registration_complete', t.proof(
        t.call('registration_start', t.registration(2, jsonb_build_object('email', %2$L))) ->> 'id'));
    PERFORM t.eq('email', v_answer -> 'account' -> 'email', 'null'::jsonb);
    PERFORM t.eq('the first keeps it', (SELECT email FROM dossier_data.account WHERE id = v_first.account::uuid), 'p1@example.org');
END $t$, proved, email))
FROM (VALUES ('proved', '2026-01-01', 'p1@example.org'), ('wrote down', NULL, 'P1@EXAMPLE.ORG')) AS v (state, proved, email);

SELECT t.test('two accounts without an e-mail do not stand in each other''s way', $t$
BEGIN
    FOR n IN 1..2 LOOP
        PERFORM t.call('acceptance_put', t.acceptance(n));
        PERFORM t.expect('created', 'registration_complete', t.proof(
            t.call('registration_start', t.registration(n, '{"email": null}')) ->> 'id'));
    END LOOP;
END $t$);
