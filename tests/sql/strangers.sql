-- What strangers do, from many addresses and as often as they like, keeps no patient out, and tells them nothing.

-- An API function, called from another address.
CREATE FUNCTION t.from_address(p_function text, p jsonb, p_address text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_answer dossier_data.answer;
BEGIN
    EXECUTE format('SELECT * FROM dossier.%I($1)', p_function) INTO v_answer USING p || jsonb_build_object('address', p_address);
    RETURN t.members(v_answer);
END
$$;

CREATE FUNCTION t.wrong_code(p_registration jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_try jsonb := t.call('registration_try', jsonb_build_object('id', p_registration ->> 'id'));
BEGIN
    IF v_try ->> 'outcome' = 'ok' THEN
        PERFORM t.call('registration_complete', jsonb_build_object('id', p_registration ->> 'id', 'code_id', v_try ->> 'code_id', 'mac', 'wrong',
            'session', t.session('x')));
    END IF;
END
$$;

-- Someone's forgotten password, with what else was shown: codice_fiscale, macs, device_hash.
CREATE FUNCTION t.forgot(p_login text, p_shown jsonb DEFAULT '{}', p_address text DEFAULT '198.51.100.7') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
    SELECT t.from_address('password_reset_start', jsonb_build_object('kind', CASE WHEN p_login LIKE '%@%' THEN 'email' ELSE 'mobile' END,
        'login', p_login, 'language', 'it', 'code', t.code()) || p_shown, p_address)
$$;

SELECT t.test('registrations with a patient''s mobile and any codice fiscale, and their wrong codes, cost the patient nothing', $t$
DECLARE
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    FOR i IN 2..9 LOOP
        v_answer := t.from_address('registration_start', t.registration(i, jsonb_build_object('mobile', t.mobile(1))), '198.51.100.' || i);
        PERFORM t.eq('the stranger', v_answer ->> 'outcome', 'ok');
        FOR tries IN 1..5 LOOP
            PERFORM t.wrong_code(v_answer);
        END LOOP;
    END LOOP;
    PERFORM t.eq('SMS', (SELECT count(*) FROM dossier_data.outbox), 0::bigint);
    v_answer := t.expect('ok', 'registration_start', t.registration(1));
    PERFORM t.eq('resend_after', v_answer ->> 'resend_after', '60');
    PERFORM t.expect('created', 'registration_complete', t.proof(v_answer ->> 'id'));
    PERFORM t.eq('password reset', t.forgot(t.mobile(1)) ->> 'outcome', 'ok');
END $t$);

SELECT t.test('a slip''s code while codes of a key are out that the server has not: the same to all, and nothing is counted', $t$
DECLARE
    v_wrong jsonb := '{"macs": {"k1": "unknown"}}';
    v_reset jsonb := jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'codice_fiscale', t.cf(1), 'language', 'it');
    v_answers jsonb[];
    v_body jsonb;
BEGIN
    PERFORM t.account(1);
    PERFORM t.call('acceptance_put', t.acceptance(2));
    PERFORM t.call('acceptance_put', t.acceptance(3));
    UPDATE dossier_data.activation_code SET key_id = 'gone' WHERE patient_id = (SELECT id FROM dossier_data.patient WHERE codice_fiscale = t.cf(2));
    DELETE FROM dossier_data.throttle;
    -- whose slip it is; of the other key; nobody's
    FOREACH v_body IN ARRAY ARRAY[t.registration(2), t.registration(3), t.registration(9)] LOOP
        v_answers := v_answers || t.call('registration_look', v_body || v_wrong) || t.call('registration_start', v_body || v_wrong);
    END LOOP;
    FOREACH v_body IN ARRAY ARRAY[v_reset, v_reset || jsonb_build_object('login', t.mobile(9)), v_reset || jsonb_build_object('codice_fiscale', t.cf(9))] LOOP
        v_answers := v_answers || t.call('password_reset_start', v_body || v_wrong || jsonb_build_object('code', t.code()));
    END LOOP;
    PERFORM t.eq('answers', (SELECT string_agg(DISTINCT a::text, ' ') FROM unnest(v_answers) a), '{"key_id": "gone", "outcome": "unavailable"}');
    PERFORM t.eq('counted', (SELECT count(*) FROM dossier_data.throttle WHERE cardinality(hits) > 0), 0::bigint);
    PERFORM t.eq('a slip that is read', t.expect('ok', 'registration_look', t.registration(3) || '{"macs": {"k1": "activation 3"}}') -> 'proved', 'true');
    PERFORM t.eq('without one', t.expect('ok', 'registration_look', t.registration(2) || '{"macs": null}') -> 'proved', 'false');
    PERFORM t.eq('the key is back', t.expect('ok', 'registration_look', t.registration(2) || '{"macs": {"k1": "unknown", "gone": "activation 2"}}') -> 'proved', 'true');
    PERFORM t.eq('it is lost', t.expect('ok', 'registration_look', t.registration(2) || '{"macs": {"k1": "unknown", "gone": null}}') -> 'proved', 'false');
    UPDATE dossier_data.activation_code SET expires_at = now() WHERE key_id = 'gone';
    PERFORM t.eq('it is needed no more', t.expect('ok', 'registration_look', t.registration(2) || v_wrong) -> 'proved', 'false');
END $t$);

SELECT t.test('who knows the pair uses up its codes; the slip opens the way, and so does the desk', $t$
DECLARE
    v_slip jsonb := '{"macs": {"k0": "other", "k1": "activation 1"}}';
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(1));
    FOR i IN 1..6 LOOP
        v_answer := t.from_address('registration_start', t.registration(1), '198.51.100.' || i);
        PERFORM t.eq('the stranger', v_answer ->> 'outcome', 'ok');
        PERFORM t.later('16 minutes');
    END LOOP;
    PERFORM t.expect('throttled', 'registration_start', t.registration(1));
    PERFORM t.expect('throttled', 'registration_start', t.registration(1) || '{"macs": {"k1": "wrong"}}');
    PERFORM t.expect('throttled', 'registration_start', t.registration(1) || '{"macs": {"k1": "activation 2"}}');
    PERFORM t.limit_to('sms_per_address_hour', 0);
    v_answer := t.expect('ok', 'registration_start', t.registration(1) || v_slip);
    PERFORM t.limit_to('sms_per_number_hour', 1); -- their SMS hold back none of it
    UPDATE dossier_data.outbox SET state = 'sent', sealed = NULL, tries = 1, ended_at = now()
    WHERE asked_by = 'pair';
    UPDATE dossier_data.outbox SET not_before = now() - interval '1 second';
    PERFORM t.eq('leaves', jsonb_array_length(t.expect('ok', 'outbox_claim', '{"worker": "w", "limit": 9, "channel": "sms"}') -> 'messages'), 1);
    PERFORM t.expect('created', 'registration_complete', t.proof(v_answer ->> 'id'));
    PERFORM t.limit_to('sms_per_address_hour', 60);
    -- the desk, where the person stands: a new slip, and the pair's count is over
    PERFORM t.expect('throttled', 'registration_start', t.registration(1));
    PERFORM t.expect('created', 'acceptance_new_code', t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "new"}}'));
    PERFORM t.expect('ok', 'registration_start', t.registration(1));
