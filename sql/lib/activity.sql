-- What an account sees of the audit: its own lines, and what facilities did with its patients' data.

-- The newest lines below an id. Of facilities only what they did, for dossiers that are open now. Each part is walked from
-- its newest line on, and no further than it must be.
CREATE OR REPLACE FUNCTION dossier_lib.activity_lines(p_account uuid, p_below bigint, p_limit int)
RETURNS SETOF dossier_data.audit
LANGUAGE sql STABLE AS $$
    SELECT l.* FROM (
        (SELECT a.* FROM dossier_data.audit a
         CROSS JOIN LATERAL dossier_lib.audit_concealed(a.action, a.outcome, a.account_id, a.object_id, p_account) c
         WHERE a.account_id = p_account AND a.id < p_below AND NOT c.concealed
         ORDER BY a.id DESC LIMIT p_limit)
        UNION ALL
        SELECT a.* FROM dossier_lib.dossiers_kept() s CROSS JOIN LATERAL (
            SELECT f.* FROM dossier_data.audit f
            CROSS JOIN LATERAL dossier_lib.audit_concealed(f.action, f.outcome, f.account_id, f.object_id, p_account) c
            WHERE f.patient_id = s.patient_id AND f.account_id IS NULL AND f.id < p_below
              AND f.actor_kind IN ('integrator', 'system')
              AND f.outcome IN ('ok', 'created', 'replaced', 'updated') AND NOT c.concealed
            ORDER BY f.id DESC LIMIT p_limit) a
        WHERE s.account_id = p_account AND s.state = 'active'
    ) l ORDER BY l.id DESC LIMIT p_limit
$$;

-- The same, as told. The account's lines call patients and documents by names of their own (audit_alias), and a browser by
-- its id, as long as it is known. A title is told as long as the report can be read; an address is not, of what another
-- account's holder did.
CREATE OR REPLACE FUNCTION dossier_lib.activity_told(p_account uuid, p_below bigint, p_limit int)
RETURNS TABLE (id bigint, told json)
LANGUAGE sql STABLE AS $$
    SELECT a.id, json_build_object('id', a.id::text, 'at', dossier_lib.rfc3339(a.at),
        'action', a.action, 'outcome', a.outcome,
        'actor', CASE WHEN a.actor_kind = 'account' AND a.actor_id = p_account THEN 'you'
            WHEN a.actor_kind = 'integrator' THEN 'facility'
            WHEN a.actor_kind IN ('system', 'operator') THEN 'system' ELSE 'somebody' END,
        'patient_id', (SELECT s.patient_id FROM dossier_lib.dossiers_kept() s
            WHERE s.account_id = p_account AND s.patient_id = coalesce(p.subject, a.patient_id)),
        'facility', (SELECT json_build_object('id', f.id, 'name', f.name)
            FROM dossier_data.facility f WHERE f.id = a.facility_id),
        'document_id', d.id,
        'document_title', (SELECT (v.document).title FROM dossier_lib.dossier_documents() v
            WHERE v.account_id = p_account AND (v.document).id = d.id AND v.visible),
        'notice', CASE WHEN a.action LIKE 'consent\_%' THEN substring(a.detail FROM '^(portal|dossier) ') END,
        'device', coalesce(
            (SELECT dossier_lib.device_of(k.user_agent) FROM dossier_data.device k WHERE k.account_id = a.account_id
                AND k.id = substring(a.detail FROM '^device ([0-9a-f-]{36})$')::uuid),
            (SELECT dossier_lib.device_of(s.user_agent) FROM dossier_data.session s
             WHERE s.id = a.object_id AND s.account_id = a.account_id)),
        'address', CASE WHEN a.actor_kind = 'anyone' OR (a.actor_kind = 'account' AND a.actor_id = p_account)
            THEN a.address END)
    FROM dossier_lib.activity_lines(p_account, p_below, p_limit) a
    LEFT JOIN dossier_data.audit_alias p ON p.alias = a.patient_id
    LEFT JOIN dossier_data.audit_alias o ON o.alias = a.object_id
    LEFT JOIN dossier_data.document d ON d.id = coalesce(o.subject, a.object_id)
$$;
