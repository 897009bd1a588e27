-- What waits for a verification code: registrations, and changes of an account.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE DOMAIN asked_by AS text CHECK (VALUE IN ('anyone', 'pair', 'proved'));
COMMENT ON DOMAIN asked_by IS 'Who asks for a code. '
    'anyone: knows a login; '
    'pair: knows a codice fiscale and a mobile or e-mail with it; '
    'proved: showed a slip''s activation code, came with a known device or is logged in';

CREATE TABLE registration (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    codice_fiscale text NOT NULL,
    first_name     text NOT NULL,
    last_name      text NOT NULL,
    birth_date     date,
    birth_place    text,
    mobile         text NOT NULL,
    email          text,
    language       text NOT NULL CHECK (language IN ('it', 'en')),
    notice_version text NOT NULL,
    password_hash  text,
    subject        text NOT NULL,
    asked_by       asked_by NOT NULL DEFAULT 'pair',
    address        text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    closed_at      timestamptz,
    account_id     uuid REFERENCES account ON DELETE CASCADE
);
COMMENT ON TABLE registration IS 'Somebody who asks for an account; the same rows whether an acceptance matches or not';
COMMENT ON COLUMN registration.password_hash IS 'Wiped when the registration is closed';
COMMENT ON COLUMN registration.subject IS
    'Whose codes are counted: digest of codice fiscale and mobile, and of the slip if one was shown';
COMMENT ON COLUMN registration.expires_at IS
    'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN registration.closed_at IS
    'The right code was given; account_id says what came of it (null: a number, person or e-mail was taken)';
CREATE INDEX registration_person ON registration (codice_fiscale, created_at) WHERE closed_at IS NULL;
CREATE INDEX registration_expiry ON registration (expires_at);
CREATE INDEX registration_account ON registration (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE account_change (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind         text NOT NULL CHECK (kind IN ('password_reset', 'mobile_change', 'email_change')),
    account_id   uuid REFERENCES account ON DELETE CASCADE,
    recipient    text NOT NULL,
    language     text NOT NULL CHECK (language IN ('it', 'en')),
    subject      text NOT NULL,
    asked_by     asked_by NOT NULL DEFAULT 'anyone',
    mobile_alone boolean NOT NULL DEFAULT true,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL,
    closed_at    timestamptz
);
COMMENT ON TABLE account_change IS
    'What waits for a verification code before it is done to an account; '
    'the same rows whether the login exists or not';
COMMENT ON COLUMN account_change.account_id IS 'Null: a forgotten password of a login that no account has';
COMMENT ON COLUMN account_change.recipient IS
    'Where the codes go: the account''s mobile, or the mobile or e-mail that is to become the account''s';
COMMENT ON COLUMN account_change.subject IS
    'Whose codes are counted: digest of the login as typed, with the codice fiscale and the slip if '
    'they were shown; of the known device; of account and recipient in a session';
COMMENT ON COLUMN account_change.mobile_alone IS
    'A forgotten password, asked for by the mobile and nothing else that strangers do not know';
COMMENT ON COLUMN account_change.expires_at IS
    'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN account_change.closed_at IS 'The right code was given, or another change took its place';
CREATE INDEX account_change_expiry ON account_change (expires_at);
CREATE INDEX account_change_account ON account_change (account_id, kind);

CREATE TABLE verification_code (
    id                uuid PRIMARY KEY,
    registration_id   uuid REFERENCES registration ON DELETE CASCADE,
    account_change_id uuid REFERENCES account_change ON DELETE CASCADE,
    flow_id           uuid NOT NULL GENERATED ALWAYS AS (coalesce(registration_id, account_change_id)) STORED,
    key_id            text NOT NULL,
    mac               text NOT NULL,
    deliverable       boolean NOT NULL,
    site_url          text,
    tries             int NOT NULL DEFAULT 0,
    compared          int NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL DEFAULT now(),
    expires_at        timestamptz NOT NULL,
    voided_at         timestamptz,
    used_at           timestamptz,
    CHECK (num_nonnulls(registration_id, account_change_id) = 1)
);
COMMENT ON TABLE verification_code IS
    'Six digits by SMS or e-mail, as a MAC; the newest code of a registration or change voids the others';
COMMENT ON COLUMN verification_code.flow_id IS
    'The registration or change it belongs to, and the only one it is good for';
COMMENT ON COLUMN verification_code.deliverable IS
    'It was sent. If not (no acceptance holds that number, no such login), no digits are ever right';
COMMENT ON COLUMN verification_code.site_url IS
    'DossierPublicUrl of the site where its registration or change goes on, which '
    'the message names; null in codes of earlier versions';
COMMENT ON COLUMN verification_code.tries IS 'Counted before anything is compared; compared never passes it';
CREATE UNIQUE INDEX verification_code_one_open ON verification_code (flow_id)
    WHERE voided_at IS NULL AND used_at IS NULL;
CREATE INDEX verification_code_flow ON verification_code (flow_id);
CREATE INDEX verification_code_registration ON verification_code (registration_id) WHERE registration_id IS NOT NULL;
CREATE INDEX verification_code_change ON verification_code (account_change_id) WHERE account_change_id IS NOT NULL;

-- What the machinery of codes (lib/code.sql) knows of a registration or a change.
CREATE TYPE code_flow AS (
    id          uuid,
    kind        text,
    channel     text,
    recipient   text,
    language    text,
    account_id  uuid,
    facility_id text,
    deliverable boolean,
    subject     text,
    closed_at   timestamptz,
    expires_at  timestamptz,
    asked_by    text
);