END $t$);

SELECT t.test('a forgotten password: strangers use up the login''s codes, not the patient''s', $t$
DECLARE
    v_person t.person := t.account(1);
    v_device text := t.sha('device');
    v_mine text;
    v_answer jsonb;
BEGIN
    INSERT INTO dossier_data.device (account_id, token_hash) VALUES (v_person.account::uuid, v_device);
    v_mine := t.forgot(t.mobile(1), jsonb_build_object('device_hash', v_device)) ->> 'id';
    FOR i IN 1..6 LOOP
        PERFORM t.eq('by mobile', t.forgot(t.mobile(1)) ->> 'outcome', 'ok');
        PERFORM t.eq('by e-mail', t.forgot('p1@example.org') ->> 'outcome', 'ok');
        IF i < 6 THEN
            PERFORM t.later('16 minutes');
        END IF;
    END LOOP;
    PERFORM t.later('16 minutes');
    PERFORM t.eq('one more', t.forgot(t.mobile(1)) ->> 'outcome', 'throttled');
    PERFORM t.eq('the one begun before is open', t.outcome('account_change_try', jsonb_build_object('id', v_mine, 'kind', 'password_reset')), 'ok');
    PERFORM t.eq('an unknown device', t.forgot(t.mobile(1), jsonb_build_object('device_hash', t.sha('other'))) ->> 'outcome', 'throttled');
    PERFORM t.eq('the known device', t.forgot(t.mobile(1), jsonb_build_object('device_hash', v_device)) ->> 'outcome', 'ok');
    PERFORM t.eq('the codice fiscale too', t.forgot(t.mobile(1), jsonb_build_object('codice_fiscale', t.cf(1))) ->> 'outcome', 'ok');
    v_answer := t.forgot(t.mobile(1), jsonb_build_object('codice_fiscale', t.cf(1), 'macs', '{"k1": "activation 1"}'::jsonb));
    PERFORM t.eq('the slip', v_answer ->> 'outcome', 'ok');
    PERFORM t.expect('ok', 'password_reset_complete', jsonb_build_object('id', v_answer ->> 'id', 'kind', 'password_reset', 'password_hash', 'new',
        'personal', false) || (SELECT jsonb_build_object('code_id', c, 'mac', 'mac of ' || c) FROM (SELECT t.expect('ok', 'account_change_try',
        jsonb_build_object('id', v_answer ->> 'id', 'kind', 'password_reset')) ->> 'code_id' AS c) x));
END $t$);

