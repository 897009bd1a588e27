-- Person n, born so long ago: a child's codice fiscale and date. Acceptance C-n holds the number of person `by`.
CREATE FUNCTION t.child(n int, by int, p_age interval, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.expect('created', 'acceptance_put', t.acceptance(n, jsonb_build_object('mobile', t.mobile(by), 'external_id', 'C-' || n,
        'patient', t.acceptance(n) -> 'patient' || jsonb_build_object('birth_date', (dossier_lib.today() - p_age)::date) || p_change)))
$$;

CREATE FUNCTION t.relative_body(p t.person, n int, p_role text, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('account_id', p.account, 'relative', jsonb_build_object('codice_fiscale', t.cf(n), 'first_name', 'Mario',
        'last_name', 'Rossi', 'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'role', p_role) || p_change)
$$;

-- Adds person n and opens the dossier with the code of an acceptance that holds this number; as a t.person of the holder's account.
CREATE FUNCTION t.kept(p t.person, n int, p_role text) RETURNS t.person LANGUAGE plpgsql AS $$
DECLARE
    v_kept t.person := (n, p.account, t.expect('created', 'relative_add', t.relative_body(p, n, p_role)) -> 'patient' ->> 'id', NULL);
BEGIN
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_kept));
    RETURN v_kept;
END
$$;

-- Of age on this day, counted from today.
CREATE FUNCTION t.turns_18(p_patient text, p_days int) RETURNS void LANGUAGE sql AS $$
    UPDATE dossier_data.patient SET birth_date = (dossier_lib.today() + p_days - interval '18 years')::date WHERE id = p_patient::uuid
$$;

CREATE FUNCTION t.told(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(channel || ' ' || template, ', ' ORDER BY created_at, template), '')
    FROM dossier_data.outbox WHERE account_id = p.account::uuid AND template LIKE '%over%'
$$;

-- What an account is told of a patient: entries in its list, export and activity, and consents that say the name.
CREATE FUNCTION t.tells(p t.person, p_patient text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_export jsonb := t.call('export_begin', t.mine(p));
BEGIN
    RETURN (SELECT string_agg(w || ' ' || (SELECT count(*) FROM jsonb_array_elements(e) x
            WHERE p_patient IN (x ->> 'id', x ->> 'patient_id') AND (w !~ '^named' OR x ->> 'first_name' IS NOT NULL)), ', ' ORDER BY n)
        FROM ROWS FROM (unnest(ARRAY['list', 'patients', 'visits', 'documents', 'named in the export', 'named', 'activity']),
            unnest(ARRAY[t.call('patient_list', t.mine(p)) -> 'patients', v_export #> '{data,patients}', v_export #> '{data,acceptances}',
                v_export -> 'documents', v_export #> '{data,consents}', t.call('consent_list', t.mine(p)) -> 'consents',
                t.call('activity_list', t.mine(p)) -> 'activity'])) WITH ORDINALITY AS y (w, e, n));
END
$$;

SELECT t.test('relative_add: with an acceptance that holds the holder''s mobile; inactive, behind the holder', $t$
DECLARE
    v_holder t.person := t.account(1);
    v_answer jsonb;
BEGIN
    PERFORM t.child(2, 1, '10 years');
    v_answer := t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'parent'));
    PERFORM t.has(v_answer, 'outcome patient');
    PERFORM t.eq('audit', t.audited(1), 'relative_added ok');
    PERFORM t.eq('who', (SELECT string_agg(concat_ws(' ', x ->> 'relation', coalesce(x ->> 'role', '-'), x ->> 'age', coalesce(x ->> 'handover_at', '-'), x ->> 'dossier'), ', ' ORDER BY n)
        FROM jsonb_array_elements(t.call('patient_list', t.mine(v_holder)) -> 'patients') WITH ORDINALITY AS y (x, n)),
        format('self - %s - inactive, relative parent 10 %s inactive', dossier_lib.age_of('1980-01-01'), (dossier_lib.today() + interval '8 years')::date));
    PERFORM t.eq('the same again', t.outcome('relative_add', t.relative_body(v_holder, 2, 'guardian')), 'relative_exists');
    PERFORM t.eq('oneself', t.outcome('relative_add', t.relative_body(v_holder, 1, 'delegate')), 'relative_exists');
END $t$);

SELECT t.test('relative_add: the same refusal for an unknown patient, another number, and none of both', $t$
DECLARE
    v_holder t.person := t.account(1);
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2));
    PERFORM t.eq('another number', t.expect('relative_not_at_desk', 'relative_add', t.relative_body(v_holder, 2, 'delegate')),
        t.expect('relative_not_at_desk', 'relative_add', t.relative_body(v_holder, 3, 'delegate')));
    PERFORM t.eq('whatever the role', t.outcome('relative_add', t.relative_body(v_holder, 2, 'parent')), 'relative_not_at_desk');
    PERFORM t.eq('audit names nobody', (SELECT count(*) FROM dossier_data.audit WHERE action = 'relative_added' AND patient_id IS NOT NULL), 0::bigint);
