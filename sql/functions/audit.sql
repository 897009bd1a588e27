-- Actor: an account or integrator by id; anyone (p_actor_id null) who has not said who it is.
CREATE OR REPLACE FUNCTION dossier_data.audit_write(
    p_actor_kind text, p_actor_id uuid, p_action text, p_outcome text, p_address text,
    account uuid DEFAULT NULL, patient uuid DEFAULT NULL, object uuid DEFAULT NULL,
    facility text DEFAULT NULL, detail text DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO dossier_data.audit (actor_kind, actor_id, action, outcome, address,
                                    account_id, patient_id, object_id, facility_id, detail)
    VALUES (p_actor_kind, p_actor_id, p_action, p_outcome, p_address,
            coalesce(account, CASE p_actor_kind WHEN 'account' THEN p_actor_id END),
            patient, object, facility, detail)
$$;
