-- A provisional codice fiscale that became a definitive one, and a change of it: one person, one dossier.

-- Person n under a provisional code, with the same data and number.
CREATE FUNCTION t.provisional(n int, p_change jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_set(t.acceptance(n, jsonb_build_object('external_id', 'P-' || n,
        'activation', jsonb_build_object('key_id', 'k1', 'mac', 'provisional ' || n))), '{patient}',
        t.acceptance(n) -> 'patient' || jsonb_build_object('codice_fiscale', '1234567890' || n) || p_change)
$$;

-- The desk's call: what was known by the provisional code of person n is person n's.
CREATE FUNCTION t.change(n int, p_change jsonb DEFAULT '{}', p_person jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('integrator_id', t.integrator(), 'facility', 'san-pellegrino',
        'former_codice_fiscale', '1234567890' || n, 'patient', t.acceptance(n) -> 'patient' || p_person) || p_change
$$;

CREATE FUNCTION t.under(n int, p_bytes text, p_id text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT t.document(n, p_bytes, jsonb_build_object('codice_fiscale', '1234567890' || n), jsonb_build_object('external_id', p_id))
$$;

CREATE FUNCTION t.ids(p t.person) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(t.external_id, ' ' ORDER BY t.external_id) FROM dossier_data.document t
    JOIN jsonb_array_elements(t.call('document_list', t.mine(p)) -> 'documents') d ON t.id = (d ->> 'id')::uuid
$$;

SELECT t.test('written down: nothing had come under the new one; slips, systems and people who still say the old one mean the patient', $t$
DECLARE
    v_body jsonb;
    v_person t.person;
    v_answer jsonb;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1'));
    v_body := t.registration(1, '{"codice_fiscale": "12345678901"}'); -- waits while the code changes
    v_answer := t.expect('ok', 'registration_start', v_body);
    v_body := t.change(1) || '{"dry_run": true}';
    PERFORM t.eq('dry run', t.expect('ok', 'codice_fiscale_change', v_body), jsonb_build_object('outcome', 'ok', 'codice_fiscale', t.cf(1), 'changed', true));
    PERFORM t.eq('stays', (SELECT codice_fiscale FROM dossier_data.patient), '12345678901');
    PERFORM t.eq('changed', t.expect('ok', 'codice_fiscale_change', t.change(1)) -> 'changed', 'true');
    PERFORM t.eq('audit', t.audited(1), 'codice_fiscale_changed ok');
    PERFORM t.eq('again', t.expect('ok', 'codice_fiscale_change', t.change(1)) -> 'changed', 'false');
    v_answer := t.expect('created', 'registration_complete', t.proof(v_answer ->> 'id'));
    v_person := (1, v_answer -> 'account' ->> 'id', (SELECT id::text FROM dossier_data.patient), NULL);
    v_answer := t.expect('ok', 'activation_begin', t.activation(v_person));
    PERFORM t.eq('codes', (SELECT string_agg(c, ' ' ORDER BY c) FROM jsonb_array_elements_text(v_answer -> 'codici_fiscali') c), '12345678901 ' || t.cf(1));
    PERFORM t.expect('activation_wrong', 'activation_complete', t.activation(v_person)); -- the slip was made for the old one
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person, '{"other_macs": [{"k1": "provisional 1"}]}'));
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person, '{"codice_fiscale": "12345678901", "macs": {"k1": "provisional 1"}}'));
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'two', 'R-2'));
    PERFORM t.expect('ok', 'publication_complete', t.under(1, 'corrected', 'R-1'));
    PERFORM t.expect('ok', 'publication_complete', t.document(1, 'once more', '{}', '{"external_id": "R-1"}'));
    PERFORM t.eq('update', t.expect('ok', 'acceptance_put', t.provisional(1, '{"birth_place": "Suzzara"}')) -> 'changed', 'true');
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.eq('one patient', (SELECT string_agg(codice_fiscale, ' ') FROM dossier_data.patient), t.cf(1));
    PERFORM t.eq('one dossier', t.ids(v_person), 'R-1 R-2');
END $t$);

