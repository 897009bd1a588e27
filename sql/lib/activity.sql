-- What an account sees of the audit: its own lines, and what facilities did with its patients' data.

-- A browser by its id in the detail of a login, as long as it is known.
CREATE OR REPLACE FUNCTION dossier_lib.activity_device(a dossier_data.audit) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        (SELECT dossier_lib.device_of(d.user_agent) FROM dossier_data.device d WHERE a.account_id = d.account_id
            AND d.id = substring(a.detail FROM '^device ([0-9a-f-]{36})$')::uuid),
        (SELECT dossier_lib.device_of(s.user_agent) FROM dossier_data.session s
         WHERE s.id = a.object_id AND s.account_id = a.account_id))
$$;

-- The account's lines call patients and documents by names of their own (audit_alias). A title is told as long as the
-- report can be read; an address is not, of what another account's holder did.
CREATE OR REPLACE FUNCTION dossier_lib.activity_json(a dossier_data.audit, p_account uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', a.id::text, 'at', dossier_lib.rfc3339(a.at),
        'action', a.action, 'outcome', a.outcome,
        'actor', CASE WHEN a.actor_kind = 'account' AND a.actor_id = p_account THEN 'you'
            WHEN a.actor_kind = 'integrator' THEN 'facility'
            WHEN a.actor_kind IN ('system', 'operator') THEN 'system' ELSE 'somebody' END,
        'patient_id', (SELECT s.patient_id FROM dossier_data.dossier s WHERE s.account_id = p_account
            AND s.patient_id = coalesce(p.subject, a.patient_id) AND NOT dossier_lib.handed_over(s)),
        'facility', (SELECT jsonb_build_object('id', f.id, 'name', f.name)
            FROM dossier_data.facility f WHERE f.id = a.facility_id),
        'document_id', d.id, 'document_title', CASE WHEN dossier_lib.document_visible(d, s) THEN d.title END,
        'notice', CASE WHEN a.action LIKE 'consent\_%' THEN substring(a.detail FROM '^(portal|dossier) ') END,
        'device', dossier_lib.activity_device(a),
        'address', CASE WHEN a.actor_kind = 'anyone' OR (a.actor_kind = 'account' AND a.actor_id = p_account)
            THEN a.address END)
    FROM (SELECT) one
    LEFT JOIN dossier_data.audit_alias p ON p.alias = a.patient_id
    LEFT JOIN dossier_data.audit_alias o ON o.alias = a.object_id
    LEFT JOIN dossier_data.document d ON d.id = coalesce(o.subject, a.object_id)
    LEFT JOIN dossier_data.dossier s ON s.account_id = p_account AND s.patient_id = d.patient_id);
END
$$;

-- The newest lines below an id. Of facilities only what they did, for dossiers that are open now.
CREATE OR REPLACE FUNCTION dossier_lib.activity_lines(p_account uuid, p_below bigint, p_limit int)
RETURNS SETOF dossier_data.audit
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT l.* FROM (
        (SELECT a.* FROM dossier_data.audit a
         WHERE a.account_id = p_account AND a.id < p_below AND NOT dossier_lib.audit_concealed(a, p_account)
         ORDER BY a.id DESC LIMIT p_limit)
        UNION ALL
        (SELECT a.* FROM dossier_data.dossier s JOIN dossier_data.audit a ON a.patient_id = s.patient_id
         WHERE s.account_id = p_account AND s.state = 'active' AND NOT dossier_lib.handed_over(s)
             AND a.account_id IS NULL
           AND a.actor_kind IN ('integrator', 'system') AND a.outcome IN ('ok', 'created', 'replaced', 'updated')
           AND a.id < p_below AND NOT dossier_lib.audit_concealed(a, p_account)
         ORDER BY a.id DESC LIMIT p_limit)
    ) l ORDER BY l.id DESC LIMIT p_limit;
END
$$;
