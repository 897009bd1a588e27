-- Messages to patients, and what keeps their cost within bounds.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE outbox (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel         text NOT NULL CHECK (channel IN ('sms', 'mail')),
    recipient       text NOT NULL,
    template        text NOT NULL
        CHECK (template IN ('verification_code', 'email_code', 'mobile_corrected', 'mobile_changed', 'email_changed',
            'password_changed', 'new_device', 'relative_taken_over', 'minor_handover_soon', 'minor_handover',
            'service_disabled', 'account_deleted', 'codice_fiscale_changed', 'new_documents', 'last_call')),
    language        text NOT NULL CHECK (language IN ('it', 'en')),
    priority        int NOT NULL,
    account_id      uuid REFERENCES account ON DELETE CASCADE,
    registration_id uuid REFERENCES registration ON DELETE SET NULL,
    facility_id     text REFERENCES facility,
    device          text,
    code_id         uuid,
    asked_by        asked_by,
    sealed          text,
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'failed', 'cancelled')),
    gathering       boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL DEFAULT now(),
    due_at          timestamptz NOT NULL,
    not_before      timestamptz NOT NULL,
    give_up_at      timestamptz NOT NULL,
    tries           int NOT NULL DEFAULT 0,
    claimed_by      text,
    claimed_at      timestamptz,
    ended_at        timestamptz,
    provider_id     text,
    receipt         text CHECK (receipt IN ('delivered', 'undelivered')),
    receipt_at      timestamptz,
    CHECK (sealed IS NULL OR state = 'queued'),
    CHECK ((state = 'queued') = (ended_at IS NULL))
);
COMMENT ON TABLE outbox IS 'Messages on their way out, queued in the transaction that gave cause to them';
COMMENT ON COLUMN outbox.priority IS '0: codes, 1: what a person must know of the account or a registration, 2: alerts';
COMMENT ON COLUMN outbox.facility_id IS
    'Whose web site the text names: that of the acceptance or document that gave cause to it';
COMMENT ON COLUMN outbox.device IS
    'Browser and system of a new device, of the few that are known by name: never what a browser says of itself';
COMMENT ON COLUMN outbox.asked_by IS
    'Of a code: who asked for it, as in its flow. The caps of a number and an account count '
    'each kind of asking by itself, and hold no code of one who is proved';
COMMENT ON COLUMN outbox.sealed IS
    'The digits, sealed by the web server for this code_id; wiped when the message has ended';
COMMENT ON COLUMN outbox.state IS 'cancelled: what it was about was over before it left';
COMMENT ON COLUMN outbox.gathering IS 'An alert that still waits: more documents need no second one';
COMMENT ON COLUMN outbox.due_at IS 'When it was to leave first; not_before moves with each retry';
COMMENT ON COLUMN outbox.tries IS 'Tries that have ended';
COMMENT ON COLUMN outbox.claimed_at IS 'By worker claimed_by; a claim grown old is free again';
COMMENT ON COLUMN outbox.receipt IS 'What the provider said of the message after it had taken it';
CREATE UNIQUE INDEX outbox_one_alert ON outbox (account_id, channel) WHERE gathering;
CREATE INDEX outbox_waiting ON outbox (channel, priority, not_before) WHERE state = 'queued';
CREATE INDEX outbox_giving_up ON outbox (give_up_at) WHERE state = 'queued';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'queued';
CREATE INDEX outbox_registration ON outbox (registration_id) WHERE registration_id IS NOT NULL;
CREATE INDEX outbox_code ON outbox (code_id) WHERE state = 'queued' AND code_id IS NOT NULL;
CREATE INDEX outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_provider ON outbox (provider_id) WHERE provider_id IS NOT NULL;
-- for the caps: what went to a number, and for an account, within the hour
CREATE INDEX outbox_number_ended ON outbox (recipient, ended_at) WHERE channel = 'sms';
CREATE INDEX outbox_account_ended ON outbox (account_id, ended_at) WHERE account_id IS NOT NULL;
CREATE INDEX outbox_sealed ON outbox (give_up_at) INCLUDE (sealed) WHERE sealed IS NOT NULL;
-- for the status: what waits, by when it was due, and what was given up
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_failed ON outbox (ended_at) WHERE state = 'failed';

CREATE TABLE outbox_document (
    outbox_id   uuid REFERENCES outbox ON DELETE CASCADE,
    document_id uuid REFERENCES document ON DELETE CASCADE,
    PRIMARY KEY (document_id, outbox_id)
);
COMMENT ON TABLE outbox_document IS 'Which documents an alert announces';
CREATE INDEX outbox_document_outbox ON outbox_document (outbox_id);

CREATE TABLE outbox_try (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    outbox_id   uuid NOT NULL REFERENCES outbox ON DELETE CASCADE,
    worker      text NOT NULL,
    began_at    timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    outcome     text CHECK (outcome IN ('sent', 'retry', 'failed', 'lost')),
    provider_id text,
    error       text
);
COMMENT ON TABLE outbox_try IS 'Each try to send a message';
COMMENT ON COLUMN outbox_try.outcome IS 'lost: the worker never reported, and another took over';
COMMENT ON COLUMN outbox_try.error IS 'A class of errors, nothing of the message';
CREATE INDEX outbox_try_outbox ON outbox_try (outbox_id);

CREATE TABLE early_receipt (
    provider_id text PRIMARY KEY,
    receipt     text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE early_receipt IS
    'Receipts of messages whose provider''s id is not known yet: some providers are quicker than our own report';
CREATE INDEX early_receipt_at ON early_receipt (at);

CREATE TABLE sms_prefix (
    prefix text PRIMARY KEY CHECK (prefix ~ '^\+[1-9][0-9]{0,6}$')
);
COMMENT ON TABLE sms_prefix IS
    'Numbers that SMS may go to begin with one of these; keeps premium destinations out. '
    'DossierSmsPrefixes, where it is given, is written here when a web server starts';

INSERT INTO sms_prefix (prefix) VALUES ('+39');

CREATE TABLE sms_budget (
    period     text PRIMARY KEY CHECK (period IN ('day', 'hour', 'minute')),
    started_at timestamptz NOT NULL,
    used       int NOT NULL
);
COMMENT ON TABLE sms_budget IS 'SMS handed to workers in the running minute, hour and day, over all nodes';

INSERT INTO sms_budget (period, started_at, used) VALUES ('day', now(), 0), ('hour', now(), 0), ('minute', now(), 0);
