-- The patients of an account, and the service of their dossiers.

CREATE OR REPLACE FUNCTION dossier.patient_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    RETURN (SELECT answer('ok', jsonb_build_object('patients', coalesce(
            jsonb_agg(patient_json(d) ORDER BY d.relation = 'self' DESC, d.created_at, d.id), '[]')))
        FROM dossier d WHERE d.account_id = (p ->> 'account_id')::uuid AND NOT handed_over(d));
END
$$;