SELECT t.test('a forgotten password: a codice fiscale that is another''s gets the same answers, and no code', $t$
DECLARE
    v_person t.person := t.account(1);
    v_stories text[];
    v_shown jsonb;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(2));
    DELETE FROM dossier_data.outbox;
    FOR v_shown IN SELECT jsonb_build_object('codice_fiscale', t.cf(n), 'macs', jsonb_build_object('k1', 'activation ' || n)) FROM generate_series(1, 2) n LOOP
        v_answer := t.forgot(t.mobile(1), v_shown);
        v_stories := v_stories || (t.story(v_answer - 'id') || t.story(t.forgot(t.mobile(1), v_shown)));
    END LOOP;
    PERFORM t.eq('stories', v_stories[2], v_stories[1]);
    PERFORM t.eq('codes', (SELECT count(*) FROM dossier_data.outbox), 1::bigint);
END $t$);

SELECT t.test('no two requests tell that an e-mail and a mobile are one account''s', $t$
DECLARE
    v_person t.person := t.account(1);
    v_first text;
    v_second text;
    v_joined text;
    v_apart text;
    v_pair text[];
BEGIN
    DELETE FROM dossier_data.throttle;
    -- reset and reset, both ways; then reset and registration: of one account, and of nobody's
    FOREACH v_pair SLICE 1 IN ARRAY ARRAY[['p1@example.org', t.mobile(1), 'p9@example.org', t.mobile(9)],
            [t.mobile(1), 'p1@example.org', t.mobile(9), 'p9@example.org']] LOOP
        v_first := t.story(t.forgot(v_pair[1]) - 'id');
        v_joined := t.story(t.forgot(v_pair[2], '{}', '203.0.113.9') - 'id');
        v_second := t.story(t.forgot(v_pair[3]) - 'id');
        v_apart := t.story(t.forgot(v_pair[4], '{}', '203.0.113.9') - 'id');
        PERFORM t.eq('the first', v_first, v_second);
        PERFORM t.eq('the second', v_joined, v_apart);
        PERFORM t.later('16 minutes');
    END LOOP;
    PERFORM t.forgot('p1@example.org');
    PERFORM t.eq('a registration with the mobile', t.story(t.call('registration_start', t.registration(7, jsonb_build_object('mobile', t.mobile(1)))) - 'id'),
        t.story(t.call('registration_start', t.registration(8, jsonb_build_object('mobile', t.mobile(8)))) - 'id'));
    FOR i IN 1..6 LOOP
        PERFORM t.login('email', 'p1@example.org', false);
    END LOOP;
    PERFORM t.eq('logins are counted as they are typed', t.login('mobile', t.mobile(1), false) ->> 'outcome', 'login_failed');
END $t$);

