-- Whether a visit of the patient's is declined is asked for each document of a list, and nearly none is.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE INDEX acceptance_declined ON acceptance (patient_id) WHERE NOT online_pickup;
