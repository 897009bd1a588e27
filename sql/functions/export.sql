-- Everything the portal holds of an account. Of what its dossiers do not show there is nothing in it.

CREATE OR REPLACE FUNCTION dossier_data.export_account(p_account uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT dossier_data.account_json(a.id) || jsonb_build_object(
        'codice_fiscale', t.codice_fiscale, 'birth_date', a.birth_date, 'birth_place', a.birth_place,
        'alerts', jsonb_build_object('sms', a.alert_sms, 'mail', a.alert_mail),
        'password_set_at', dossier_data.rfc3339(a.password_set_at),
        'created_at', dossier_data.rfc3339(a.created_at))
    FROM dossier_data.account a JOIN dossier_data.patient t ON t.id = a.patient_id WHERE a.id = p_account);
END
$$;

-- What the desks wrote at the visits that an open dossier shows. The numbers given there may be another's.
CREATE OR REPLACE FUNCTION dossier_data.export_acceptances(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('patient_id', a.patient_id, 'facility', a.facility_id,
        'first_name', a.first_name, 'last_name', a.last_name, 'birth_date', a.birth_date,
        'birth_place', a.birth_place, 'sex', a.sex,
        'mobile', CASE WHEN a.mobile = u.mobile THEN a.mobile END,
        'email', CASE WHEN lower(a.email) = u.email THEN a.email END,
        'created_at', dossier_data.rfc3339(a.created_at),
        'updated_at', dossier_data.rfc3339(a.updated_at)) ORDER BY a.created_at, a.id), '[]')
    FROM dossier_data.account u JOIN dossier_data.dossier s ON s.account_id = u.id AND s.state = 'active'
    JOIN dossier_data.acceptance a ON a.patient_id = s.patient_id
    WHERE u.id = p_account AND NOT dossier_data.handed_over(s) AND dossier_data.acceptance_shown(a, s)
$$;

CREATE OR REPLACE FUNCTION dossier_data.export_messages(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('channel', o.channel, 'recipient', o.recipient,
        'template', o.template, 'state', o.state, 'due_at', dossier_data.rfc3339(o.due_at),
        'ended_at', dossier_data.rfc3339(o.ended_at)) ORDER BY o.due_at, o.id), '[]')
    FROM dossier_data.outbox o WHERE o.account_id = p_account OR o.registration_id = ANY (ARRAY(
        SELECT r.id FROM dossier_data.registration r WHERE r.account_id = p_account))
$$;

CREATE OR REPLACE FUNCTION dossier_data.export_logins(p_account uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('device', s.user_agent, 'address', s.address,
            'created_at', dossier_data.rfc3339(s.created_at), 'last_seen_at', dossier_data.rfc3339(s.last_seen_at),
            'closed_at', dossier_data.rfc3339(s.closed_at)) ORDER BY s.created_at, s.id), '[]')
            FROM dossier_data.session s WHERE s.account_id = p_account),
        'devices', (SELECT coalesce(jsonb_agg(jsonb_build_object('device', d.user_agent,
            'created_at', dossier_data.rfc3339(d.created_at), 'last_seen_at', dossier_data.rfc3339(d.last_seen_at))
            ORDER BY d.created_at, d.id), '[]')
            FROM dossier_data.device d WHERE d.account_id = p_account))
$$;

-- The data, and the documents whose bytes are to follow: each is opened when its turn comes.
CREATE OR REPLACE FUNCTION dossier.export_begin(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM account WHERE id = v_account) THEN
        RETURN outcome('not_found');
    END IF;
    PERFORM audit_write('account', v_account, 'data_exported', 'ok', p ->> 'address');
    RETURN jsonb_build_object('outcome', 'ok', 'data', jsonb_build_object(
            'exported_at', rfc3339(now()), 'account', export_account(v_account),
            'patients', (SELECT coalesce(jsonb_agg(patient_json(s) ORDER BY s.created_at, s.id), '[]')
                FROM dossier s WHERE s.account_id = v_account AND NOT handed_over(s)),
            'consents', (SELECT coalesce(jsonb_agg(consent_json(c)
                    || jsonb_build_object('address', c.address) ORDER BY c.given_at, c.id), '[]')
                FROM consent c WHERE c.account_id = v_account),
            'acceptances', export_acceptances(v_account),
            'messages', export_messages(v_account)) || export_logins(v_account),
        'documents', (SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at, d.id), '[]')
            FROM dossier s JOIN document d ON d.patient_id = s.patient_id
            WHERE s.account_id = v_account AND document_visible(d, s)));
END
$$;