END $t$);

SELECT t.test('relative_add: parent of a minor only, delegate of an adult only, guardian of both; by the desk''s date', $t$
DECLARE
    v_holder t.person := t.account(1);
BEGIN
    PERFORM t.child(2, 1, '17 years 364 days');
    PERFORM t.child(3, 1, '18 years');
    PERFORM t.child(4, 1, '5 years');
    PERFORM t.child(5, 1, '50 years');
    PERFORM t.expect('role_age', 'relative_add', t.relative_body(v_holder, 2, 'delegate'));
    PERFORM t.expect('role_age', 'relative_add', t.relative_body(v_holder, 3, 'parent', '{"birth_date": "2020-01-01"}'));
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'parent'));
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 3, 'delegate'));
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 4, 'guardian'));
    PERFORM t.eq('guardian of an adult', t.expect('created', 'relative_add', t.relative_body(v_holder, 5, 'guardian')) -> 'patient' -> 'handover_at', 'null');
    PERFORM t.eq('of minors', (SELECT string_agg(role || ' ' || of_minor, ', ' ORDER BY role, of_minor) FROM dossier_data.dossier WHERE relation = 'relative'),
        'delegate false, guardian false, guardian true, parent true');
END $t$);

SELECT t.test('relative_add: what the desk left open is filled in, and nothing else', $t$
DECLARE
    v_holder t.person := t.account(1);
BEGIN
    PERFORM t.child(2, 1, '10 years', '{"birth_date": null, "birth_place": null}');
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'parent', '{"birth_date": "2015-05-20", "birth_place": "Suzzara", "first_name": "Luca"}'));
    PERFORM t.eq('patient', (SELECT concat_ws(' ', first_name, birth_date, birth_place) FROM dossier_data.patient WHERE codice_fiscale = t.cf(2)),
        'Mario 2015-05-20 Suzzara');
END $t$);

SELECT t.test('activation by a relative: consent in the role; documents and alerts reach the holder', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_child t.person;
BEGIN
    PERFORM t.child(2, 1, '10 years');
    v_child := t.kept(v_holder, 2, 'parent');
    PERFORM t.eq('consents', (SELECT string_agg(concat_ws(' ', kind, version, coalesce(role, '-')), ', ' ORDER BY kind, role)
        FROM dossier_data.consent WHERE account_id = v_holder.account::uuid), 'dossier 2026-01 parent, dossier 2026-01 -, portal 2026-01 -');
    PERFORM t.expect('created', 'publication_complete', t.document(2));
    PERFORM t.eq('whose', t.expect('ok', 'document_list', t.mine(v_child)) -> 'documents' -> 0 ->> 'patient_id', v_child.patient);
    PERFORM t.eq('not under oneself', t.expect('ok', 'document_list', t.mine(v_holder)) -> 'documents', '[]');
    PERFORM t.eq('alerts', (SELECT string_agg(channel || ' ' || recipient, ', ' ORDER BY channel) FROM dossier_data.outbox WHERE template = 'new_documents'),
        'mail p1@example.org, sms ' || t.mobile(1));
    UPDATE dossier_data.account SET mobile = t.mobile(99) WHERE id = v_holder.account::uuid;
    PERFORM t.eq('with another mobile', jsonb_array_length(t.expect('ok', 'document_list', t.mine(v_child)) -> 'documents'), 1);
END $t$);