SELECT t.test('joined: an account under the definitive one sees what came under the provisional one; it is told, and finds it in the activity', $t$
DECLARE
    v_person t.person := t.active(1);
    v_stranger t.person := t.active(2);
    v_body jsonb;
BEGIN
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1'));
    PERFORM t.eq('before', t.ids(v_person), 'R-77');
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1) || '{"dry_run": true}');
    PERFORM t.eq('a dry run', t.ids(v_person), 'R-77');
    PERFORM t.eq('nobody is told', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'codice_fiscale_changed'), 0::bigint);
    PERFORM t.eq('changed', t.expect('ok', 'codice_fiscale_change', t.change(1)) -> 'changed', 'true');
    PERFORM t.eq('after', t.ids(v_person), 'R-1 R-77');
    PERFORM t.eq('the same patient', (SELECT id::text FROM dossier_data.patient WHERE codice_fiscale = t.cf(1)), v_person.patient);
    PERFORM t.eq('told', (SELECT string_agg(channel || ' ' || recipient, ', ') FROM dossier_data.outbox WHERE template = 'codice_fiscale_changed'), 'mail p1@example.org');
    PERFORM t.eq('activity', (SELECT concat_ws(' ', a -> 'action', a -> 'actor', a -> 'facility' -> 'id', a ->> 'patient_id' = v_person.patient)
        FROM jsonb_array_elements(t.call('activity_list', t.mine(v_person)) -> 'activity') a WHERE a ->> 'action' LIKE 'codice%'),
        '"codice_fiscale_changed" "facility" "san-pellegrino" t');
    PERFORM t.eq('a stranger', t.ids(v_stranger), NULL);
    PERFORM t.expect('ok', 'publication_withdraw', t.under(1, 'one', 'R-1'));
    PERFORM t.eq('visits', jsonb_array_length(t.call('pickup_list', t.mine(v_person)) -> 'acceptances'), 2);
    -- what was declined under one is so under the other
    v_body := t.provisional(1) || '{"online_pickup": false}';
    PERFORM t.expect('ok', 'acceptance_put', v_body);
    PERFORM t.expect('acceptance_needed', 'publication_complete', t.document(1, 'b', '{}', '{"external_id": "R-3"}'));
END $t$);

SELECT t.test('joined the other way: the account came under the provisional one, and stays with all it has', $t$
DECLARE
    v_person t.person;
    v_answer jsonb;
    v_id text;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    v_answer := t.expect('created', 'registration_complete', t.proof(t.expect('ok', 'registration_start', t.registration(1, '{"codice_fiscale": "12345678901"}')) ->> 'id'));
    v_person := (1, v_answer -> 'account' ->> 'id', (SELECT id::text FROM dossier_data.patient), NULL);
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person, '{"codice_fiscale": "12345678901", "macs": {"k1": "provisional 1"}}'));
    v_id := t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1')) ->> 'id';
    PERFORM t.expect('ok', 'hiding_set', t.mine(v_person, jsonb_build_object('document_id', v_id, 'hidden', true)));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'publication_complete', t.document(1));
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1));
    PERFORM t.eq('patient', (SELECT id || ' ' || codice_fiscale FROM dossier_data.patient), v_person.patient || ' ' || t.cf(1));
    PERFORM t.eq('seen, save what is hidden', t.ids(v_person), 'R-77');
    PERFORM t.eq('new', (SELECT x ->> 'codice_fiscale' FROM t.call('patient_list', t.mine(v_person)) l, jsonb_array_elements(l -> 'patients') x), t.cf(1));
    -- and back, if that was wrong: nothing of it shows anybody else's
    PERFORM t.eq('back', t.expect('ok', 'codice_fiscale_change', t.change(1, jsonb_build_object('former_codice_fiscale', t.cf(1)), '{"codice_fiscale": "12345678901"}')) -> 'changed', 'true');
    PERFORM t.eq('patient', (SELECT id || ' ' || codice_fiscale FROM dossier_data.patient), v_person.patient || ' 12345678901');
    PERFORM t.eq('seen', t.ids(v_person), 'R-77');
END $t$);

