-- Logins, the dossiers they keep, and what opens a dossier.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE account (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    patient_id       uuid NOT NULL REFERENCES patient,
    mobile           text NOT NULL UNIQUE,
    mobile_proved_at timestamptz NOT NULL DEFAULT now(),
    email            text UNIQUE,
    email_proved_at  timestamptz,
    first_name       text NOT NULL,
    last_name        text NOT NULL,
    birth_date       date,
    birth_place      text,
    password_hash    text NOT NULL,
    password_set_at  timestamptz NOT NULL DEFAULT now(),
    language         text NOT NULL CHECK (language IN ('it', 'en')),
    alert_sms        boolean NOT NULL DEFAULT true,
    alert_mail       boolean NOT NULL DEFAULT true,
    alert_last_call  boolean NOT NULL DEFAULT true,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_patient_key UNIQUE (patient_id)
);
COMMENT ON TABLE account IS 'A login; its own patient is the account holder';
COMMENT ON COLUMN account.mobile_proved_at IS
    'When a code sent to the mobile was right, or the operator moved the account to it';
COMMENT ON COLUMN account.email IS 'In lower case; also a login, hence unique';
COMMENT ON COLUMN account.email_proved_at IS
    'When a code sent to the e-mail was right. Null: only written down, and whoever proves it takes it';
COMMENT ON COLUMN account.first_name IS
    'As the person wrote it in the profile; so are the other data of the person here';
COMMENT ON COLUMN account.password_hash IS 'Argon2id, made outside the database';
COMMENT ON COLUMN account.password_set_at IS 'Which password it is: what was begun or proved with another one fails';
COMMENT ON COLUMN account.alert_sms IS
    'Whether new documents are announced by SMS; alert_mail: by e-mail, when there is one';
COMMENT ON COLUMN account.alert_last_call IS 'Whether documents never opened are called to mind before they vanish';

CREATE TABLE dossier (
    id               uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id       uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    patient_id       uuid NOT NULL REFERENCES patient,
    relation         text NOT NULL CHECK (relation IN ('self', 'relative')),
    role             text CHECK (role IN ('parent', 'guardian', 'delegate')),
    state            text NOT NULL DEFAULT 'inactive' CHECK (state IN ('inactive', 'active', 'disabled')),
    of_minor         boolean NOT NULL DEFAULT false,
    adult_on         date,
    handover_told_at timestamptz,
    created_at       timestamptz NOT NULL DEFAULT now(),
    activated_at     timestamptz,
    UNIQUE (account_id, patient_id),
    CONSTRAINT dossier_role_of_relatives CHECK ((relation = 'relative') = (role IS NOT NULL))
);
COMMENT ON TABLE dossier IS 'One patient''s documents as seen from one account: the row is the permission';
COMMENT ON COLUMN dossier.role IS
    'What the account holder is to a relative: parent of a minor, '
    'guardian, or delegate of an adult; null for oneself';
COMMENT ON COLUMN dossier.state IS 'inactive: no activation code yet; disabled: switched off by the account holder';
COMMENT ON COLUMN dossier.of_minor IS
    'The relative was a minor when added, by the day of birth that is known now; kept '
    'by triggers. The permission ends on the day they turn 18';
COMMENT ON COLUMN dossier.adult_on IS
    'Where of_minor: the 18th birthday, as the patient''s row has it; kept by triggers';
COMMENT ON COLUMN dossier.handover_told_at IS 'When the account holder was told that this day comes near';
CREATE UNIQUE INDEX dossier_one_self ON dossier (account_id) WHERE relation = 'self';
CREATE INDEX dossier_patient ON dossier (patient_id);
CREATE INDEX dossier_adult_on ON dossier (adult_on) WHERE of_minor;

CREATE TABLE activation_code (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    acceptance_id uuid NOT NULL REFERENCES acceptance,
    patient_id    uuid NOT NULL REFERENCES patient,
    key_id        text NOT NULL,
    mac           text NOT NULL,
    sealed        text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    used_at       timestamptz,
    used_by       uuid REFERENCES account ON DELETE SET NULL,
    UNIQUE (key_id, mac),
    CONSTRAINT activation_code_sealed_while_open CHECK (sealed IS NULL OR (used_at IS NULL AND revoked_at IS NULL))
);
COMMENT ON TABLE activation_code IS 'What is printed on a pick-up slip, as a MAC; opens one patient''s dossier once';
COMMENT ON COLUMN activation_code.mac IS
    'HMAC-SHA-256 over the codice fiscale and the 13 characters, under key key_id of the web server''s ring';
COMMENT ON COLUMN activation_code.sealed IS
    'The code itself, sealed by the web server for this MAC, so that the slip can be '
    'printed again; wiped when the code is used, revoked or expired';
COMMENT ON COLUMN activation_code.revoked_at IS 'Replaced by a new code (slip lost)';
COMMENT ON COLUMN activation_code.used_by IS 'Null again when that account is deleted; used_at stays';
CREATE UNIQUE INDEX activation_code_one_open ON activation_code (acceptance_id)
    WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX activation_code_acceptance ON activation_code (acceptance_id, created_at);
CREATE INDEX activation_code_used_by ON activation_code (used_by) WHERE used_by IS NOT NULL;
CREATE INDEX activation_code_sealed ON activation_code (expires_at) WHERE sealed IS NOT NULL;
-- which keys of the key file rows still need is asked with every scrape of the metrics; so outbox_sealed, document_key
CREATE INDEX activation_code_key ON activation_code (expires_at) INCLUDE (key_id)
    WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX activation_code_patient ON activation_code (patient_id);
-- the codes that need a key which the key file does not hold
CREATE INDEX activation_code_of_key ON activation_code (key_id, expires_at)
    WHERE used_at IS NULL AND revoked_at IS NULL;

CREATE VIEW account_mobile AS
SELECT a.id AS account_id, a.patient_id,
    -- by a correction; that the person gives another number at another visit takes nothing back
    EXISTS (
        SELECT FROM acceptance c WHERE c.patient_id = a.patient_id AND c.mobile <> a.mobile
          AND a.mobile = ANY (c.mobiles_former)
          AND c.mobile_corrected_at > greatest(a.mobile_proved_at, own.named_at)) AS given_up,
    EXISTS (
        SELECT FROM acceptance c WHERE c.mobile = a.mobile AND c.updated_at > a.mobile_proved_at
          AND NOT EXISTS (SELECT FROM dossier d WHERE d.account_id = a.id AND d.patient_id = c.patient_id)) AS passed_on
FROM account a
CROSS JOIN LATERAL (SELECT max(greatest(created_at, mobile_corrected_at)) AS named_at FROM acceptance
                    WHERE patient_id = a.patient_id AND mobile = a.mobile) own;
COMMENT ON VIEW account_mobile IS 'What the desks say of an account''s mobile. given_up: no longer its holder''s; '
    'passed_on: noted since for somebody whom the account does not keep';