SELECT t.test('relative_remove: gone with its permission; a used code does not bring it back; never oneself', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_stranger t.person := t.account(3);
    v_child t.person;
BEGIN
    PERFORM t.child(2, 1, '10 years');
    v_child := t.kept(v_holder, 2, 'parent');
    PERFORM t.expect('not_found', 'relative_remove', t.mine(v_child, jsonb_build_object('account_id', v_stranger.account)));
    PERFORM t.expect('patient_is_holder', 'relative_remove', t.mine(v_holder));
    PERFORM t.has(t.expect('ok', 'relative_remove', t.mine(v_child)), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'relative_removed ok');
    PERFORM t.expect('not_found', 'relative_remove', t.mine(v_child));
    PERFORM t.expect('not_found', 'document_list', t.mine(v_child));
    PERFORM t.expect('not_found', 'activation_complete', t.activation(v_child));
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'parent'));
    PERFORM t.expect('dossier_inactive', 'document_list', t.mine(v_child));
    PERFORM t.expect('activation_used', 'activation_complete', t.activation(v_child));
    PERFORM t.expect('created', 'acceptance_new_code', jsonb_build_object('integrator_id', t.integrator(), 'external_id', 'C-2',
        'activation', '{"key_id": "k1", "mac": "another"}'::jsonb));
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_child, '{"macs": {"k1": "another"}}'));
END $t$);

SELECT t.test('takeover: who activates the own dossier ends what every other account had, and each is told', $t$
DECLARE
    v_one t.person := t.active(1);
    v_two t.person := t.active(2);
    v_kept t.person;
    v_own t.person;
BEGIN
    PERFORM t.child(3, 1, '20 years');
    v_kept := t.kept(v_one, 3, 'delegate');
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(3, jsonb_build_object('external_id', 'D-3', 'mobile', t.mobile(2), 'activation', '{"key_id": "k1", "mac": "unused"}'::jsonb)));
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_two, 3, 'delegate'));
    UPDATE dossier_data.account SET email = NULL WHERE id = v_two.account::uuid;
    v_own.n := 3;
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(3, '{"external_id": "O-3", "activation": {"key_id": "k1", "mac": "own"}}'));
    v_own.account := t.expect('created', 'registration_complete', t.proof(t.expect('ok', 'registration_start', t.registration(3)) ->> 'id')) -> 'account' ->> 'id';
    v_own.patient := v_kept.patient;
    PERFORM t.expect('ok', 'document_list', t.mine(v_kept)); -- an account alone takes nothing from anybody
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_own, '{"macs": {"k1": "own"}}'));
    PERFORM t.expect('not_found', 'document_list', t.mine(v_kept));
    PERFORM t.eq('accounts with it', (SELECT string_agg(account_id::text, ' ') FROM dossier_data.dossier WHERE patient_id = v_kept.patient::uuid), v_own.account);
    PERFORM t.eq('told', t.told(v_one) || '; ' || t.told(v_two), 'mail relative_taken_over; sms relative_taken_over');
    PERFORM t.eq('facility', (SELECT DISTINCT facility_id FROM dossier_data.outbox WHERE template = 'relative_taken_over'), 'san-pellegrino');
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE action = 'relative_taken_over' AND actor_id = v_own.account::uuid
        AND account_id IN (v_one.account::uuid, v_two.account::uuid)), 2::bigint);
    PERFORM t.eq('where from is the patient''s alone', (SELECT concat_ws(' ', count(*), count(address)) FROM dossier_data.audit WHERE action = 'relative_taken_over'), '2 0');
    PERFORM dossier_lib.audit_write('account', v_own.account::uuid, 'relative_taken_over', 'ok', '203.0.113.7',
        account => v_one.account::uuid, patient => v_own.patient::uuid); -- as lines once were
    PERFORM t.eq('in the activity', (SELECT string_agg(concat_ws(' ', x ->> 'actor', x ->> 'address'), ', ')
        FROM jsonb_array_elements(t.call('activity_list', t.mine(v_one)) -> 'activity') x WHERE x ->> 'action' = 'relative_taken_over'), 'somebody, somebody');
    PERFORM t.eq('the patient''s own', (SELECT string_agg(x ->> 'address', ', ')
        FROM jsonb_array_elements(t.call('activity_list', t.mine(v_own)) -> 'activity') x WHERE x ->> 'action' = 'dossier_activated'), '192.0.2.1');
