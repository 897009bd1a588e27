-- Patients as the desks know them, and their visits.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE patient (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    codice_fiscale text NOT NULL UNIQUE,
    first_name     text NOT NULL,
    last_name      text NOT NULL,
    birth_date     date,
    birth_place    text,
    sex            text CHECK (sex IN ('M', 'F')),
    independent_at timestamptz,
    calls          text[] NOT NULL DEFAULT '{}',
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE patient IS
    'A person with a codice fiscale, as the latest acceptance describes it; may or may not have an account';
COMMENT ON COLUMN patient.independent_at IS
    'When the patient last opened the own dossier, also if that account has been deleted since';
COMMENT ON COLUMN patient.calls IS 'Digests of the changes of codice fiscale that were taken, as of a document';

CREATE TABLE former_codice_fiscale (
    codice_fiscale text PRIMARY KEY,
    patient_id     uuid NOT NULL REFERENCES patient,
    changed_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE former_codice_fiscale IS
    'What a patient was known by before; whoever still says it means this '
    'patient. No patient has it as its current one';
CREATE INDEX former_codice_fiscale_patient ON former_codice_fiscale (patient_id);

CREATE TABLE acceptance (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id       uuid NOT NULL REFERENCES integrator,
    external_id         text NOT NULL,
    facility_id         text NOT NULL REFERENCES facility,
    patient_id          uuid NOT NULL REFERENCES patient,
    mobile              text NOT NULL,
    mobiles_former      text[] NOT NULL DEFAULT '{}',
    mobile_corrected_at timestamptz,
    email               text,
    first_name          text NOT NULL,
    last_name           text NOT NULL,
    birth_date          date,
    birth_place         text,
    sex                 text CHECK (sex IN ('M', 'F')),
    online_pickup       boolean NOT NULL DEFAULT true,
    online_pickup_desk  boolean NOT NULL DEFAULT true,
    declined_by_patient boolean NOT NULL DEFAULT false,
    calls               text[] NOT NULL DEFAULT '{}',
    changes             int NOT NULL DEFAULT 0,
    created_at          timestamptz NOT NULL DEFAULT now(),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    UNIQUE (integrator_id, external_id),
    CHECK (NOT (online_pickup AND declined_by_patient))
);
COMMENT ON TABLE acceptance IS 'A visit registered at the desk, with the data exactly as the desk gave them';
COMMENT ON COLUMN acceptance.external_id IS 'The integrator''s own number of it';
COMMENT ON COLUMN acceptance.mobile IS 'E.164; verification codes leave only to a number that an acceptance holds';
COMMENT ON COLUMN acceptance.mobiles_former IS 'What stood there before the desk corrected it, the newest first';
COMMENT ON COLUMN acceptance.mobile_corrected_at IS 'When it was corrected last';
COMMENT ON COLUMN acceptance.online_pickup IS
    'In force: whether the reports of this visit may be online. The last '
    'word counts, the desk''s or the patient''s';
COMMENT ON COLUMN acceptance.online_pickup_desk IS
    'What the desk said last: its system repeating that does not overrule the patient';
COMMENT ON COLUMN acceptance.declined_by_patient IS
    'The patient said no, from the own dossier: a relative''s account is not shown the visit, and cannot say yes';
COMMENT ON COLUMN acceptance.calls IS 'As of a document';
COMMENT ON COLUMN acceptance.changes IS 'As of a document';
CREATE INDEX acceptance_patient ON acceptance (patient_id, mobile);
CREATE INDEX acceptance_facility ON acceptance (facility_id, external_id);
CREATE INDEX acceptance_mobile ON acceptance (mobile);
