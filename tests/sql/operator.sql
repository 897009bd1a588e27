-- What the operator's command asks of the database, beyond what the other files of this folder hold.

SELECT t.test('a facility is listed, another name is its name, and what no id may be is refused', $t$
BEGIN
    PERFORM t.integrator();
    PERFORM dossier_admin.facility_put('san-pellegrino', 'Ospedale "San" Pellegrino; --');
    PERFORM t.eq('listed', (SELECT string_agg(id || ' ' || name, ', ') FROM dossier_admin.facilities()),
        'citta-di-suzzara Ospedale Città di Suzzara, san-pellegrino Ospedale "San" Pellegrino; --');
    PERFORM t.refused('SELECT dossier_admin.facility_put(''has blanks'', ''Name'')', 'the id of a facility is');
    PERFORM t.refused('SELECT dossier_admin.facility_put(''nameless'', '' '')', 'a name is 1 to 200 characters');
END $t$);

SELECT t.test('a system is renamed: its keys and what it has published stay its own; no two that work share a name', $t$
DECLARE
    v_id uuid := t.integrator();
    v_other uuid := t.integrator('citta-di-suzzara');
BEGIN
    PERFORM dossier_admin.integrator_rename(v_id, 'LIS');
    PERFORM t.eq('by its name', dossier_admin.integrator_id('LIS'), v_id);
    PERFORM t.eq('its key', (SELECT system FROM dossier_admin.integrator_keys() WHERE name = 'LIS'), v_id);
    PERFORM dossier_admin.integrator_rename(v_id, 'LIS');
    PERFORM t.refused(format('SELECT dossier_admin.integrator_rename(%L, ''LIS'')', v_other), 'there is a system "LIS"');
    PERFORM dossier_admin.integrator_revoke(v_id);
    PERFORM dossier_admin.integrator_rename(v_other, 'LIS');
    PERFORM t.eq('of one name, the one that works', dossier_admin.integrator_id('LIS'), v_other);
    PERFORM t.eq('audited once each', (SELECT count(*) FROM dossier_data.audit WHERE action = 'integrator_renamed'), 2::bigint);
END $t$);

SELECT t.test('a limit is set, holds, and stands in the audit; another name or a negative number is refused', $t$
BEGIN
    PERFORM t.eq('before', dossier_admin.limit_set('code_tries', 3), 5);
    PERFORM t.eq('holds', dossier_lib.limit_of('code_tries'), 3);
    PERFORM t.eq('the same again', dossier_admin.limit_set('code_tries', 3), 3);
    PERFORM t.eq('listed', (SELECT value FROM dossier_admin.limits() WHERE name = 'code_tries'), 3);
    PERFORM t.eq('audited once', (SELECT string_agg(detail, ', ') FROM dossier_data.audit WHERE action = 'limit_set'),
        'code_tries: 3, before 5');
    PERFORM t.refused('SELECT dossier_admin.limit_set(''code_trys'', 3)', 'no limit "code_trys"');
    PERFORM t.refused('SELECT dossier_admin.limit_set(''code_tries'', -1)', 'a limit is');
END $t$);

SELECT t.test('what waits for the operator is named with what to do, and nothing else', $t$
DECLARE
    v_id uuid := t.integrator();
    v_message uuid;
BEGIN
    PERFORM t.eq('facilities, systems', (SELECT concat_ws(' ', facilities, integrators) FROM dossier_admin.portal_state()), '2 1');
    PERFORM t.eq('all is well', (SELECT string_agg(p, '; ') FROM dossier_admin.portal_problems() p), NULL);
    PERFORM dossier_admin.integrator_key_end((SELECT key FROM dossier_admin.integrator_keys() WHERE system = v_id), 10);
    PERFORM t.eq('a key ends', (SELECT count(*) FROM dossier_admin.portal_problems() p WHERE p LIKE 'key % ends at %'), 1::bigint);
    PERFORM dossier_admin.integrator_key_add('LIS of san-pellegrino', t.sha('the next'));
    PERFORM t.eq('it has another', (SELECT string_agg(p, '; ') FROM dossier_admin.portal_problems() p), NULL);
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, due_at, not_before, give_up_at)
    VALUES ('sms', '+39333', 'new_documents', 'it', 2, now() - interval '6 minutes', now() - interval '6 minutes', now() + interval '1 hour')
    RETURNING id INTO v_message;
    PERFORM t.eq('it is due', (SELECT string_agg(p, '; ') FROM dossier_admin.portal_problems() p),
        '1 messages are due for more than five minutes: does httpd run, and what does its log say (DOS0403, DOS0404)?');
    UPDATE dossier_data.outbox SET state = 'failed', ended_at = now() WHERE id = v_message;
    PERFORM t.eq('it was given up', (SELECT string_agg(p, '; ') FROM dossier_admin.portal_problems() p),
        '1 messages were given up in the last day: mantova-dossier outbox list');
    PERFORM t.eq('counted', (SELECT concat_ws(' ', messages_waiting, messages_given_up) FROM dossier_admin.portal_state()), '0 1');
    UPDATE dossier_data.vault SET accepted_at = now() - interval '6 minutes';
    PERFORM t.eq('the word waits', (SELECT count(*) FROM dossier_admin.portal_problems() p WHERE p LIKE 'your word %'), 1::bigint);
END $t$);