END $t$);

-- Person 2 has opened the own dossier: to the holder, who was at the desk before, only a visit since then gives it.
CREATE FUNCTION t.kept_by_a_later_slip(p_holder t.person, p_own t.person) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_again t.person;
BEGIN
    PERFORM t.expect('relative_not_at_desk', 'relative_add', t.relative_body(p_holder, 2, 'delegate'));
    UPDATE dossier_data.patient SET independent_at = now() - interval '1 second' WHERE id = p_own.patient::uuid;
    UPDATE dossier_data.activation_code SET created_at = now() - interval '2 seconds' WHERE mac = 'old slip';
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2, jsonb_build_object('external_id', 'N-2', 'mobile', t.mobile(1), 'activation', '{"key_id": "k1", "mac": "later"}'::jsonb)));
    v_again := (2, p_holder.account, t.expect('created', 'relative_add', t.relative_body(p_holder, 2, 'delegate')) -> 'patient' ->> 'id', NULL);
    PERFORM t.expect('activation_wrong', 'activation_complete', t.activation(v_again, '{"macs": {"k1": "old slip"}}'));
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_again, '{"macs": {"k1": "later"}}'));
END
$$;

SELECT t.test('takeover: what the desk did before gives nothing back; a later visit with that number does', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_own t.person;
BEGIN
    PERFORM t.child(2, 1, '20 years');
    UPDATE dossier_data.activation_code SET mac = 'old slip' WHERE mac = 'activation 2';
    v_own := t.account(2);
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'delegate'));
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_own));
    PERFORM t.kept_by_a_later_slip(v_holder, v_own);
    PERFORM t.expect('ok', 'document_list', t.mine(v_own));
END $t$);

SELECT t.test('takeover: it holds when the patient has deleted the account', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_own t.person;
BEGIN
    PERFORM t.child(2, 1, '20 years');
    UPDATE dossier_data.activation_code SET mac = 'old slip' WHERE mac = 'activation 2';
    v_own := t.active(2);
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_own.account, 'proof', t.typed(v_own)));
    PERFORM t.kept_by_a_later_slip(v_holder, v_own);
END $t$);

SELECT t.test('18: on 1 March for those born on 29 February, else on the day', $t$
BEGIN
    PERFORM t.eq('days', (SELECT string_agg(dossier_lib.adult_on(d)::text, ' ' ORDER BY d) FROM unnest('{2004-02-28,2004-02-29,2004-03-01,2008-12-31}'::date[]) d),
        '2022-02-28 2022-03-01 2022-03-01 2026-12-31');
    PERFORM t.eq('as ages are counted', (SELECT bool_and(extract(year FROM age(dossier_lib.adult_on(d)::timestamp, d::timestamp)) = 18
        AND extract(year FROM age(dossier_lib.adult_on(d)::timestamp - interval '1 day', d::timestamp)) = 17)
        FROM (SELECT generate_series('2000-01-01', '2010-12-31', interval '1 day')::date AS d) days), true);
END $t$);

SELECT t.test('the birth date in a codice fiscale: omocodia, women, the latest century; none in others', $t$
BEGIN
    PERFORM t.eq('dates', (SELECT string_agg(coalesce(dossier_lib.birth_by_code(c)::text, '-'), ' ' ORDER BY n) FROM unnest(ARRAY[
        'RSSMRA80A01E897U', 'RSSMRAUMA4ME897X', 'RSSLCU15E20E897K', 'RSSLCU00B69E897X', '01234567897', 'STP2701000000001']) WITH ORDINALITY AS x (c, n)),
        '1980-01-01 1981-01-01 2015-05-20 2000-02-29 - -');
END $t$);