SELECT t.test('a call that comes again late, with another since, takes no codice fiscale back; one that changes nothing is no fault', $t$
DECLARE
    v_late jsonb := t.change(1, '{}', '{"codice_fiscale": "12345678907"}'); -- A to B
    v_next jsonb := t.change(1, '{"former_codice_fiscale": "12345678907"}'); -- B to C
    v_body jsonb;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    PERFORM t.eq('taken', t.expect('ok', 'codice_fiscale_change', v_late) -> 'changed', 'true');
    PERFORM t.eq('again', t.expect('ok', 'codice_fiscale_change', v_late) -> 'changed', 'false');
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1)); -- C has a visit of its own: they are joined
    PERFORM t.eq('another since', t.expect('ok', 'codice_fiscale_change', v_next) -> 'changed', 'true');
    PERFORM t.has(t.expect('call_superseded', 'codice_fiscale_change', v_late || '{"dry_run": true}'), 'outcome');
    PERFORM t.has(t.expect('call_superseded', 'codice_fiscale_change', v_late), 'outcome');
    PERFORM t.eq('audit', t.audited(1), 'codice_fiscale_changed call_superseded');
    PERFORM t.eq('stays', (SELECT string_agg(codice_fiscale, ' ') FROM dossier_data.patient), t.cf(1));
    PERFORM t.eq('again', t.expect('ok', 'codice_fiscale_change', v_next) -> 'changed', 'false');
    -- taken without changing anything, it is known as well
    PERFORM t.eq('A to C', t.expect('ok', 'codice_fiscale_change', t.change(1)) -> 'changed', 'false');
    v_body := t.change(1, jsonb_build_object('former_codice_fiscale', t.cf(1)), '{"codice_fiscale": "12345678907"}');
    PERFORM t.eq('back to B', t.expect('ok', 'codice_fiscale_change', v_body) -> 'changed', 'true');
    PERFORM t.has(t.expect('call_superseded', 'codice_fiscale_change', t.change(1)), 'outcome');
    PERFORM t.has(t.expect('call_superseded', 'codice_fiscale_change', v_next), 'outcome');
    PERFORM t.eq('stays', (SELECT codice_fiscale FROM dossier_data.patient), '12345678907');
    -- the operator means it
    PERFORM dossier_admin.codice_fiscale_change('12345678907', t.cf(1), true);
    PERFORM t.has(t.expect('call_superseded', 'codice_fiscale_change', v_body), 'outcome');
    PERFORM t.eq('stays', (SELECT codice_fiscale FROM dossier_data.patient), t.cf(1));
END $t$);

SELECT t.test('a typo joins nothing: every datum of both must agree, and nothing is said of whom it is', $t$
DECLARE
    v_person t.person := t.active(1);
    v_stranger t.person := t.active(2);
    v_case record;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    PERFORM t.expect('created', 'acceptance_put', t.provisional(3));
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1'));
    FOR v_case IN SELECT * FROM (VALUES
            ('facility_not_allowed', t.change(1, '{"facility": "citta-di-suzzara"}')),
            ('patient_unknown', t.change(4)),
            ('patient_unknown', t.change(1, jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara'), 'facility', 'citta-di-suzzara'))),
            ('person_differs', t.change(1, '{}', '{"first_name": "Maria"}')),
            ('person_differs', t.change(1, '{}', '{"last_name": "Russo"}')),
            ('person_differs', t.change(1, '{}', '{"birth_date": "1980-01-02"}')),
            ('person_differs', t.change(1, '{}', '{"sex": "F"}')),
            ('person_differs', t.change(1, '{}', jsonb_build_object('codice_fiscale', t.cf(2)))), -- namesake of that day, another number
            ('person_differs', t.change(1, jsonb_build_object('former_codice_fiscale', t.cf(2)))) -- two places of birth
            ) AS v (outcome, body) LOOP
        PERFORM t.has(t.expect(v_case.outcome, 'codice_fiscale_change', v_case.body), 'outcome');
        PERFORM t.has(t.expect(v_case.outcome, 'codice_fiscale_change', v_case.body || '{"dry_run": true}'), 'outcome');
        PERFORM t.eq('audit', t.audited(1), 'codice_fiscale_changed ' || v_case.outcome);
    END LOOP;
    PERFORM t.eq('patients', (SELECT count(*) FROM dossier_data.patient), 4::bigint);
    PERFORM t.eq('seen', concat_ws(' ', t.ids(v_person), t.ids(v_stranger)), '');
    UPDATE dossier_data.patient SET birth_date = NULL WHERE codice_fiscale = '12345678901';
    PERFORM t.expect('person_differs', 'codice_fiscale_change', t.change(1)); -- nobody knows when that one was born
    UPDATE dossier_data.patient SET birth_date = '1980-01-01', first_name = ' MARIO', last_name = 'Ròssi' WHERE codice_fiscale = '12345678901';
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1));
    -- a code that one patient had is no other's
    PERFORM t.expect('person_differs', 'codice_fiscale_change', t.change(3, '{}', '{"codice_fiscale": "12345678901"}'));
END $t$);

