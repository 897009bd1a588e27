SELECT t.test('profile: read, and changed only where something is named', $t$
DECLARE
    v_person t.person := t.account(1);
    v_me jsonb := jsonb_build_object('account_id', v_person.account);
    v_profile jsonb := t.expect('ok', 'profile_get', v_me) -> 'profile';
BEGIN
    PERFORM t.has(v_profile, 'first_name last_name birth_date birth_place codice_fiscale mobile email email_proved language alerts');
    PERFORM t.eq('alerts', v_profile -> 'alerts', '{"sms": true, "mail": true, "last_call": true}');
    v_profile := t.expect('ok', 'profile_change', v_me || '{"language": "en", "alerts": {"sms": false}}') -> 'profile';
    PERFORM t.eq('changed', jsonb_build_array(v_profile -> 'language', v_profile -> 'alerts'),
        '["en", {"sms": false, "mail": true, "last_call": true}]');
    v_profile := t.expect('ok', 'profile_change', v_me || '{"language": null, "alerts": {"mail": false, "last_call": false}}') -> 'profile';
    PERFORM t.eq('changed', jsonb_build_array(v_profile -> 'language', v_profile -> 'alerts'),
        '["en", {"sms": false, "mail": false, "last_call": false}]');
    PERFORM t.eq('audit', t.audited(1), 'profile_changed ok');
    PERFORM t.expect('not_found', 'profile_get', jsonb_build_object('account_id', gen_random_uuid()));
END $t$);

SELECT t.test('alerts leave by the channels that were chosen', $t$
DECLARE
    v_person t.person := t.active(1);
BEGIN
    PERFORM t.call('profile_change', jsonb_build_object('account_id', v_person.account, 'alerts', '{"sms": false}'::jsonb));
    PERFORM t.call('publication_complete', t.document(1));
    PERFORM t.eq('channels', (SELECT string_agg(channel, ' ') FROM dossier_data.outbox WHERE template = 'new_documents'), 'mail');
END $t$);