SELECT t.test('the birth date in a codice fiscale: the century is that of what was typed, if it is that day', $t$
BEGIN
    PERFORM t.eq('dates', (SELECT string_agg(coalesce(dossier_lib.birth_by_code(c, d)::text, '-'), ' ' ORDER BY n) FROM ROWS FROM (
        unnest(ARRAY['RSSLCU23A05E897X', 'RSSLCU23A05E897X', 'RSSLCU23A05E897X', 'RSSLCU23A45E897X', 'STP2701000000001']),
        unnest('{1923-01-05,2023-01-05,1923-01-06,1923-01-05,1923-01-05}'::date[])) WITH ORDINALITY AS x (c, d, n)),
        '1923-01-05 2023-01-05 2023-01-05 1923-01-05 -');
END $t$);

SELECT t.test('a centenarian whose birth date the desk left open registers, and is of age from then on', $t$
DECLARE
    v_id text;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('patient',
        t.acceptance(1) -> 'patient' || '{"codice_fiscale": "RSSLCU23A05E897X", "birth_date": null}')));
    v_id := t.expect('ok', 'registration_start', t.registration(1, '{"codice_fiscale": "RSSLCU23A05E897X", "birth_date": "1923-01-05"}')) ->> 'id';
    PERFORM t.expect('created', 'registration_complete', t.proof(v_id));
    PERFORM t.eq('born', (SELECT dossier_lib.birth_of(p)::text FROM dossier_data.patient p), '1923-01-05');
END $t$);

SELECT t.test('handover: told once 30 days before; over on the day, told again; guardians of adults are left alone', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_child t.person;
BEGIN
    PERFORM t.child(2, 1, '10 years');
    PERFORM t.child(3, 1, '50 years');
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 3, 'guardian'));
    v_child := t.kept(v_holder, 2, 'parent');
    PERFORM t.turns_18(v_child.patient, 31);
    PERFORM t.eq('31 days', t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}') -> 'more', 'false');
    PERFORM t.eq('told', t.told(v_holder), '');
    PERFORM t.turns_18(v_child.patient, 30);
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('told', t.told(v_holder), 'mail minor_handover_soon');
    PERFORM t.expect('ok', 'document_list', t.mine(v_child));
    DELETE FROM dossier_data.consent WHERE patient_id = v_child.patient::uuid;
    PERFORM t.eq('a consent due', (SELECT count(*) FROM dossier_lib.consents_due(v_holder.account::uuid, now()) WHERE patient_id = v_child.patient::uuid), 1::bigint);
    PERFORM t.turns_18(v_child.patient, 0);
    -- before the watchdog has come by
    PERFORM t.eq('none is due', (SELECT count(*) FROM dossier_lib.consents_due(v_holder.account::uuid, now()) WHERE patient_id = v_child.patient::uuid), 0::bigint);
    PERFORM t.expect('not_found', 'document_list', t.mine(v_child));
    PERFORM t.expect('not_found', 'activation_begin', t.activation(v_child));
    PERFORM t.expect('not_found', 'activation_complete', t.activation(v_child));
    PERFORM t.eq('listed', jsonb_array_length(t.call('patient_list', t.mine(v_holder)) -> 'patients'), 2);
    PERFORM t.expect('created', 'publication_complete', t.document(2));
    PERFORM t.eq('alerts', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'new_documents'), 0::bigint);
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('told', t.told(v_holder), 'mail minor_handover, mail minor_handover_soon');
    PERFORM t.eq('dossiers', (SELECT string_agg(coalesce(role, 'self'), ' ' ORDER BY role) FROM dossier_data.dossier), 'guardian self');
    PERFORM t.eq('audit', t.audited(1), 'handover ok');
    PERFORM t.eq('to whom', (SELECT account_id::text FROM dossier_data.audit WHERE action = 'handover'), v_holder.account);
    UPDATE dossier_data.acceptance SET created_at = now() - interval '1 day';
    PERFORM t.expect('relative_not_at_desk', 'relative_add', t.relative_body(v_holder, 2, 'delegate')); -- the child's visits gave the parent's number
