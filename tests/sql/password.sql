-- Counts a try and judges it: the answer of password_finish, with the proof.
CREATE FUNCTION t.again(p t.person, p_right boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_begun jsonb := t.call('password_begin', jsonb_build_object('account_id', p.account));
BEGIN
    IF v_begun ->> 'outcome' <> 'ok' THEN
        RETURN v_begun;
    END IF;
    RETURN t.call('password_finish', jsonb_build_object('account_id', p.account, 'proof', v_begun -> 'proof',
        'right', p_right)) || jsonb_build_object('proof', v_begun -> 'proof');
END
$$;

CREATE FUNCTION t.take(p t.person, p_proof text) RETURNS text LANGUAGE sql AS $$
    SELECT dossier_lib.password_proof_take(jsonb_build_object('account_id', p.account, 'proof', p_proof))
$$;

SELECT t.test('a password typed again is good for one step, of one account, for two minutes', $t$
DECLARE
    v_person t.person := t.account(1);
    v_other t.person := t.account(2);
    v_proof text := t.again(v_person, true) ->> 'proof';
BEGIN
    PERFORM t.eq('hash', t.call('password_begin', jsonb_build_object('account_id', v_person.account)) ->> 'password_hash', 'hash 1');
    PERFORM t.eq('another''s', t.take(v_other, v_proof), 'password_required');
    PERFORM t.eq('its own', t.take(v_person, v_proof), NULL);
    PERFORM t.eq('again', t.take(v_person, v_proof), 'password_required');
    PERFORM t.eq('none', t.take(v_person, NULL), 'password_required');
    v_proof := t.again(v_person, true) ->> 'proof';
    UPDATE dossier_data.password_proof SET created_at = created_at - interval '2 minutes';
    PERFORM t.eq('later', t.take(v_person, v_proof), 'password_required');
END $t$);

SELECT t.test('a wrong one proves nothing, is noted, and cannot be judged again', $t$
DECLARE
    v_person t.person := t.account(1);
    v_answer jsonb := t.again(v_person, false);
BEGIN
    PERFORM t.eq('outcome', v_answer ->> 'outcome', 'password_wrong');
    PERFORM t.eq('audit', t.audited(1), 'password_asked password_wrong');
    PERFORM t.expect('password_wrong', 'password_finish', jsonb_build_object('account_id', v_person.account,
        'proof', v_answer -> 'proof', 'right', true));
    PERFORM t.eq('proof', t.take(v_person, v_answer ->> 'proof'), 'password_required');
END $t$);

SELECT t.test('ten wrong ones in an hour, and what was right or not looked at counts nothing', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    FOR i IN 1..12 LOOP
        PERFORM t.eq('right', t.again(v_person, true) ->> 'outcome', 'ok');
        PERFORM t.again(v_person, NULL);
    END LOOP;
    FOR i IN 1..10 LOOP
        PERFORM t.eq('wrong', t.again(v_person, false) ->> 'outcome', 'password_wrong');
    END LOOP;
    PERFORM t.eq('throttled', t.again(v_person, true) ->> 'outcome', 'throttled');
    PERFORM t.eq('audit', t.audited(1), 'password_asked throttled');
END $t$);

SELECT t.test('a password that was changed meanwhile is judged against the new one', $t$
DECLARE
    v_person t.person := t.account(1);
    v_proof jsonb := t.call('password_begin', jsonb_build_object('account_id', v_person.account)) -> 'proof';
BEGIN
    UPDATE dossier_data.account SET password_set_at = now() + interval '1 second';
    PERFORM t.expect('password_wrong', 'password_finish', jsonb_build_object('account_id', v_person.account,
        'proof', v_proof, 'right', true));
END $t$);

-- As above, dated before the proof because the change had to wait; or seen by nobody yet while the old password was judged.
SELECT t.test('a proof of the password of before a change proves nothing, whenever the change began', $t$
DECLARE
    v_person t.person := t.account(1);
    v_proof jsonb := t.call('password_begin', jsonb_build_object('account_id', v_person.account)) -> 'proof';
    v_judged text := t.again(v_person, true) ->> 'proof';
BEGIN
    UPDATE dossier_data.account SET password_set_at = now() - interval '1 second';
    PERFORM t.expect('password_wrong', 'password_finish', jsonb_build_object('account_id', v_person.account,
        'proof', v_proof, 'right', true));
    PERFORM t.eq('audit', t.audited(1), 'password_asked password_wrong');
    PERFORM t.eq('judged before', t.take(v_person, v_judged), 'password_required');
    PERFORM t.eq('of the new one', t.take(v_person, t.again(v_person, true) ->> 'proof'), NULL);
END $t$);

SELECT t.test('messages about an account: to its addresses, by the way asked for', $t$
DECLARE
    v_person t.person := t.account(1);
BEGIN
    DELETE FROM dossier_data.outbox;
    PERFORM dossier_lib.message_queue(v_person.account::uuid, 'password_changed', w.way)
    FROM unnest('{sms,mail,both,told}'::text[]) AS w (way);
    PERFORM t.eq('with an address', (SELECT string_agg(channel, ' ' ORDER BY channel) FROM dossier_data.outbox),
        'mail mail mail sms sms');
    DELETE FROM dossier_data.outbox;
    UPDATE dossier_data.account SET email = NULL, language = 'en';
    PERFORM dossier_lib.message_queue(v_person.account::uuid, 'password_changed', w.way, 'san-pellegrino')
    FROM unnest('{sms,mail,both,told}'::text[]) AS w (way);
    PERFORM t.eq('without', (SELECT string_agg(concat_ws(' ', channel, recipient, language, facility_id, priority), ', ')
        FROM dossier_data.outbox), array_to_string(array_fill(
            format('sms %s en san-pellegrino 1', t.mobile(1)), ARRAY[3]), ', '));
END $t$);
