-- How many other accounts read what this dossier shows, and lose it when it is wiped. Whoever has not proved with a
-- code to belong here learns nothing of others.
CREATE OR REPLACE FUNCTION dossier_data.other_readers(p_dossier dossier_data.dossier) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT count(*) FROM dossier_data.dossier s
    WHERE p_dossier.state <> 'inactive' AND s.patient_id = p_dossier.patient_id AND s.id <> p_dossier.id
      AND s.state = 'active' AND NOT dossier_data.handed_over(s)
$$;

-- One patient as one account sees it; null when it is not this account's.
CREATE OR REPLACE FUNCTION dossier_data.patient_json(p_dossier dossier_data.dossier) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', t.id, 'relation', p_dossier.relation, 'role', p_dossier.role,
        'first_name', t.first_name, 'last_name', t.last_name, 'codice_fiscale', t.codice_fiscale,
        'birth_date', t.birth_date, 'age', dossier_data.age_of(t.birth_date),
        'handover_at', dossier_data.handover_on(p_dossier), 'dossier', p_dossier.state,
        'other_readers', dossier_data.other_readers(p_dossier),
        'new_documents', (
            SELECT count(*) FROM dossier_data.document d
            WHERE d.patient_id = t.id AND dossier_data.document_visible(d, p_dossier) AND NOT EXISTS (
                SELECT FROM dossier_data.document_reading r WHERE r.document_id = d.id
                  AND r.account_id = p_dossier.account_id AND r.version = d.version)))
    FROM dossier_data.patient t WHERE t.id = p_dossier.patient_id
$$;

CREATE OR REPLACE FUNCTION dossier.patient_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('outcome', 'ok', 'patients', coalesce(
            jsonb_agg(patient_json(d) ORDER BY d.relation = 'self' DESC, d.created_at, d.id), '[]'))
        FROM dossier d WHERE d.account_id = (p ->> 'account_id')::uuid AND NOT handed_over(d));
END
$$;