SELECT t.test('the SMS that strangers have sent to a number are bounded, and hold back no other', $t$
DECLARE
    v_person t.person := t.account(1);
    v_left int;
BEGIN
    DELETE FROM dossier_data.outbox;
    FOR i IN 1..20 LOOP
        PERFORM t.forgot(t.mobile(1)), t.forgot('p1@example.org');
        PERFORM t.later('16 minutes');
    END LOOP;
    PERFORM t.eq('six a day by each login', (SELECT count(*) FROM dossier_data.outbox WHERE recipient = t.mobile(1)), 12::bigint);
    UPDATE dossier_data.outbox SET not_before = now() - interval '1 second';
    v_left := jsonb_array_length(t.expect('ok', 'outbox_claim', '{"worker": "w", "limit": 50, "channel": "sms"}') -> 'messages');
    PERFORM t.eq('eight an hour', v_left, 8);
    DELETE FROM dossier_data.outbox WHERE claimed_at IS NULL;
    PERFORM t.expect('ok', 'registration_start', t.registration(1));
    PERFORM t.eq('a registration''s code leaves', (t.expect('ok', 'outbox_claim', '{"worker": "w", "limit": 50, "channel": "sms"}') -> 'messages' -> 0 ->> 'to'), t.mobile(1));
END $t$);

SELECT t.test('another account''s codes for a new mobile or e-mail take none of mine', $t$
DECLARE
    v_person t.person := t.account(1);
    v_stranger t.person := t.account(2);
    v_kind text;
    v_to text;
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', t.acceptance(3));
    FOREACH v_kind IN ARRAY '{mobile_change,email_change}'::text[] LOOP
        v_to := CASE v_kind WHEN 'mobile_change' THEN t.mobile(3) ELSE 'new@example.org' END;
        v_answer := t.call('contact_change_start', jsonb_build_object('account_id', v_stranger.account, 'kind', v_kind, 'recipient', v_to,
            'code', t.code(), 'proof', t.typed(v_stranger)));
        PERFORM t.eq('the stranger', v_answer ->> 'outcome', 'ok');
        v_answer := t.call('contact_change_start', jsonb_build_object('account_id', v_person.account, 'kind', v_kind, 'recipient', v_to,
            'code', t.code(), 'proof', t.typed(v_person)));
        PERFORM t.eq('mine', v_answer ->> 'outcome', 'ok');
    END LOOP;
    PERFORM t.expect('ok', 'registration_start', t.registration(3));
END $t$);

-- What is known of this person by a device of this name.
CREATE FUNCTION t.known(p t.person, p_name text) RETURNS text LANGUAGE sql AS $$
    INSERT INTO dossier_data.device (account_id, token_hash) VALUES (p.account::uuid, t.sha(p_name)) RETURNING token_hash
$$;

