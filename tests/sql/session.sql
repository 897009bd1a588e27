SELECT t.test('login by mobile and by e-mail: ok', $t$
DECLARE
    v_person t.person := t.account(1);
    v_begun jsonb;
    v_answer jsonb;
BEGIN
    v_begun := t.expect('ok', 'session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1)));
    PERFORM t.has(v_begun, 'outcome attempt account_id password_hash known_device');
    PERFORM t.eq('account', v_begun ->> 'account_id', v_person.account);
    PERFORM t.eq('hash', v_begun ->> 'password_hash', 'hash 1');
    v_answer := t.expect('ok', 'session_finish', jsonb_build_object('attempt', v_begun ->> 'attempt', 'right', true,
        'rehash', null, 'session', t.session('s')));
    PERFORM t.has(v_answer, 'outcome account session_id');
    PERFORM t.has(v_answer -> 'account', 'id first_name last_name mobile email language consents_due');
    PERFORM t.eq('session', t.call('session_load', jsonb_build_object('token_hash', t.sha('s'))) ->> 'session_id', v_answer ->> 'session_id');
    PERFORM t.eq('by mail', t.login('email', 'P1@example.org', true) ->> 'outcome', 'ok');
    PERFORM t.eq('kept hash', (SELECT password_hash FROM dossier_data.account), 'hash 1');
    PERFORM t.eq('audit', t.audited(2), 'login ok, login ok');
    PERFORM t.eq('counted', (SELECT sum(cardinality(hits)) FROM dossier_data.throttle WHERE scope LIKE 'login%'), 0::numeric);
END $t$);

SELECT t.test('a mobile is no e-mail, an e-mail no mobile, another kind nothing', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.eq('mobile as mail', t.login('email', t.mobile(1)) -> 'account_id', 'null');
    PERFORM t.eq('mail as mobile', t.login('mobile', 'p1@example.org') -> 'account_id', 'null');
    PERFORM t.eq('other kind', t.login('id', t.mobile(1)) -> 'account_id', 'null');
END $t$);

SELECT t.test('an unknown login goes the same way as a wrong password', $t$
DECLARE
    v_person t.person := t.account(1);
    v_story text;
    v_stories text[];
    v_login text;
BEGIN
    FOREACH v_login IN ARRAY ARRAY[t.mobile(1), t.mobile(9)] LOOP
        v_story := '';
        FOR i IN 1..7 LOOP
            v_story := concat_ws(' ', v_story, t.story(t.login('mobile', v_login, false)));
        END LOOP;
        v_stories := v_stories || v_story;
    END LOOP;
    PERFORM t.eq('stories', v_stories[2], v_stories[1]);
    PERFORM t.eq('it was told whole', v_stories[1] LIKE '%login_failed%throttled%', true);
    PERFORM t.eq('members', t.keys(t.login('mobile', t.mobile(2))), 'account_id attempt known_device outcome password_hash');
    -- right is for known logins only
    PERFORM t.eq('right of nobody', t.login('mobile', t.mobile(3), true) ->> 'outcome', 'login_failed');
END $t$);

SELECT t.test('session_finish: each attempt once, in its time, against the password of its beginning', $t$
DECLARE
    v_person t.person := t.account(1);
    v_finish jsonb;
BEGIN
    PERFORM t.expect('login_failed', 'session_finish', jsonb_build_object('attempt', gen_random_uuid(), 'right', true));
    v_finish := jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt', 'right', true, 'session', t.session('a'));
    PERFORM t.expect('ok', 'session_finish', v_finish);
    PERFORM t.expect('login_failed', 'session_finish', v_finish || jsonb_build_object('session', t.session('b')));
    UPDATE dossier_data.account SET password_set_at = now() - interval '1 hour';
    v_finish := jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt', 'right', true, 'session', t.session('c'));
    UPDATE dossier_data.login_attempt SET created_at = now() - interval '121 seconds' WHERE finished_at IS NULL;
    PERFORM t.expect('login_failed', 'session_finish', v_finish);
    v_finish := jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt', 'right', true, 'session', t.session('d'));
    UPDATE dossier_data.account SET password_set_at = now() + interval '1 second';
    PERFORM t.expect('login_failed', 'session_finish', v_finish);
    PERFORM t.eq('sessions', (SELECT count(*) FROM dossier_data.session), 2::bigint); -- the registration's, and one
END $t$);

-- A reset that had to wait for the account is dated before the login that read the old hash meanwhile.
SELECT t.test('session_finish: a password judged against the one of before a reset opens nothing, and does not bring it back', $t$
DECLARE
    v_person t.person := t.account(1);
    v_finish jsonb := jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt', 'right', true,
        'rehash', 'the old one, stronger', 'session', t.session('a'));
BEGIN
    PERFORM dossier_lib.password_set(v_person.account::uuid, 'of the reset', NULL);
    UPDATE dossier_data.account SET password_set_at = now() - interval '1 second';
    PERFORM t.expect('login_failed', 'session_finish', v_finish);
    PERFORM t.eq('audit', t.audited(1), 'login login_failed');
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'of the reset');
    PERFORM t.eq('open sessions', (SELECT count(*) FROM dossier_data.session WHERE closed_at IS NULL), 0::bigint);
    PERFORM t.expect('ok', 'session_finish', v_finish || jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt', 'rehash', NULL));
END $t$);

