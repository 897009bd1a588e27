-- The patients of an account, and the service of their dossiers.

CREATE OR REPLACE FUNCTION dossier.patient_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    RETURN (SELECT answer('ok', json_build_object('patients', coalesce(json_agg(v.told
            ORDER BY (v.dossier).relation = 'self' DESC, (v.dossier).created_at, (v.dossier).id), '[]')))
        FROM patients_told() v WHERE v.account_id = (p ->> 'account_id')::uuid AND v.kept);
END
$$;