SELECT t.test('wrong passwords from one address keep nobody behind it out', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_device text := t.known(v_person, 'phone');
    v_answer jsonb;
    v_longest int := 0;
BEGIN
    FOR i IN 1..400 LOOP -- by many logins, and as fast as the turns allow
        v_answer := t.login('mobile', t.mobile(1000 + i), false);
        IF v_answer ->> 'outcome' = 'throttled' THEN
            v_longest := greatest(v_longest, (v_answer ->> 'retry_after')::int);
            UPDATE dossier_data.throttle SET hits = ARRAY[now()] WHERE scope = 'turn' AND hits <> '{}';
            PERFORM t.eq('its turn', t.login('mobile', t.mobile(1000 + i), false) ->> 'outcome', 'login_failed');
        END IF;
    END LOOP;
    PERFORM t.eq('the longest pause', v_longest BETWEEN 55 AND 60, true);
    PERFORM t.eq('what is kept of them', (SELECT cardinality(hits) FROM dossier_data.throttle WHERE scope = 'login_address' AND hits <> '{}'), 300);
    PERFORM t.eq('the known device', t.login('mobile', t.mobile(1), true, '192.0.2.1', v_device) ->> 'outcome', 'ok');
    v_answer := t.login('mobile', t.mobile(2), true, '192.0.2.1', v_device);
    PERFORM t.eq('known, but to another account', v_answer ->> 'outcome', 'throttled');
    PERFORM t.eq('within a minute', (v_answer ->> 'retry_after')::int <= 60, true);
    FOR i IN 1..100 LOOP -- nobody else takes the turn
        PERFORM t.login('mobile', t.mobile(2000 + i), false);
    END LOOP;
    PERFORM t.later('60 seconds');
    PERFORM t.eq('then the right password', t.login('mobile', t.mobile(2), true) ->> 'outcome', 'ok');
END $t$);

SELECT t.test('codes asked for from one address keep nobody behind it from having one', $t$
DECLARE
    v_person t.person := t.account(1);
    v_device text := t.known(v_person, 'phone');
    v_answer jsonb;
BEGIN
    DELETE FROM dossier_data.throttle;
    FOR i IN 1..60 LOOP
        PERFORM t.eq('stranger', t.forgot(t.mobile(1000 + i)) ->> 'outcome', 'ok');
    END LOOP;
    PERFORM t.eq('the known device', t.forgot(t.mobile(1), jsonb_build_object('device_hash', v_device)) ->> 'outcome', 'ok');
    v_answer := t.forgot('p1@example.org');
    PERFORM t.wait('who is not known waits', v_answer ->> 'retry_after', 10);
    FOR i IN 1..100 LOOP
        PERFORM t.forgot(t.mobile(2000 + i));
    END LOOP;
    PERFORM t.later('10 seconds');
    PERFORM t.eq('and has a turn', t.forgot('p1@example.org') ->> 'outcome', 'ok');
END $t$);

SELECT t.test('wrong passwords for one login from everywhere are bounded, and keep no known device out', $t$
DECLARE
    v_person t.person := t.account(1);
    v_device text := t.known(v_person, 'phone');
    v_stories text[];
    v_story text;
    v_login text;
    v_answer jsonb;
    v_tried int;
BEGIN
    FOREACH v_login IN ARRAY ARRAY[t.mobile(1), t.mobile(9)] LOOP
        v_tried := 0;
        v_story := '';
        FOR i IN 1..120 LOOP
            v_answer := t.login('mobile', v_login, false, format('198.51.%s.%s', 100 + i / 200, i % 200));
            v_tried := v_tried + (v_answer ->> 'outcome' = 'login_failed')::int;
            v_story := concat_ws(' ', v_story, v_answer ->> 'outcome');
        END LOOP;
        PERFORM t.eq('tried', v_tried, 100);
        PERFORM t.wait('a minute', v_answer ->> 'retry_after', 60);
        v_stories := v_stories || v_story;
    END LOOP;
    PERFORM t.eq('an unknown login alike', v_stories[2], v_stories[1]);
    PERFORM t.eq('by the other login it is free, which tells of nothing', t.login('email', 'p1@example.org', false, '203.0.113.1') ->> 'outcome', 'login_failed');
    PERFORM t.eq('the known device', t.login('mobile', t.mobile(1), true, '203.0.113.9', v_device) ->> 'outcome', 'ok');
    v_tried := 0;
    DELETE FROM dossier_data.throttle WHERE scope <> 'login_anywhere';
    FOR n IN 1..24 * 12 LOOP
        PERFORM t.later('5 minutes');
        v_answer := t.login('mobile', t.mobile(1), false, format('203.0.%s.%s', n / 250, n % 250));
        DELETE FROM dossier_data.throttle WHERE scope = 'login';
        v_tried := v_tried + (v_answer ->> 'outcome' = 'login_failed')::int;
    END LOOP;
    PERFORM t.eq('in the day after', v_tried < 200, true);
END $t$);