SELECT t.test('two accounts are never joined: the patient deletes one first', $t$
DECLARE
    v_person t.person := t.active(1);
    v_id text;
    v_other t.person;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1) || jsonb_build_object('external_id', 'P-9', 'mobile', t.mobile(9),
        'activation', '{"key_id": "k1", "mac": "nine"}'::jsonb));
    v_id := t.expect('ok', 'registration_start', t.registration(1, jsonb_build_object('codice_fiscale', '12345678901', 'mobile', t.mobile(9), 'email', null))) ->> 'id';
    v_other.account := t.expect('created', 'registration_complete', t.proof(v_id)) -> 'account' ->> 'id';
    PERFORM t.has(t.expect('codice_fiscale_accounts', 'codice_fiscale_change', t.change(1)), 'outcome');
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_other.account, 'proof', t.typed(v_other)));
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1));
END $t$);

SELECT t.test('relatives: who kept both keeps one, open if either was; who has activated the own dossier has it alone', $t$
DECLARE
    v_person t.person := t.account(1);
    v_holder t.person := t.active(2);
    v_other t.person := t.active(3);
    v_gone uuid;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    v_gone := (SELECT id FROM dossier_data.patient WHERE codice_fiscale = '12345678901');
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1'));
    PERFORM t.relative(v_holder, v_gone::text);
    INSERT INTO dossier_data.dossier (account_id, patient_id, relation, role) VALUES (v_holder.account::uuid, v_person.patient::uuid, 'relative', 'delegate');
    PERFORM t.relative(v_other, v_gone::text);
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1) || '{"dry_run": false}');
    PERFORM t.eq('dossiers', (SELECT string_agg(relation || ' ' || state, ', ' ORDER BY relation DESC, account_id) FROM dossier_data.dossier
        WHERE patient_id = v_person.patient::uuid), 'self inactive, relative active, relative active');
    PERFORM t.eq('told', (SELECT count(DISTINCT account_id) FROM dossier_data.outbox WHERE template = 'codice_fiscale_changed'), 3::bigint);
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person));
    PERFORM t.eq('alone', (SELECT string_agg(relation, ' ') FROM dossier_data.dossier WHERE patient_id = v_person.patient::uuid), 'self');
    -- the other order: what a relative's account has of the other code ends with the joining
    PERFORM t.expect('created', 'acceptance_put', t.provisional(4));
    PERFORM t.relative(v_other, (SELECT id::text FROM dossier_data.patient WHERE codice_fiscale = '12345678904'));
    PERFORM t.active(4);
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(4));
    PERFORM t.eq('alone', (SELECT string_agg(s.relation, ' ') FROM dossier_data.dossier s JOIN dossier_data.patient t ON t.id = s.patient_id
        WHERE t.codice_fiscale = t.cf(4)), 'self');
    PERFORM t.eq('told', (SELECT count(*) FROM dossier_data.outbox WHERE template = 'relative_taken_over' AND account_id = v_other.account::uuid), 2::bigint);
END $t$);

SELECT t.test('whoever opened the dossier under one code, and deleted the account, stays independent under the other', $t$
DECLARE
    v_holder t.person := t.active(2);
    v_own t.person;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    v_own := (1, t.expect('created', 'registration_complete', t.proof(t.expect('ok', 'registration_start',
            t.registration(1, '{"codice_fiscale": "12345678901"}')) ->> 'id')) -> 'account' ->> 'id',
        (SELECT id FROM dossier_data.patient WHERE codice_fiscale = '12345678901'), NULL);
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_own, '{"codice_fiscale": "12345678901", "macs": {"k1": "provisional 1"}}'));
    PERFORM t.expect('ok', 'leaving_account_delete', jsonb_build_object('account_id', v_own.account, 'proof', t.typed(v_own)));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1, jsonb_build_object('external_id', 'A-1b', 'mobile', t.mobile(2),
        'activation', '{"key_id": "k1", "mac": "1b"}'::jsonb)));
    PERFORM t.eq('joined', t.expect('ok', 'codice_fiscale_change', t.change(1)) -> 'changed', 'true');
    PERFORM t.expect('relative_not_at_desk', 'relative_add', jsonb_build_object('account_id', v_holder.account, 'relative', jsonb_build_object(
        'codice_fiscale', t.cf(1), 'first_name', 'Mario', 'last_name', 'Rossi', 'birth_date', '1980-01-01', 'birth_place', 'Mantova', 'role', 'delegate')));
