-- One machinery of verification codes, whatever waits for one: a registration, a forgotten password, a
-- new mobile or e-mail.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE account_change (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    kind       text NOT NULL CHECK (kind IN ('password_reset', 'mobile_change', 'email_change')),
    account_id uuid REFERENCES account ON DELETE CASCADE,
    recipient  text NOT NULL,
    language   text NOT NULL CHECK (language IN ('it', 'en')),
    subject    text NOT NULL,
    number     text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    closed_at  timestamptz
);
COMMENT ON TABLE account_change IS 'What waits for a verification code before it is done to an account; the same rows whether the login exists or not';
COMMENT ON COLUMN account_change.account_id IS 'Null: a forgotten password of a login that no account has';
COMMENT ON COLUMN account_change.recipient IS 'Where the codes go: the account''s mobile, or the mobile or e-mail that is to become the account''s';
COMMENT ON COLUMN account_change.subject IS 'Whose codes and wrong tries are counted, as who asks knows it: digest of a number, address or login';
COMMENT ON COLUMN account_change.number IS 'The number behind it, counted too but never told; the same as subject where a number was typed';
COMMENT ON COLUMN account_change.expires_at IS 'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN account_change.closed_at IS 'The right code was given, or another change took its place';
CREATE INDEX account_change_account ON account_change (account_id, kind) WHERE closed_at IS NULL;
CREATE INDEX account_change_subject ON account_change (subject, kind) WHERE closed_at IS NULL;
CREATE INDEX account_change_expiry ON account_change (expires_at);

-- What the code machinery knows of a registration or a change.
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
    number      text,
    closed_at   timestamptz,
    expires_at  timestamptz
);

ALTER TABLE verification_code
    ALTER COLUMN registration_id DROP NOT NULL,
    ADD COLUMN account_change_id uuid REFERENCES account_change ON DELETE CASCADE,
    ADD COLUMN flow_id uuid NOT NULL GENERATED ALWAYS AS (coalesce(registration_id, account_change_id)) STORED,
    ADD CHECK (num_nonnulls(registration_id, account_change_id) = 1);
COMMENT ON TABLE verification_code IS 'Six digits by SMS or e-mail, as a MAC; the newest code of a registration or change voids the others';
COMMENT ON COLUMN verification_code.flow_id IS 'The registration or change it belongs to, and the only one it is good for';
COMMENT ON COLUMN verification_code.deliverable IS 'It was sent. If not (no acceptance holds that number, no such login), no digits are ever right';
DROP INDEX verification_code_one_open, verification_code_registration;
CREATE UNIQUE INDEX verification_code_one_open ON verification_code (flow_id)
    WHERE voided_at IS NULL AND used_at IS NULL;
CREATE INDEX verification_code_flow ON verification_code (flow_id);
CREATE INDEX outbox_code ON outbox (code_id) WHERE state = 'queued' AND code_id IS NOT NULL;
CREATE INDEX acceptance_mobile ON acceptance (mobile);

DROP FUNCTION IF EXISTS registration_code_lock(uuid);
DROP FUNCTION IF EXISTS registration_code_refusal(registration, uuid, text);

ALTER TABLE account ADD COLUMN IF NOT EXISTS alert_last_call boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN account.alert_last_call IS 'Whether to be told before a document that was never opened vanishes, by the channels chosen';

COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per number, address or login that codes go to), activation_wrong, password_again, contact_change (per account), login (per login and address prefix), login_address, code_address (per address prefix)';
COMMENT ON COLUMN throttle.subject IS 'SHA-256 of the number, login or address; an account id as it is';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('account_change_minutes', 60, 'how long a forgotten password or a new mobile or e-mail may ask for new codes'),
    ('contact_changes_per_day', 10, 'codes for a new mobile or e-mail per account in 24 hours');