SELECT t.test('who was locked out makes the device known by a new password', $t$
DECLARE
    v_person t.person := t.account(1);
    v_id text;
    v_code text;
BEGIN
    FOR i IN 1..100 LOOP
        PERFORM t.login('mobile', t.mobile(1), false, '198.51.100.' || i);
    END LOOP;
    PERFORM t.eq('a new phone', t.login('mobile', t.mobile(1), true, '203.0.113.9', t.sha('new phone')) ->> 'outcome', 'throttled');
    v_id := t.forgot(t.mobile(1), jsonb_build_object('device_hash', t.sha('new phone'))) ->> 'id';
    v_code := t.expect('ok', 'account_change_try', jsonb_build_object('id', v_id, 'kind', 'password_reset')) ->> 'code_id';
    PERFORM t.expect('ok', 'password_reset_complete', jsonb_build_object('id', v_id, 'kind', 'password_reset', 'code_id', v_code, 'mac', 'mac of ' || v_code,
        'password_hash', 'new', 'personal', false, 'device', jsonb_build_object('device_hash', t.sha('new phone'), 'user_agent', 'Firefox')));
    PERFORM t.eq('the new phone', t.login('mobile', t.mobile(1), true, '203.0.113.9', t.sha('new phone')) ->> 'outcome', 'ok');
END $t$);

SELECT t.test('what strangers are refused is counted, not kept line by line, and summed up by the hour', $t$
DECLARE
    v_person t.person := t.account(1);
    v_registration text := t.expect('ok', 'registration_start', t.registration(9)) ->> 'id';
    v_reset text := t.forgot(t.mobile(9)) ->> 'id';
    v_lines bigint;
    v_rows bigint;
BEGIN
    FOR i IN 1..5 LOOP -- these are bounded, and kept
        PERFORM t.login('mobile', t.mobile(1), false);
        PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_registration, false));
    END LOOP;
    v_lines := (SELECT count(*) FROM dossier_data.audit);
    FOR i IN 1..200 LOOP
        PERFORM t.expect('unauthenticated', 'integrator_load', jsonb_build_object('key_hash', t.sha('no key ' || i)));
        PERFORM t.login('mobile', t.mobile(1), false); -- throttled
        PERFORM t.login('mobile', t.mobile(100 + i), false, '198.51.100.' || i % 200); -- nobody's, then throttled
        PERFORM t.expect('throttled', 'registration_start', t.registration(9));
        PERFORM t.expect('throttled', 'registration_resend', jsonb_build_object('id', v_registration, 'code', t.code()));
        PERFORM t.expect('code_locked', 'registration_try', jsonb_build_object('id', v_registration));
        PERFORM t.eq('reset', t.forgot(t.mobile(9)) ->> 'outcome', 'throttled');
        PERFORM t.expect('throttled', 'account_change_resend', jsonb_build_object('id', v_reset, 'kind', 'password_reset', 'code', t.code()));
    END LOOP;
    PERFORM t.eq('lines', (SELECT count(*) FROM dossier_data.audit), v_lines);
    v_rows := (SELECT count(*) FROM dossier_data.audit_count);
    PERFORM t.eq('rows', v_rows <= 2 * (SELECT count(DISTINCT (action, outcome)) FROM dossier_data.audit_count), true); -- of two hours at most
    PERFORM t.eq('wrong keys', (SELECT sum(count) FROM dossier_data.audit_count WHERE action = 'integrator_login'), 200::numeric);
    UPDATE dossier_data.audit_count SET hour = '2026-01-01T10:00:00Z';
    PERFORM t.call('purge', '{"limit": 100}');
    PERFORM t.eq('one line for the hour', (SELECT string_agg(concat_ws('|', actor_kind, outcome, detail, account_id, address), ' ')
        FROM dossier_data.audit WHERE action = 'integrator_login'), 'system|unauthenticated|200 times in the hour from 2026-01-01T10:00:00Z');
    PERFORM t.eq('nothing is counted twice', (SELECT count(*) FROM dossier_data.audit_count), 0::bigint);
    PERFORM t.eq('no more lines than kinds', (SELECT count(*) FROM dossier_data.audit) <= v_lines + v_rows, true);