SELECT t.test('session_finish: rehash replaces the stored hash, only when right', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    PERFORM t.expect('login_failed', 'session_finish', jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt',
        'right', false, 'rehash', 'forged', 'session', t.session('a')));
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'hash 1');
    PERFORM t.expect('ok', 'session_finish', jsonb_build_object('attempt', t.login('mobile', t.mobile(1)) ->> 'attempt',
        'right', true, 'rehash', 'stronger', 'session', t.session('a')));
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'stronger');
END $t$);

SELECT t.test('session_finish: a password that was not judged costs nothing', $t$
DECLARE
    v_person t.person := t.account(1);
    v_begun jsonb;
BEGIN
    FOR i IN 1..20 LOOP
        v_begun := t.login('mobile', t.mobile(1));
        PERFORM t.eq('outcome', v_begun ->> 'outcome', 'ok');
        PERFORM t.expect('login_failed', 'session_finish', jsonb_build_object('attempt', v_begun ->> 'attempt', 'right', null,
            'session', t.session('a')));
    END LOOP;
END $t$);

SELECT t.test('five in a row, then ever longer pauses; right forgets them', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb;
    v_pause int;
BEGIN
    FOR i IN 1..5 LOOP
        PERFORM t.eq('outcome', t.login('mobile', t.mobile(1), false) ->> 'outcome', 'login_failed');
    END LOOP;
    FOREACH v_pause IN ARRAY '{60,120,240,480,900,900}'::int[] LOOP
        v_answer := t.login('mobile', t.mobile(1), false);
        PERFORM t.has(v_answer, 'outcome retry_after limit');
        PERFORM t.wait('pause', v_answer ->> 'retry_after', v_pause);
        PERFORM t.later(make_interval(secs => v_pause));
        PERFORM t.eq('after the pause', t.login('mobile', t.mobile(1), false) ->> 'outcome', 'login_failed');
    END LOOP;
    PERFORM t.eq('still throttled', t.login('mobile', t.mobile(1), true) ->> 'outcome', 'throttled');
    PERFORM t.later('15 minutes');
    PERFORM t.eq('right', t.login('mobile', t.mobile(1), true) ->> 'outcome', 'ok');
    FOR i IN 1..5 LOOP
        PERFORM t.eq('outcome', t.login('mobile', t.mobile(1), false) ->> 'outcome', 'login_failed');
    END LOOP;
END $t$);

SELECT t.test('a stranger''s failures do not keep the account holder out', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    FOR i IN 1..20 LOOP
        PERFORM t.login('mobile', t.mobile(1), false, '198.51.100.7');
    END LOOP;
    PERFORM t.eq('stranger', t.login('mobile', t.mobile(1), true, '198.51.100.7') ->> 'outcome', 'throttled');
    PERFORM t.eq('holder', t.login('mobile', t.mobile(1), true, '203.0.113.9') ->> 'outcome', 'ok');
END $t$);

SELECT t.test('after fifty failures an hour from an IPv4 address or IPv6 /64 unknown devices there are slowed down', $t$
DECLARE
    v_address text;
    v_answer jsonb;
BEGIN
    FOREACH v_address IN ARRAY '{198.51.100.7,2001:db8:1:2::}'::text[] LOOP
        FOR i IN 1..50 LOOP
            PERFORM t.eq('outcome', t.login('mobile', t.mobile(i), false,
                CASE WHEN v_address LIKE '%::' THEN v_address || to_hex(i) ELSE v_address END) ->> 'outcome', 'login_failed');
        END LOOP;
        v_answer := t.login('mobile', t.mobile(99), false, v_address);
        PERFORM t.wait('the next waits', v_answer ->> 'retry_after', 10);
        PERFORM t.later('10 seconds');
        PERFORM t.eq('and has its turn', t.login('mobile', t.mobile(99), false, v_address) ->> 'outcome', 'login_failed');
        PERFORM t.eq('one', t.login('mobile', t.mobile(99), false, v_address) ->> 'outcome', 'throttled');
        PERFORM t.later('1 hour');
        PERFORM t.eq('an hour later', t.login('mobile', t.mobile(99), false, v_address) ->> 'outcome', 'login_failed');
    END LOOP;
    PERFORM t.eq('prefixes', ARRAY(SELECT dossier_lib.address_prefix(a) FROM unnest(
        '{192.0.2.1,::ffff:192.0.2.1,2001:db8:1:2:3::4,nonsense}'::text[]) a), '{192.0.2.1,192.0.2.1,2001:db8:1:2::/64,unknown}');
    PERFORM t.eq('another /64', t.login('mobile', t.mobile(99), false, '2001:db8:1:3::1') ->> 'outcome', 'login_failed');
    PERFORM t.eq('no address', t.login('mobile', t.mobile(98), false, NULL) ->> 'outcome', 'login_failed');
END $t$);

