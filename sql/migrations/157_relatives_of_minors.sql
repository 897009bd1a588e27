-- Whether a relative was a minor when added is asked again whenever the patient's day of birth is put right, in both
-- directions: one whom the desk had noted with an adult's day was handed over never.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE OR REPLACE FUNCTION dossier_adult_on() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_adult_on date;
BEGIN
    IF NEW.relation = 'relative' THEN -- shared: the desk may be putting the date right at this moment
        SELECT adult_on(birth_of(t)) INTO v_adult_on FROM patient t WHERE t.id = NEW.patient_id FOR SHARE;
    END IF;
    -- a parent's permission was a minor's whatever the day
    NEW.of_minor := NEW.of_minor AND NEW.role = 'parent'
        OR coalesce((NEW.created_at AT TIME ZONE 'Europe/Rome')::date < v_adult_on, false);
    NEW.adult_on := CASE WHEN NEW.of_minor THEN v_adult_on END;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION patient_adult_on() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE dossier SET of_minor = of_minor WHERE patient_id = NEW.id AND relation = 'relative';
    RETURN NULL;
END
$$;

COMMENT ON COLUMN dossier.of_minor IS 'The relative was a minor when added, by the day of birth that is known now; kept by triggers. The permission ends on the day they turn 18';

UPDATE dossier SET of_minor = of_minor WHERE relation = 'relative';
