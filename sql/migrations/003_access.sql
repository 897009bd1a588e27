SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE notice (
    kind         text CHECK (kind IN ('portal', 'dossier')),
    version      text,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (kind, version)
);
COMMENT ON TABLE notice IS 'Versions of the privacy notices; the latest published_at not in the future is the current one';

CREATE TABLE notice_text (
    kind     text,
    version  text,
    language text CHECK (language IN ('it', 'en')),
    title    text NOT NULL,
    body     text NOT NULL,
    PRIMARY KEY (kind, version, language),
    FOREIGN KEY (kind, version) REFERENCES notice
);
COMMENT ON TABLE notice_text IS 'What a notice says; plain text, empty lines part paragraphs. Never changed once published: consents point at it';

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
    address        text,
    created_at     timestamptz NOT NULL DEFAULT now(),
    expires_at     timestamptz NOT NULL,
    closed_at      timestamptz,
    account_id     uuid REFERENCES account
);
COMMENT ON TABLE registration IS 'Somebody who asks for an account; the same rows whether an acceptance matches or not';
COMMENT ON COLUMN registration.password_hash IS 'Wiped when the registration is closed';
COMMENT ON COLUMN registration.expires_at IS 'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN registration.closed_at IS 'The right code was given; account_id says what came of it (null: a number, person or e-mail was taken)';
CREATE INDEX registration_person ON registration (codice_fiscale, created_at) WHERE closed_at IS NULL;
CREATE INDEX registration_expiry ON registration (expires_at);

CREATE TABLE verification_code (
    id              uuid PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES registration ON DELETE CASCADE,
    key_id          text NOT NULL,
    mac             text NOT NULL,
    deliverable     boolean NOT NULL,
    tries           int NOT NULL DEFAULT 0,
    compared        int NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL DEFAULT now(),
    expires_at      timestamptz NOT NULL,
    voided_at       timestamptz,
    used_at         timestamptz
);
COMMENT ON TABLE verification_code IS 'Six digits by SMS, as a MAC; the newest code of a registration voids the others';
COMMENT ON COLUMN verification_code.deliverable IS 'An acceptance held that person with that number. If not, nothing was sent, and no digits are ever right';
COMMENT ON COLUMN verification_code.tries IS 'Counted before anything is compared; compared never passes it';
CREATE UNIQUE INDEX verification_code_one_open ON verification_code (registration_id)
    WHERE voided_at IS NULL AND used_at IS NULL;
CREATE INDEX verification_code_registration ON verification_code (registration_id);

CREATE TABLE consent (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account,
    patient_id uuid NOT NULL REFERENCES patient,
    kind       text NOT NULL,
    version    text NOT NULL,
    given_at   timestamptz NOT NULL DEFAULT now(),
    address    text,
    FOREIGN KEY (kind, version) REFERENCES notice
);
COMMENT ON TABLE consent IS 'Who agreed to which version of which notice, for which patient, when';
CREATE INDEX consent_account ON consent (account_id);

CREATE TABLE session (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash   text NOT NULL UNIQUE,
    account_id   uuid NOT NULL REFERENCES account,
    user_agent   text,
    address      text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz
);
COMMENT ON TABLE session IS 'A login on one device; closed rows stay a while so that a late request cannot bring one back';
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the cookie''s token, hex';
CREATE INDEX session_account ON session (account_id) WHERE closed_at IS NULL;
CREATE INDEX session_created ON session (created_at);

CREATE TABLE login_attempt (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id  uuid REFERENCES account,
    login_hash  text NOT NULL,
    prefix      text NOT NULL,
    cost        interval NOT NULL,
    hit_at      timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
COMMENT ON TABLE login_attempt IS 'A login between counting it and judging its password; finished once';
COMMENT ON COLUMN login_attempt.account_id IS 'Null: no such login, which the web server learns but its client does not';
COMMENT ON COLUMN login_attempt.cost IS 'What it added to the throttle of (login, address), to be taken back if it was right';
COMMENT ON COLUMN login_attempt.hit_at IS 'Its entry among the hits of both throttles';
CREATE INDEX login_attempt_created ON login_attempt (created_at);

CREATE TABLE throttle (
    scope      text,
    subject    text,
    hits       timestamptz[] NOT NULL DEFAULT '{}',
    tat        timestamptz,
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, subject)
);
COMMENT ON TABLE throttle IS 'What was counted lately per number, account or address; the row is also the lock that puts parallel tries in a line';
COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per mobile), activation_wrong (per account), login (per login and address prefix), login_address (per address prefix)';
COMMENT ON COLUMN throttle.subject IS 'SHA-256 of the number, login or address; an account id as it is';
COMMENT ON COLUMN throttle.hits IS 'When, oldest first; what has left the window is dropped at the next use';
COMMENT ON COLUMN throttle.tat IS 'Theoretical arrival time of the GCRA; only for scope login';
CREATE INDEX throttle_touched ON throttle (touched_at);

CREATE TABLE throttle_limit (
    name    text PRIMARY KEY,
    value   int NOT NULL CHECK (value >= 0),
    purpose text NOT NULL
);
COMMENT ON TABLE throttle_limit IS 'Every limit in force. A change holds from the next request on';

CREATE TABLE sms_prefix (
    prefix text PRIMARY KEY CHECK (prefix ~ '^\+[1-9][0-9]{0,6}$')
);
COMMENT ON TABLE sms_prefix IS 'Numbers that verification codes may go to begin with one of these; keeps premium destinations out';