END $t$);

SELECT t.test('handover: from the day on nothing tells of the patient, before the watchdog has come by as afterwards', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_child t.person;
BEGIN
    PERFORM t.child(2, 1, '10 years');
    v_child := t.kept(v_holder, 2, 'parent');
    PERFORM t.expect('created', 'publication_complete', t.document(2));
    PERFORM t.eq('as a minor', t.tells(v_holder, v_child.patient), 'list 1, patients 1, visits 1, documents 1, named in the export 1, named 1, activity 5');
    PERFORM t.turns_18(v_child.patient, 0);
    PERFORM t.eq('before the watchdog', t.tells(v_holder, v_child.patient), 'list 0, patients 0, visits 0, documents 0, named in the export 0, named 0, activity 0');
    PERFORM t.expect('not_found', 'consent_give', t.mine(v_child, '{"consent": {"notice": "dossier", "version": "2026-01"}}'));
    PERFORM t.expect('ok', 'codice_fiscale_change', t.acceptance(1) || jsonb_build_object('former_codice_fiscale', t.cf(2), 'patient',
        (SELECT to_jsonb(p) || '{"codice_fiscale": "12345678902"}' FROM dossier_data.patient p WHERE id = v_child.patient::uuid)));
    PERFORM t.eq('who is told', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'codice_fiscale_changed'), 0::bigint);
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('afterwards', t.tells(v_holder, v_child.patient), 'list 0, patients 0, visits 0, documents 0, named in the export 0, named 0, activity 0');
END $t$);

-- The desk says of person n's visit with the number of person 1 that they were born on this day.
CREATE FUNCTION t.born(n int, p_birth date) RETURNS void LANGUAGE sql AS $$
    SELECT t.expect('ok', 'acceptance_put', t.acceptance(n, jsonb_build_object('mobile', t.mobile(1), 'external_id', 'C-' || n,
        'patient', t.acceptance(n) -> 'patient' || jsonb_build_object('birth_date', p_birth))))
$$;

SELECT t.test('handover: of those whose birth date was an adult''s when they were added, once the desk puts it right', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_child t.person;
BEGIN
    PERFORM t.child(2, 1, '40 years');
    v_child := t.kept(v_holder, 2, 'delegate');
    PERFORM t.born(2, (dossier_lib.today() + 10 - interval '18 years')::date);
    PERFORM t.eq('on the day', (SELECT x ->> 'handover_at' FROM jsonb_array_elements(t.call('patient_list', t.mine(v_holder)) -> 'patients') x
        WHERE x ->> 'id' = v_child.patient), (dossier_lib.today() + 10)::text);
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('told', t.told(v_holder), 'mail minor_handover_soon');
    PERFORM t.expect('ok', 'document_list', t.mine(v_child));
    UPDATE dossier_data.dossier SET created_at = now() - interval '20 days';
    PERFORM t.turns_18(v_child.patient, 0);
    PERFORM t.expect('not_found', 'document_list', t.mine(v_child));
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('dossiers', (SELECT string_agg(relation, ' ') FROM dossier_data.dossier), 'self');
END $t$);

SELECT t.test('handover: of those who are joined with a minor', $t$
DECLARE
    v_holder t.person := t.account(1);
BEGIN
    PERFORM t.child(2, 1, '40 years', '{"codice_fiscale": "STP0123456789012"}');
    PERFORM t.expect('created', 'relative_add', t.relative_body(v_holder, 2, 'delegate', '{"codice_fiscale": "STP0123456789012"}'));
    PERFORM t.child(3, 3, '10 years');
    PERFORM dossier_admin.codice_fiscale_change('STP0123456789012', t.cf(3), true);
    PERFORM t.eq('on the day', (SELECT adult_on FROM dossier_data.dossier WHERE role = 'delegate'),
        dossier_lib.adult_on((dossier_lib.today() - interval '10 years')::date));
END $t$);

