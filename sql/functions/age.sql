-- Of age or not, by the calendar of Rome.

-- The 18th birthday; of those born on 29 February it is 1 March.
CREATE OR REPLACE FUNCTION dossier_data.adult_on(p_birth date) RETURNS date
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN extract(month FROM p_birth) = 2 AND extract(day FROM p_birth) = 29
        THEN make_date(extract(year FROM p_birth)::int + 18, 3, 1)
        ELSE (p_birth + interval '18 years')::date END
$$;

-- The day of birth in a codice fiscale, which does not say the century: that of what was typed, if it is
-- that day, else the latest that is not to come. Null: it says nothing (provisional, STP, ENI).
DROP FUNCTION IF EXISTS dossier_data.birth_by_code(text);
CREATE OR REPLACE FUNCTION dossier_data.birth_by_code(p_codice_fiscale text, p_typed date DEFAULT NULL) RETURNS date
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
        WHEN v_birth <= dossier_data.today() THEN v_birth
        ELSE (v_birth - interval '100 years')::date END;
END
$$;

-- The desk's word first, then the codice fiscale's, then what was typed.
DROP FUNCTION IF EXISTS dossier_data.birth_of(dossier_data.patient);
CREATE OR REPLACE FUNCTION dossier_data.birth_of(p_patient dossier_data.patient, p_typed date DEFAULT NULL) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT coalesce(p_patient.birth_date, dossier_data.birth_by_code(p_patient.codice_fiscale, p_typed), p_typed)
$$;

CREATE OR REPLACE FUNCTION dossier_data.is_minor(p_birth date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(dossier_data.today() < dossier_data.adult_on(p_birth), false)
$$;

-- The day on which this permission ends because the relative comes of age; null: it does not.
CREATE OR REPLACE FUNCTION dossier_data.handover_on(p_dossier dossier_data.dossier) RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT p_dossier.adult_on
    WHERE p_dossier.of_minor AND (SELECT enabled FROM dossier_data.setting WHERE name = 'minor_handover')
$$;

-- From that day on the dossier is no longer this account's, also before the watchdog has come by.
CREATE OR REPLACE FUNCTION dossier_data.handed_over(p_dossier dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(dossier_data.handover_on(p_dossier) <= dossier_data.today(), false)
$$;