END $t$);

SELECT t.test('what the patient''s own account hid while it kept the other code as a relative''s stays hidden, and is shown again at a word', $t$
DECLARE
    v_person t.person := t.active(1);
    v_other t.person := t.active(2);
    v_gone text;
    v_key jsonb;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1));
    v_gone := (SELECT id::text FROM dossier_data.patient WHERE codice_fiscale = '12345678901');
    v_key := t.mine(v_person, jsonb_build_object('document_id', t.expect('created', 'publication_complete', t.under(1, 'one', 'R-1')) ->> 'id', 'hidden', true));
    PERFORM t.relative(v_person, v_gone);
    PERFORM t.relative(v_other, v_gone);
    PERFORM t.expect('created', 'publication_complete', t.under(1, 'two', 'R-2'));
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.expect('ok', 'hiding_set', v_key || jsonb_build_object('account_id', v_other.account,
        'document_id', (SELECT id FROM dossier_data.document WHERE external_id = 'R-2')));
    PERFORM t.expect('ok', 'codice_fiscale_change', t.change(1));
    PERFORM t.eq('what another account hid is the patient''s to see', t.ids(v_person), 'R-2');
    PERFORM t.expect('ok', 'hiding_set', v_key || '{"hidden": false}');
    PERFORM t.eq('shown', t.ids(v_person), 'R-1 R-2');
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('hidden', t.ids(v_person), 'R-2');
END $t$);

SELECT t.test('what was hidden before the account was the patient''s own can be hidden', $t$
DECLARE
    v_person t.person := t.active(1);
    v_key jsonb := t.mine(v_person, jsonb_build_object('document_id', t.expect('created', 'publication_complete', t.document(1)) ->> 'id', 'hidden', true));
BEGIN
    INSERT INTO dossier_data.document_hidden (document_id, account_id, by_patient) VALUES ((v_key ->> 'document_id')::uuid, v_person.account::uuid, false);
    PERFORM t.eq('shown', t.ids(v_person), 'R-77'); -- as a join of two codes left it once
    PERFORM t.expect('ok', 'hiding_set', v_key);
    PERFORM t.eq('hidden', t.ids(v_person), NULL);
END $t$);

SELECT t.test('the operator joins what the desk cannot, with a word for it; mistakes are told', $t$
DECLARE
    v_case record;
BEGIN
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(1));
    PERFORM t.expect('created', 'acceptance_put', t.acceptance(2));
    PERFORM t.expect('created', 'acceptance_put', t.provisional(1, '{"last_name": "Russo"}'));
    FOR v_case IN SELECT * FROM (VALUES
            ('12345678909', t.cf(1), true, 'no patient has the former%'), ('12345678901', 'X', true, 'the new one is not a codice fiscale'),
            ('12345678901', '12345678905', false, 'the new codice fiscale says another day%'),
            ('12345678901', 'RSSMRA80A02E001X', false, 'the new codice fiscale says another day%'),
            ('12345678901', t.cf(1), false, 'the records under the two codes do not agree%')) AS v (former, code, confirmed, message) LOOP
        BEGIN
            PERFORM dossier_admin.codice_fiscale_change(v_case.former, v_case.code, v_case.confirmed);
            ASSERT false, v_case.message || ' was not told';
        EXCEPTION WHEN raise_exception THEN
            ASSERT SQLERRM LIKE v_case.message, SQLERRM;
        END;
    END LOOP;
    PERFORM dossier_admin.codice_fiscale_change('12345678901', lower(t.cf(1)), true);
    PERFORM t.eq('patients', (SELECT string_agg(codice_fiscale, ' ' ORDER BY codice_fiscale) FROM dossier_data.patient), t.cf(1) || ' ' || t.cf(2));
    PERFORM t.eq('audit', (SELECT count(*) FROM dossier_data.audit WHERE actor_kind = 'operator' AND action = 'codice_fiscale_changed' AND outcome = 'ok'), 1::bigint);
    BEGIN
        PERFORM dossier_admin.codice_fiscale_change(t.cf(2), '12345678901', true);
        ASSERT false, 'a code that another patient had was given away';
    EXCEPTION WHEN raise_exception THEN
        ASSERT SQLERRM LIKE 'the records%', SQLERRM;
    END;
END $t$);
