SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE facility (
    id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}$'),
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE facility IS 'A hospital or clinic of the group';
COMMENT ON COLUMN facility.id IS 'The name used in configuration and by integrators, for example san-pellegrino';

CREATE TABLE integrator (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL,
    key_hash   text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE integrator IS 'A hospital system that calls the integration endpoints with its own key';
COMMENT ON COLUMN integrator.key_hash IS 'SHA-256 of the key, hex; the key itself is nowhere';

CREATE TABLE integrator_facility (
    integrator_id uuid REFERENCES integrator,
    facility_id   text REFERENCES facility,
    PRIMARY KEY (integrator_id, facility_id)
);
COMMENT ON TABLE integrator_facility IS 'The facilities an integrator may write for';

CREATE TABLE patient (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    codice_fiscale text NOT NULL UNIQUE,
    first_name     text NOT NULL,
    last_name      text NOT NULL,
    birth_date     date,
    birth_place    text,
    sex            text CHECK (sex IN ('M', 'F')),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE patient IS 'A person with a codice fiscale, as the latest acceptance describes it; may or may not have an account';

CREATE TABLE acceptance (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id uuid NOT NULL REFERENCES integrator,
    external_id   text NOT NULL,
    facility_id   text NOT NULL REFERENCES facility,
    patient_id    uuid NOT NULL REFERENCES patient,
    mobile        text NOT NULL,
    email         text,
    first_name    text NOT NULL,
    last_name     text NOT NULL,
    birth_date    date,
    birth_place   text,
    sex           text CHECK (sex IN ('M', 'F')),
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    UNIQUE (integrator_id, external_id)
);
COMMENT ON TABLE acceptance IS 'A visit registered at the desk, with the data exactly as the desk gave them';
COMMENT ON COLUMN acceptance.external_id IS 'The integrator''s own number of it';
COMMENT ON COLUMN acceptance.mobile IS 'E.164; verification codes leave only to a number that an acceptance holds';
CREATE INDEX acceptance_patient ON acceptance (patient_id, mobile);
CREATE INDEX acceptance_facility ON acceptance (facility_id, external_id);

CREATE TABLE account (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    mobile          text NOT NULL,
    patient_id      uuid NOT NULL REFERENCES patient,
    email           text,
    first_name      text NOT NULL,
    last_name       text NOT NULL,
    birth_date      date,
    birth_place     text,
    password_hash   text NOT NULL,
    password_set_at timestamptz NOT NULL DEFAULT now(),
    language        text NOT NULL CHECK (language IN ('it', 'en')),
    alert_sms       boolean NOT NULL DEFAULT true,
    alert_mail      boolean NOT NULL DEFAULT true,
    created_at      timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_mobile_key UNIQUE (mobile),
    CONSTRAINT account_patient_key UNIQUE (patient_id),
    CONSTRAINT account_email_key UNIQUE (email)
);
COMMENT ON TABLE account IS 'A login; its own patient is the account holder';
COMMENT ON COLUMN account.first_name IS 'As the person wrote it in the profile; so are the other data of the person here';
COMMENT ON COLUMN account.email IS 'In lower case; also a login, hence unique';
COMMENT ON COLUMN account.password_hash IS 'Argon2id, made outside the database';
COMMENT ON COLUMN account.password_set_at IS 'A login begun before it fails: it was judged against an older password';
COMMENT ON COLUMN account.alert_sms IS 'Whether new documents are announced by SMS; alert_mail: by e-mail, when there is one';

CREATE TABLE dossier (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id   uuid NOT NULL REFERENCES account,
    patient_id   uuid NOT NULL REFERENCES patient,
    relation     text NOT NULL CHECK (relation IN ('self', 'relative')),
    state        text NOT NULL DEFAULT 'inactive' CHECK (state IN ('inactive', 'active', 'disabled')),
    created_at   timestamptz NOT NULL DEFAULT now(),
    activated_at timestamptz,
    UNIQUE (account_id, patient_id)
);
COMMENT ON TABLE dossier IS 'One patient''s documents as seen from one account: the row is the permission';
COMMENT ON COLUMN dossier.state IS 'inactive: no activation code yet; disabled: switched off by the account holder';
CREATE UNIQUE INDEX dossier_one_self ON dossier (account_id) WHERE relation = 'self';
CREATE INDEX dossier_patient ON dossier (patient_id);

CREATE TABLE activation_code (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    acceptance_id uuid NOT NULL REFERENCES acceptance,
    patient_id    uuid NOT NULL REFERENCES patient,
    key_id        text NOT NULL,
    mac           text NOT NULL,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    used_at       timestamptz,
    used_by       uuid REFERENCES account,
    UNIQUE (key_id, mac)
);
COMMENT ON TABLE activation_code IS 'What is printed on a pick-up slip, as a MAC; opens one patient''s dossier once';
COMMENT ON COLUMN activation_code.mac IS 'HMAC-SHA-256 over the codice fiscale and the 13 characters, under key key_id of the web server''s ring';
COMMENT ON COLUMN activation_code.revoked_at IS 'Replaced by a new code (slip lost)';
COMMENT ON COLUMN activation_code.used_by IS 'Null again when that account is deleted; used_at stays';
CREATE UNIQUE INDEX activation_code_one_open ON activation_code (acceptance_id)
    WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX activation_code_acceptance ON activation_code (acceptance_id, created_at);
