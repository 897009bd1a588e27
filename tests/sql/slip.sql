SELECT t.test('acceptance_slip: what stands on it; each printing is noted', $t$
DECLARE
    v_key jsonb := t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "m1", "sealed": "sealed 1"}}');
    v_answer jsonb;
BEGIN
    PERFORM t.call('acceptance_put', v_key);
    UPDATE dossier_data.activation_code SET expires_at = '2099-01-24 23:05:00Z';
    v_answer := t.expect('ok', 'acceptance_slip', v_key);
    PERFORM t.eq('answer', v_answer, jsonb_build_object('outcome', 'ok', 'facility', 'san-pellegrino',
        'facility_name', 'Ospedale San Pellegrino', 'first_name', 'Mario', 'last_name', 'Rossi', 'mobile', t.mobile(1),
        'mac', 'm1', 'sealed', 'sealed 1', 'expires_on', '2099-01-25', 'expires_time', '00:05'));
    PERFORM t.call('acceptance_slip', v_key);
    PERFORM t.eq('audit', t.audited(3), 'slip_printed ok, slip_printed ok, acceptance_created ok');
END $t$);

SELECT t.test('acceptance_slip: not_found for strangers and revoked systems', $t$
DECLARE
    v_key jsonb := t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "m1", "sealed": "s"}}');
BEGIN
    PERFORM t.call('acceptance_put', v_key);
    PERFORM t.expect('not_found', 'acceptance_slip', v_key || '{"external_id": "none"}');
    PERFORM t.expect('not_found', 'acceptance_slip', v_key || jsonb_build_object('integrator_id', t.integrator('citta-di-suzzara')));
    PERFORM dossier_admin.integrator_revoke((v_key ->> 'integrator_id')::uuid);
    PERFORM t.has(t.expect('not_found', 'acceptance_slip', v_key), 'outcome');
    PERFORM t.eq('audit', t.audited(2), 'slip_printed not_found, slip_printed not_found');
END $t$);

SELECT t.test('acceptance_slip: slip_no_code when used, expired, or never sealed; a new code prints', $t$
DECLARE
    v_person t.person := t.account(1); -- its code is from before there were slips
    v_key jsonb := t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "m2", "sealed": "s2"}}');
BEGIN
    PERFORM t.expect('slip_no_code', 'acceptance_slip', v_key);
    PERFORM t.expect('created', 'acceptance_new_code', v_key);
    PERFORM t.eq('sealed', t.expect('ok', 'acceptance_slip', v_key) ->> 'sealed', 's2');
    UPDATE dossier_data.activation_code SET expires_at = now() WHERE mac = 'm2';
    PERFORM t.expect('slip_no_code', 'acceptance_slip', v_key);
    UPDATE dossier_data.activation_code SET expires_at = now() + interval '1 microsecond' WHERE mac = 'm2';
    PERFORM t.expect('ok', 'acceptance_slip', v_key);
    PERFORM t.expect('ok', 'activation_complete', t.activation(v_person, '{"macs": {"k1": "m2"}}'));
    PERFORM t.expect('slip_no_code', 'acceptance_slip', v_key);
    PERFORM t.eq('wiped', (SELECT count(sealed) FROM dossier_data.activation_code), 0::bigint);
END $t$);

SELECT t.test('a code that is replaced is wiped, and none can be kept beside its end', $t$
DECLARE
    v_key jsonb := t.acceptance(1, '{"activation": {"key_id": "k1", "mac": "m1", "sealed": "s1"}}');
BEGIN
    PERFORM t.call('acceptance_put', v_key);
    PERFORM t.call('acceptance_new_code', v_key || '{"activation": {"key_id": "k1", "mac": "m2", "sealed": "s2"}}');
    PERFORM t.eq('kept', (SELECT string_agg(sealed, ' ') FROM dossier_data.activation_code), 's2');
    BEGIN
        UPDATE dossier_data.activation_code SET used_at = now() WHERE mac = 'm2';
        ASSERT false, 'a used code stayed readable';
    EXCEPTION WHEN check_violation THEN
        NULL;
    END;
END $t$);

SELECT t.test('purge: wipes expired codes in batches and leaves the others', $t$
DECLARE
    v_answer jsonb;
BEGIN
    FOR i IN 1..4 LOOP
        PERFORM t.call('acceptance_put', t.acceptance(i, jsonb_build_object('activation',
            jsonb_build_object('key_id', 'k', 'mac', i, 'sealed', 's' || i))));
    END LOOP;
    PERFORM t.call('purge', '{"limit": 2}');
    PERFORM t.eq('none yet', (SELECT count(sealed) FROM dossier_data.activation_code), 4::bigint);
    UPDATE dossier_data.activation_code SET expires_at = now() WHERE mac < '4';
    v_answer := t.expect('ok', 'purge', '{"limit": 2}');
    PERFORM t.eq('more', v_answer -> 'more', 'true');
    PERFORM t.call('purge', '{"limit": 2}');
    PERFORM t.eq('left', (SELECT string_agg(sealed, ' ') FROM dossier_data.activation_code), 's4');
END $t$);