END $t$);

SELECT t.test('what strangers ask for in vain is counted too, and what is asked for somebody is a line', $t$
DECLARE
    v_person t.person := t.account(1);
    v_registration text;
    v_reset text;
    v_code jsonb;
    v_lines bigint := (SELECT count(*) FROM dossier_data.audit);
BEGIN
    FOR i IN 11..60 LOOP -- nobody's, each of them only once
        v_registration := t.expect('ok', 'registration_start', t.registration(i)) ->> 'id';
        PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_registration, false));
        v_reset := t.forgot(t.mobile(i)) ->> 'id';
        v_code := t.expect('ok', 'account_change_try', jsonb_build_object('id', v_reset, 'kind', 'password_reset'));
        PERFORM t.expect('code_wrong', 'password_reset_complete', jsonb_build_object('id', v_reset, 'kind', 'password_reset',
            'code_id', v_code ->> 'code_id', 'mac', 'wrong', 'personal', false));
        UPDATE dossier_data.throttle SET hits = '{}';
        PERFORM t.expect('ok', 'registration_resend', jsonb_build_object('id', v_registration, 'code', t.code()));
        PERFORM t.expect('ok', 'account_change_resend', jsonb_build_object('id', v_reset, 'kind', 'password_reset', 'code', t.code()));
    END LOOP;
    PERFORM t.eq('lines', (SELECT count(*) FROM dossier_data.audit), v_lines);
    PERFORM t.eq('counted', (SELECT count(*) || ' kinds, ' || min(n) || ' to ' || max(n) FROM (
        SELECT sum(count) AS n FROM dossier_data.audit_count GROUP BY action, outcome) c), '6 kinds, 50 to 50');
    PERFORM t.call('acceptance_put', t.acceptance(2));
    PERFORM t.expect('ok', 'registration_start', t.registration(2));
    PERFORM t.eq('somebody''s', t.audited(1), 'registration_started ok');
    PERFORM t.eq('reset', t.forgot(t.mobile(1)) ->> 'outcome', 'ok');
    PERFORM t.eq('its account sees it', (SELECT string_agg(a ->> 'action', ' ') FROM jsonb_array_elements(
        t.call('activity_list', jsonb_build_object('account_id', v_person.account, 'limit', 1)) -> 'activity') a), 'password_reset_started');
END $t$);

SELECT t.test('a system that goes on with a key that has ended is a line an hour', $t$
DECLARE
    v_integrator uuid := t.integrator();
BEGIN
    UPDATE dossier_data.integrator_key SET revoked_at = now();
    FOR i IN 1..50 LOOP
        PERFORM t.expect('unauthenticated', 'integrator_load', jsonb_build_object('key_hash', t.sha('san-pellegrino')));
    END LOOP;
    PERFORM t.eq('lines', (SELECT count(*) FROM dossier_data.audit WHERE action = 'integrator_login' AND actor_id = v_integrator), 1::bigint);
    PERFORM t.eq('counted', (SELECT sum(count) FROM dossier_data.audit_count), 49::numeric);
END $t$);