CREATE FUNCTION t.change_password(p t.person, p_hash text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_proof jsonb := t.call('password_begin', jsonb_build_object('account_id', p.account)) -> 'proof';
BEGIN
    PERFORM t.expect('ok', 'password_finish', jsonb_build_object('account_id', p.account, 'proof', v_proof, 'right', true));
    RETURN t.call('password_change', jsonb_build_object('account_id', p.account, 'session_id', p.session, 'proof', v_proof,
        'password_hash', p_hash, 'token_hash', t.sha('renewed')));
END
$$;

SELECT t.test('password_change: other sessions and what was begun end, this one goes on under a new token', $t$
DECLARE
    v_person t.person := t.account(1);
    v_begun jsonb;
    v_proof jsonb;
BEGIN
    PERFORM t.call('session_finish', jsonb_build_object('attempt', t.call('session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1))) -> 'attempt',
        'right', true, 'session', t.session('elsewhere')));
    v_proof := t.call('password_begin', jsonb_build_object('account_id', v_person.account)) -> 'proof';
    PERFORM t.expect('ok', 'password_finish', jsonb_build_object('account_id', v_person.account, 'proof', v_proof, 'right', true));
    INSERT INTO dossier_data.account_change (kind, account_id, recipient, language, subject, expires_at)
    VALUES ('email_change', v_person.account::uuid, 'x@example.org', 'it', 's', now() + interval '1 hour');
    DELETE FROM dossier_data.outbox;
    PERFORM t.eq('outcome', t.change_password(v_person, 'new hash') ->> 'outcome', 'ok');
    PERFORM t.eq('sessions', (SELECT string_agg(id || ' ' || token_hash, ',') FROM dossier_data.session WHERE closed_at IS NULL),
        v_person.session || ' ' || t.sha('renewed'));
    PERFORM t.eq('hash', (SELECT password_hash FROM dossier_data.account), 'new hash');
    PERFORM t.eq('open changes', (SELECT count(*) FROM dossier_data.account_change WHERE closed_at IS NULL), 0::bigint);
    PERFORM t.eq('a proof of the old one', dossier_lib.password_proof_take(jsonb_build_object('account_id', v_person.account, 'proof', v_proof)), 'password_required');
    PERFORM t.eq('told', (SELECT string_agg(channel || ' ' || template, ' ') FROM dossier_data.outbox), 'mail password_changed');
    PERFORM t.eq('audit', t.audited(1), 'password_changed ok');
END $t$);

SELECT t.test('sessions: listed with their devices, ended one by one or all others, never another''s', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_me jsonb := jsonb_build_object('account_id', v_person.account, 'session_id', v_person.session);
    v_sessions jsonb;
    v_id text;
BEGIN
    FOR i IN 1..4 LOOP
        PERFORM t.call('session_finish', jsonb_build_object('attempt', t.call('session_begin', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1))) -> 'attempt',
            'right', true, 'session', jsonb_build_object('token_hash', t.sha('e' || i), 'user_agent',
                'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36')));
    END LOOP;
    UPDATE dossier_data.session SET last_seen_at = now() - interval '21 minutes' WHERE token_hash = t.sha('e4');
    v_sessions := t.expect('ok', 'session_list', v_me) -> 'sessions';
    PERFORM t.eq('count', jsonb_array_length(v_sessions), 4);
    PERFORM t.has(v_sessions -> 0, 'id current device created_at last_seen_at');
    PERFORM t.eq('the first', v_sessions -> 0 ->> 'id', v_person.session);
    PERFORM t.eq('devices', (SELECT string_agg(s ->> 'device' || ' ' || (s ->> 'current'), '; ' ORDER BY s ->> 'device' DESC) FROM jsonb_array_elements(v_sessions) s),
        'Firefox true; Chrome, Windows false; Chrome, Windows false; Chrome, Windows false');
    v_id := v_sessions -> 1 ->> 'id';
    PERFORM t.expect('not_found', 'session_end', jsonb_build_object('account_id', v_other.account, 'session_id', v_other.session, 'ended', v_id));
    PERFORM t.expect('ok', 'session_end', v_me || jsonb_build_object('ended', v_id));
    PERFORM t.expect('not_found', 'session_end', v_me || jsonb_build_object('ended', v_id));
    PERFORM t.expect('ok', 'session_end', v_me || '{"ended": null}');
    PERFORM t.eq('left', (SELECT string_agg(id::text, ' ' ORDER BY id = v_person.session::uuid) FROM dossier_data.session WHERE closed_at IS NULL),
        v_other.session || ' ' || v_person.session);
END $t$);

SELECT t.test(format('device_of: %s', wanted), format('BEGIN PERFORM t.eq(''device'', dossier_lib.device_of(%L), %L); END', sent, wanted))
FROM (VALUES
    ('Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1', 'Safari, iPhone'),
    ('Mozilla/5.0 (Linux; Android 14; SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0 Mobile Safari/537.36', 'Samsung Internet, Android'),
    ('Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36 Edg/120.0', 'Edge, Windows'),
    ('Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0', 'Firefox, Linux'),
    ('curl/8.0', 'curl/8.0'), ('', NULL), (NULL, NULL)) AS x (sent, wanted);

SELECT t.test('device_named: never in the words of the browser', $t$
BEGIN
    PERFORM t.eq('named', dossier_lib.device_named('Mozilla/5.0 (Windows NT 10.0) Firefox/120.0'), 'Firefox, Windows');
    PERFORM t.eq('its own words', dossier_lib.device_named('Call 0376 000000 now'), NULL);
END $t$);

SELECT t.test('a profile that is changed while its account goes: who it was is not known any more', $t$
BEGIN
    PERFORM t.expect('unauthenticated', 'profile_change', jsonb_build_object('account_id', gen_random_uuid(), 'language', 'en'));
END $t$);