SELECT t.test('handover: never of an adult, though the desk once took them for a minor; a parent''s ends', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_mother t.person;
    v_child t.person;
BEGIN
    PERFORM t.child(n, 1, '50 years') FROM generate_series(2, 3) n;
    v_mother := t.kept(v_holder, 2, 'delegate');
    PERFORM t.kept(v_holder, 3, 'guardian');
    PERFORM t.child(4, 1, '10 years');
    v_child := t.kept(v_holder, 4, 'parent');
    PERFORM t.born(n, '2020-01-01') FROM generate_series(2, 3) n;
    PERFORM t.born(n, '1950-01-01') FROM generate_series(2, 4) n;
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 10}');
    PERFORM t.eq('dossiers', (SELECT string_agg(concat_ws(' ', coalesce(role, relation), of_minor, adult_on), ', ' ORDER BY role) FROM dossier_data.dossier),
        'delegate f, guardian f, self f');
    PERFORM t.expect('ok', 'document_list', t.mine(v_mother));
    PERFORM t.expect('not_found', 'document_list', t.mine(v_child));
END $t$);

SELECT t.test('handover: switched off nothing ends and nobody is told; a few at a time', $t$
DECLARE
    v_holder t.person := t.active(1);
    v_child t.person;
BEGIN
    PERFORM t.child(n, 1, '10 years') FROM generate_series(2, 4) n;
    v_child := t.kept(v_holder, 2, 'parent');
    PERFORM t.kept(v_holder, n, 'parent') FROM generate_series(3, 4) n;
    UPDATE dossier_data.patient SET birth_date = (dossier_lib.today() - interval '18 years')::date;
    PERFORM t.expect('ok', 'relative_handover', '{"enabled": false, "limit": 10}');
    PERFORM t.expect('ok', 'document_list', t.mine(v_child));
    PERFORM t.eq('dates', (SELECT string_agg(x ->> 'handover_at', ' ') FROM jsonb_array_elements(t.call('patient_list', t.mine(v_holder)) -> 'patients') x), NULL);
    PERFORM t.eq('told', t.told(v_holder), '');
    PERFORM t.eq('more', t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 2}') -> 'more', 'true');
    PERFORM t.eq('more', t.expect('ok', 'relative_handover', '{"enabled": true, "limit": 2}') -> 'more', 'false');
    PERFORM t.eq('dossiers', (SELECT count(*) FROM dossier_data.dossier), 1::bigint);
END $t$);

SELECT t.test('a minor does not register alone, by the desk''s date or the codice fiscale; said after the right code', $t$
DECLARE
    v_id text;
    v_change jsonb;
BEGIN
    FOR v_change IN SELECT jsonb_array_elements(jsonb_build_array(
            jsonb_build_object('birth_date', (dossier_lib.today() - interval '17 years 364 days')::date, 'codice_fiscale', 'RSSMRA80A01E897U'),
            jsonb_build_object('birth_date', null, 'codice_fiscale', 'RSSLCU15E20E897K'))) LOOP
        DELETE FROM dossier_data.throttle;
        PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', gen_random_uuid(),
            'patient', t.acceptance(1) -> 'patient' || v_change, 'activation', jsonb_build_object('key_id', 'k1', 'mac', gen_random_uuid()))));
        v_id := t.expect('ok', 'registration_start', t.registration(1, v_change - 'birth_date')) ->> 'id';
        PERFORM t.expect('code_wrong', 'registration_complete', t.proof(v_id, false));
        PERFORM t.has(t.expect('minor_alone', 'registration_complete', t.proof(v_id)), 'outcome');
        PERFORM t.eq('audit', t.audited(1), 'registration_completed minor_alone');
        PERFORM t.expect('code_used', 'registration_try', jsonb_build_object('id', v_id));
    END LOOP;
    PERFORM t.eq('accounts', (SELECT count(*) FROM dossier_data.account), 0::bigint);
END $t$);
