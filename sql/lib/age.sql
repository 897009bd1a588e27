-- Of age or not, by the calendar of Rome.

-- The 18th birthday; of those born on 29 February it is 1 March.
CREATE OR REPLACE FUNCTION dossier_lib.adult_on(p_birth date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN extract(month FROM p_birth) = 2 AND extract(day FROM p_birth) = 29
        THEN make_date(extract(year FROM p_birth)::int + 18, 3, 1)
        ELSE (p_birth + interval '18 years')::date END
$$;

-- The day of birth in a codice fiscale, which does not say the century: that of what was typed, if it is
-- that day, else the latest that is not to come. Null: it says nothing (provisional, STP, ENI).
CREATE OR REPLACE FUNCTION dossier_lib.birth_by_code(p_codice_fiscale text, p_typed date DEFAULT NULL) RETURNS date
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_digits text := translate(substr(p_codice_fiscale, 7, 2) || substr(p_codice_fiscale, 10, 2),
        'LMNPQRSTUV', '0123456789');
    v_month int := strpos('ABCDEHLMPRST', substr(p_codice_fiscale, 9, 1));
    v_birth date;
BEGIN
    IF p_codice_fiscale !~ '^[A-Z]{6}' OR v_digits !~ '^\d{4}$' OR v_month = 0 THEN
        RETURN NULL;
    END IF;
    v_birth := make_date(2000 + left(v_digits, 2)::int, v_month, right(v_digits, 2)::int % 40);
    RETURN CASE WHEN to_char(p_typed, 'YYMMDD') = to_char(v_birth, 'YYMMDD') THEN p_typed
        WHEN v_birth <= dossier_lib.today() THEN v_birth
        ELSE (v_birth - interval '100 years')::date END;
END
$$;

-- The desk's word first, then the codice fiscale's, then what was typed.
CREATE OR REPLACE FUNCTION dossier_lib.birth_of(p_patient dossier_data.patient, p_typed date DEFAULT NULL) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT coalesce(p_patient.birth_date, dossier_lib.birth_by_code(p_patient.codice_fiscale, p_typed), p_typed)
$$;

CREATE OR REPLACE FUNCTION dossier_lib.is_minor(p_birth date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(dossier_lib.today() < dossier_lib.adult_on(p_birth), false)
$$;

-- Whether a relative was a minor when added is asked again whenever the patient's day of birth is put right, in both
-- directions.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_adult_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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

CREATE OR REPLACE FUNCTION dossier_lib.patient_adult_on() RETURNS trigger
LANGUAGE plpgsql SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    UPDATE dossier SET of_minor = of_minor WHERE patient_id = NEW.id AND relation = 'relative';
    RETURN NULL;
END
$$;
