SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE outbox (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel         text NOT NULL CHECK (channel IN ('sms', 'mail')),
    recipient       text NOT NULL,
    template        text NOT NULL CHECK (template IN ('verification_code', 'mobile_corrected', 'new_documents')),
    language        text NOT NULL CHECK (language IN ('it', 'en')),
    priority        int NOT NULL,
    account_id      uuid REFERENCES account,
    registration_id uuid REFERENCES registration ON DELETE SET NULL,
    code_id         uuid,
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
    CHECK (sealed IS NULL OR state = 'queued'),
    CHECK ((state = 'queued') = (ended_at IS NULL))
);
COMMENT ON TABLE outbox IS 'Messages on their way out, queued in the transaction that gave cause to them';
COMMENT ON COLUMN outbox.priority IS '0: codes, 1: other messages about a registration, 2: alerts';
COMMENT ON COLUMN outbox.sealed IS 'The digits, sealed by the web server for this code_id; wiped when the message has ended';
COMMENT ON COLUMN outbox.state IS 'cancelled: its code was replaced before it left';
COMMENT ON COLUMN outbox.gathering IS 'An alert that still waits: more documents need no second one';
COMMENT ON COLUMN outbox.due_at IS 'When it was to leave first; not_before moves with each retry';
COMMENT ON COLUMN outbox.tries IS 'Tries that have ended';
COMMENT ON COLUMN outbox.claimed_at IS 'By worker claimed_by; a claim grown old is free again';
CREATE UNIQUE INDEX outbox_one_alert ON outbox (account_id, channel) WHERE gathering;
CREATE INDEX outbox_waiting ON outbox (channel, priority, not_before) WHERE state = 'queued';
CREATE INDEX outbox_giving_up ON outbox (give_up_at) WHERE state = 'queued';
CREATE INDEX outbox_ended ON outbox (ended_at) WHERE state <> 'queued';
CREATE INDEX outbox_registration ON outbox (registration_id) WHERE registration_id IS NOT NULL;

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

CREATE TABLE sms_budget (
    period     text PRIMARY KEY CHECK (period IN ('day', 'minute')),
    started_at timestamptz NOT NULL,
    used       int NOT NULL
);
COMMENT ON TABLE sms_budget IS 'SMS handed to workers in the running minute and day, over all nodes';
INSERT INTO sms_budget VALUES ('day', now(), 0), ('minute', now(), 0);

CREATE TABLE audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_kind  text NOT NULL CHECK (actor_kind IN ('anyone', 'account', 'integrator', 'system', 'operator')),
    actor_id    uuid,
    action      text NOT NULL,
    outcome     text NOT NULL,
    account_id  uuid,
    patient_id  uuid,
    object_id   uuid,
    facility_id text,
    address     text,
    detail      text
);
COMMENT ON TABLE audit IS 'Who did what, and what was refused; append-only. Ids only: no codes, numbers, names. No foreign keys, so that it outlives what it names';
COMMENT ON COLUMN audit.txid IS 'For sealing: batches below the snapshot''s xmin are complete';
COMMENT ON COLUMN audit.outcome IS 'ok, or the name of the refusal';
COMMENT ON COLUMN audit.account_id IS 'The account concerned, whoever acted';
COMMENT ON COLUMN audit.object_id IS 'What the action was about: document, acceptance, registration, session, integrator';
COMMENT ON COLUMN audit.detail IS 'A version of a notice or document, nothing of a person';
CREATE INDEX audit_account ON audit (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_txid ON audit (txid);

CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuse_change();
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
-- also where triggers are switched off for a session (replication)
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_append_only;
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_never_emptied;
