-- Every API function, called once on a database that tests/bench/growth/load.sh has filled; auto_explain tells the plan of each
-- statement that ran inside. plans.sh runs this and reads what is told. psql variable plans: how plpgsql plans.
LOAD 'auto_explain';
SET client_min_messages = notice;
SET auto_explain.log_level = notice;
SET auto_explain.log_format = json;
SET auto_explain.log_nested_statements = on;
SET auto_explain.log_analyze = on;
SET auto_explain.log_timing = off;
SET auto_explain.log_min_duration = 0;
SET plan_cache_mode = :plans;
SET statement_timeout = '60s';

BEGIN;
ALTER FUNCTION t.call(text, jsonb) RENAME TO call_unseen;
CREATE FUNCTION t.call(p_function text, p jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_answer jsonb;
BEGIN
    RAISE NOTICE 'CALL %', p_function;
    v_answer := t.call_unseen(p_function, p);
    RAISE NOTICE 'END';
    RETURN v_answer;
END
$$;

-- A person of the last window with an open dossier and a child, and one who has not used the slip yet
CREATE TEMP TABLE me ON COMMIT DROP AS
SELECT growth.id('account', 11 * m + 10) AS account, growth.id('patient', 11 * m + 10) AS patient, growth.id('patient', 11 * m + 16) AS child,
    growth.id('account', 11 * m + 15) AS other, growth.id('patient', 11 * m + 15) AS inactive, 11 * m + 10 AS p, m FROM growth.size;
SELECT m FROM growth.size \gset
SET LOCAL search_path = dossier_data, pg_temp; -- "document" and the like below
UPDATE session SET last_seen_at = now(), created_at = now() WHERE id = growth.id('session', 1);
UPDATE document SET announce = true WHERE id = growth.id('document', 119 * :m + 10);
-- and who has done much, and had much done
INSERT INTO audit (actor_kind, action, outcome, account_id) SELECT 'account', 'logged_in', 'ok', account FROM pg_temp.me, generate_series(1, 5000);
INSERT INTO audit (actor_kind, action, outcome, patient_id) SELECT 'integrator', 'acceptance_updated', 'ok', patient FROM pg_temp.me, generate_series(1, 5000);
UPDATE document SET last_call_at = now() WHERE id = growth.id('document', 118 * :m + 10);

DO $do$
DECLARE
    me record;
    v_account jsonb;
    v_patient jsonb;
    v_person t.person;
    v_new t.person;
    v_id text;
    v_body jsonb;
    v_key jsonb;
BEGIN
    SELECT * INTO me FROM pg_temp.me;
    v_account := jsonb_build_object('account_id', me.account, 'limit', 50);
    v_patient := v_account || jsonb_build_object('patient_id', me.patient);
    v_person := (me.p, me.account, me.patient, growth.id('session', 1))::t.person;

    -- who asks, and what anybody asks
    PERFORM t.expect('ok', 'session_load', jsonb_build_object('token_hash', growth.sha('session', 1)));
    PERFORM t.expect('ok', 'session_seen', jsonb_build_object('session_id', growth.id('session', 1)));
    PERFORM t.expect('ok', 'integrator_load', jsonb_build_object('key_hash', growth.sha('key', 1)));
    PERFORM t.expect('ok', 'status', '{}');
    PERFORM t.expect('ok', 'key_needed', '{}');
    PERFORM t.expect('ok', 'metrics', '{}');
    PERFORM t.expect('ok', 'connections', '{}');
    PERFORM t.expect('ok', 'server_check', '{"facilities": ["hospital-1"]}');
    PERFORM t.expect('ok', 'banner_list', '{"facility": "hospital-1"}');
    PERFORM t.expect('ok', 'notice_get', '{"kind": "portal"}');

    -- registration, one with the codes sent twice
    v_new := t.active(1);
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('mobile', t.mobile(1))));
    PERFORM t.expect('ok', 'registration_look', t.registration(2));
    v_id := t.expect('ok', 'registration_start', t.registration(3)) ->> 'id';
    PERFORM t.later('1 hour');
    PERFORM t.expect('ok', 'registration_resend', jsonb_build_object('id', v_id, 'code', t.code()));

    -- session, password, profile
    v_body := t.call('session_begin', jsonb_build_object('kind', 'mobile', 'login', growth.mobile(me.p), 'address', '198.51.100.1'));
    PERFORM t.expect('ok', 'session_finish', jsonb_build_object('attempt', v_body ->> 'attempt', 'right', true, 'rehash', null, 'session', t.session('new')));
    PERFORM t.expect('ok', 'session_get', v_account);
    PERFORM t.expect('ok', 'session_list', v_account || jsonb_build_object('session_id', v_person.session));
    PERFORM t.expect('ok', 'session_end', v_account || jsonb_build_object('session_id', v_person.session, 'ended', null));
    PERFORM t.expect('ok', 'session_close', v_account || jsonb_build_object('session_id', v_person.session));
    PERFORM t.expect('ok', 'password_change', v_account || jsonb_build_object('session_id', v_person.session, 'proof', t.typed(v_person),
        'password_hash', 'new', 'token_hash', t.sha('newer')));
    PERFORM t.expect('ok', 'profile_get', v_account);
    PERFORM t.expect('ok', 'profile_change', v_account || '{"language": "en", "alerts": {"sms": false}}');
    v_id := t.expect('ok', 'password_reset_start', jsonb_build_object('kind', 'mobile', 'login', t.mobile(1), 'language', 'it', 'code', t.code())) ->> 'id';
    PERFORM t.later('1 hour');
    PERFORM t.expect('ok', 'account_change_resend', jsonb_build_object('id', v_id, 'kind', 'password_reset', 'code', t.code()));
    PERFORM t.expect('ok', 'password_reset_complete', t.change_proof(v_id, 'password_reset'));
    v_id := t.contact(v_person, 'email_change', 'other@example.org') ->> 'id';
    PERFORM t.expect('ok', 'contact_change_complete', t.change_proof(v_id, 'email_change', me.account::text));
    PERFORM t.expect('ok', 'contact_email_remove', t.right_password(v_person));

    -- dossiers and documents
    PERFORM t.expect('ok', 'patient_list', v_account);
    v_body := jsonb_build_object('account_id', me.other, 'patient_id', me.inactive, 'consent', jsonb_build_object('notice', 'dossier', 'version',
        dossier_lib.notice_current('dossier')), 'codice_fiscale', growth.codice_fiscale(me.p + 5, 15), 'macs', jsonb_build_object('k1', growth.sha('code', 56 * me.m + 15)));
    PERFORM t.expect('ok', 'activation_begin', v_body);
    PERFORM t.expect('ok', 'activation_complete', v_body);
    PERFORM t.expect('created', 'relative_add', jsonb_build_object('account_id', v_new.account, 'relative', jsonb_build_object('codice_fiscale', t.cf(2),
        'first_name', 'Mario', 'last_name', 'Rossi', 'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'role', 'delegate')));
    PERFORM t.expect('ok', 'relative_remove', v_account || jsonb_build_object('patient_id', me.child));
    PERFORM t.expect('ok', 'document_list', v_patient);
    v_key := v_account || jsonb_build_object('document_id', growth.id('document', 117 * me.m + 10));
    PERFORM t.expect('ok', 'document_get', v_key);
    PERFORM t.expect('ok', 'document_open', v_key || '{"read": true}');
    PERFORM t.expect('ok', 'document_unread', v_key || jsonb_build_object('object_id', growth.id('object', 117 * me.m + 10), 'version', 1,
        'failure', 'document_damaged', 'new', true));
    PERFORM t.expect('ok', 'hiding_set', v_key || '{"hidden": true}');
    PERFORM t.expect('ok', 'hiding_list', v_patient || jsonb_build_object('proof', t.typed(v_person)));
    PERFORM t.expect('ok', 'pickup_list', v_patient);
    PERFORM t.expect('ok', 'pickup_set', v_patient || jsonb_build_object('acceptance_id', growth.id('acceptance', 58 * me.m + 10), 'online_pickup', false));
    PERFORM t.expect('ok', 'pickup_set', v_patient || jsonb_build_object('acceptance_id', growth.id('acceptance', 58 * me.m + 10), 'online_pickup', true));
    PERFORM t.expect('ok', 'activity_list', v_account);
    PERFORM t.expect('ok', 'export_begin', v_account);
    PERFORM t.expect('ok', 'consent_list', v_account);
    PERFORM t.call('consent_give', v_account || jsonb_build_object('session_id', v_person.session, 'patient_id', null,
        'consent', jsonb_build_object('notice', 'portal', 'version', dossier_lib.notice_current('portal'))));

    -- hospital systems
    PERFORM t.expect('ok', 'acceptance_put', t.acceptance(1, '{"online_pickup": true, "email": "new@example.org"}'));
    v_key := jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'A-1');
    PERFORM t.expect('ok', 'acceptance_get', v_key);
    PERFORM t.call('acceptance_slip', v_key);
    PERFORM t.expect('created', 'acceptance_new_code', v_key || jsonb_build_object('activation', jsonb_build_object('key_id', 'k1', 'mac', 'another')));
    PERFORM t.expect('created', 'publication_dry_run', t.document(1));
    PERFORM t.expect('ok', 'publication_prepare', t.document(1));
    PERFORM t.expect('created', 'publication_complete', t.document(1, 'held', '{"hold": true}'));
    PERFORM t.expect('ok', 'publication_release', jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'R-77', 'retention_days', 60));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'other bytes'));
    PERFORM t.expect('ok', 'publication_get', t.document(1));
    PERFORM t.expect('ok', 'publication_withdraw', t.document(1));
    PERFORM t.expect('created', 'acceptance_put', jsonb_set(t.acceptance(4, jsonb_build_object('mobile', t.mobile(1))), '{patient,codice_fiscale}', '"12345678911"'));
    PERFORM t.expect('ok', 'codice_fiscale_change', jsonb_build_object('integrator_id', t.integrator(), 'facility', 'san-pellegrino',
        'former_codice_fiscale', '12345678911', 'patient', t.acceptance(5) -> 'patient'));

    -- the watchdog's minute; the database has its operator's word for another vault
    v_body := t.expect('ok', 'outbox_claim', '{"worker": "h:1:g", "channel": "sms", "limit": 10}');
    PERFORM t.expect('ok', 'outbox_report', jsonb_build_object('worker', 'h:1:g', 'results', jsonb_build_array(jsonb_build_object(
        'id', v_body -> 'messages' -> 0 ->> 'id', 'outcome', 'sent', 'provider_id', 'p-1'))));
    PERFORM t.expect('ok', 'outbox_receipt', '{"provider_id": "p-1", "receipt": "delivered"}');
    PERFORM t.expect('ok', 'outbox_begin', '{"worker": "h:1:h", "kept": [], "turn": "g", "prefixes": null}');
    PERFORM t.expect('ok', 'purge', '{"limit": 20}');
    PERFORM t.expect('ok', 'publication_announce', '{"limit": 20}');
    PERFORM t.expect('ok', 'relative_handover', '{"limit": 20, "enabled": true}');
    PERFORM t.expect('ok', 'audit_seal', '{"limit": 10000, "months": 24}');
    PERFORM t.expect('ok', 'vault_check', jsonb_build_object('id', t.vault(), 'seal', 7, 'seal_hash', growth.sha('seal', 7)));
    PERFORM t.expect('ok', 'vault_claim', jsonb_build_object('id', t.vault()));
    PERFORM t.expect('ok', 'vault_live', jsonb_build_object('objects', jsonb_build_array(growth.id('object', 119 * me.m), growth.id('object', 1))));
    PERFORM t.expect('ok', 'vault_newest', '{"limit": 100}');
    PERFORM t.expect('ok', 'vault_swept', '{}');
    PERFORM t.expect('ok', 'vault_destroyed', jsonb_build_object('told', jsonb_build_array(growth.id('object', 1)), 'limit', 100));
    PERFORM t.expect('ok', 'vault_destroy', jsonb_build_object('lines', growth.id('object', 119 * me.m) || E' deleted\n'));
    PERFORM t.expect('ok', 'key_note', '{"keys": {"k1": "canary"}}');

    -- and leaving
    PERFORM t.expect('ok', 'leaving_service_set', v_patient || jsonb_build_object('enabled', false, 'proof', t.typed(v_person)));
    PERFORM t.expect('ok', 'leaving_documents_wipe', v_patient || jsonb_build_object('proof', t.typed(v_person)));
    PERFORM t.expect('ok', 'consent_withdraw', v_account || jsonb_build_object('proof', t.typed(v_person), 'consent_id', (SELECT id
        FROM dossier_data.consent WHERE account_id = me.account AND kind = 'portal' ORDER BY given_at DESC LIMIT 1)));
    PERFORM t.expect('ok', 'leaving_account_delete', v_account || jsonb_build_object('proof', t.typed(v_person)));
END
$do$;
ROLLBACK;