SELECT t.test('session_load: idle 20 minutes, 8 hours in all, closed, unknown', $t$
DECLARE
    v_person t.person := t.account(1);
    v_key jsonb := jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session));
BEGIN
    PERFORM t.has(t.expect('ok', 'session_load', v_key), 'outcome session_id account_id seen_due');
    PERFORM t.expect('unauthenticated', 'session_load', '{"token_hash": "none"}');
    PERFORM t.expect('unauthenticated', 'session_load', '{}');
    UPDATE dossier_data.session SET last_seen_at = now() - interval '20 minutes';
    PERFORM t.expect('unauthenticated', 'session_load', v_key);
    UPDATE dossier_data.session SET last_seen_at = now() - interval '19 minutes 59 seconds';
    PERFORM t.expect('ok', 'session_load', v_key);
    UPDATE dossier_data.session SET created_at = now() - interval '8 hours', last_seen_at = now();
    PERFORM t.expect('unauthenticated', 'session_load', v_key);
    UPDATE dossier_data.session SET created_at = now() - interval '7 hours 59 minutes';
    PERFORM t.expect('ok', 'session_load', v_key);
    PERFORM t.expect('ok', 'session_close', jsonb_build_object('session_id', v_person.session, 'account_id', v_person.account));
    PERFORM t.expect('unauthenticated', 'session_load', v_key);
    PERFORM t.expect('ok', 'session_close', jsonb_build_object('session_id', v_person.session, 'account_id', v_person.account));
    PERFORM t.eq('audit', t.audited(2), 'logout ok, login ok');
END $t$);

SELECT t.test('session_load: last seen is to be noted at most every 30 seconds', $t$
DECLARE
    v_person t.person := t.account(1);
    v_key jsonb := jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session));
BEGIN
    UPDATE dossier_data.session SET last_seen_at = now() - interval '29 seconds';
    PERFORM t.eq('early', t.expect('ok', 'session_load', v_key) -> 'seen_due', 'false');
    UPDATE dossier_data.session SET last_seen_at = now() - interval '30 seconds';
    PERFORM t.eq('due', t.expect('ok', 'session_load', v_key) -> 'seen_due', 'true');
    PERFORM t.eq('not by itself', (SELECT now() - last_seen_at FROM dossier_data.session), interval '30 seconds');
    PERFORM t.expect('ok', 'session_seen', jsonb_build_object('session_id', v_person.session));
    PERFORM t.eq('seen', (SELECT now() - last_seen_at FROM dossier_data.session), interval '0');
END $t$);

SELECT t.test('session_seen: no closed session is brought back', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    UPDATE dossier_data.session SET last_seen_at = now() - interval '1 minute', closed_at = now();
    PERFORM t.expect('ok', 'session_seen', jsonb_build_object('session_id', v_person.session));
    PERFORM t.eq('seen', (SELECT now() - last_seen_at FROM dossier_data.session), interval '1 minute');
END $t$);

SELECT t.test('session_load: the page shows another account', $t$
DECLARE
    v_person t.person := t.account(1);
    v_key jsonb := jsonb_build_object('token_hash', (SELECT token_hash FROM dossier_data.session));
BEGIN
    PERFORM t.expect('ok', 'session_load', v_key || jsonb_build_object('shown', v_person.account));
    PERFORM t.expect('account_changed', 'session_load', v_key || jsonb_build_object('shown', gen_random_uuid()));
    PERFORM t.expect('account_changed', 'session_load', v_key || '{"shown": "nonsense"}');
    PERFORM t.expect('account_changed', 'session_load', v_key || '{"shown": ""}');
    UPDATE dossier_data.session SET closed_at = now();
    PERFORM t.expect('unauthenticated', 'session_load', v_key || '{"shown": "nonsense"}');
END $t$);

SELECT t.test('session_close: another account''s session stays open', $t$
DECLARE
    v_one t.person := t.account(1);
    v_two t.person := t.account(2);
BEGIN
    PERFORM t.expect('ok', 'session_close', jsonb_build_object('session_id', v_one.session, 'account_id', v_two.account));
    PERFORM t.eq('closed', (SELECT count(*) FROM dossier_data.session WHERE closed_at IS NOT NULL), 0::bigint);
END $t$);

SELECT t.test('session_get: not_found', $t$
BEGIN
    PERFORM t.expect('not_found', 'session_get', jsonb_build_object('account_id', gen_random_uuid()));
END $t$);
