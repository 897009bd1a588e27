-- Everything the portal holds of an account. Of what its dossiers do not show there is nothing in it.

CREATE OR REPLACE FUNCTION dossier_lib.export_account(p_account uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT dossier_lib.account_json(a) || jsonb_build_object(
        'codice_fiscale', t.codice_fiscale, 'birth_date', a.birth_date, 'birth_place', a.birth_place,
        'alerts', jsonb_build_object('sms', a.alert_sms, 'mail', a.alert_mail),
        'password_set_at', dossier_lib.rfc3339(a.password_set_at),
        'created_at', dossier_lib.rfc3339(a.created_at))
    FROM dossier_data.account a JOIN dossier_data.patient t ON t.id = a.patient_id WHERE a.id = p_account);
END
$$;

-- What the desks wrote at the visits that an open dossier shows. The numbers given there may be another's.
CREATE OR REPLACE FUNCTION dossier_lib.export_acceptances(p_account uuid) RETURNS TABLE (told json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('patient_id', a.patient_id, 'facility', a.facility_id,
        'first_name', a.first_name, 'last_name', a.last_name, 'birth_date', a.birth_date,
        'birth_place', a.birth_place, 'sex', a.sex,
        'mobile', CASE WHEN a.mobile = u.mobile THEN a.mobile END,
        'email', CASE WHEN lower(a.email) = u.email THEN a.email END,
        'created_at', dossier_lib.rfc3339(a.created_at),
        'updated_at', dossier_lib.rfc3339(a.updated_at)) ORDER BY a.created_at, a.id), '[]')
    FROM dossier_data.account u JOIN dossier_lib.dossier_acceptances() v ON v.account_id = u.id
    CROSS JOIN LATERAL (SELECT (v.acceptance).*) a
    WHERE u.id = p_account AND v.refusal IS NULL AND v.shown
$$;

CREATE OR REPLACE FUNCTION dossier_lib.export_messages(p_account uuid) RETURNS TABLE (told json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('channel', o.channel, 'recipient', o.recipient,
        'template', o.template, 'state', o.state, 'due_at', dossier_lib.rfc3339(o.due_at),
        'ended_at', dossier_lib.rfc3339(o.ended_at)) ORDER BY o.due_at, o.id), '[]')
    FROM dossier_data.outbox o WHERE o.account_id = p_account OR o.registration_id = ANY (ARRAY(
        SELECT r.id FROM dossier_data.registration r WHERE r.account_id = p_account))
$$;

CREATE OR REPLACE FUNCTION dossier_lib.export_sessions(p_account uuid) RETURNS TABLE (told json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('device', s.user_agent, 'address', s.address,
        'created_at', dossier_lib.rfc3339(s.created_at), 'last_seen_at', dossier_lib.rfc3339(s.last_seen_at),
        'closed_at', dossier_lib.rfc3339(s.closed_at)) ORDER BY s.created_at, s.id), '[]')
    FROM dossier_data.session s WHERE s.account_id = p_account
$$;

CREATE OR REPLACE FUNCTION dossier_lib.export_devices(p_account uuid) RETURNS TABLE (told json)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object('device', d.user_agent,
        'created_at', dossier_lib.rfc3339(d.created_at), 'last_seen_at', dossier_lib.rfc3339(d.last_seen_at))
        ORDER BY d.created_at, d.id), '[]')
    FROM dossier_data.device d WHERE d.account_id = p_account
$$;
