-- Who did what: append-only, sealed in batches. The triggers that hold it so are in ../triggers.sql.
SET LOCAL search_path = dossier_data, pg_temp;

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
COMMENT ON TABLE audit IS
    'Who did what, and what was refused; append-only. Ids only: no codes, numbers, '
    'names. No foreign keys, so that it outlives what it names';
COMMENT ON COLUMN audit.txid IS 'For sealing: batches below the snapshot''s xmin are complete';
COMMENT ON COLUMN audit.outcome IS 'ok, or the name of the refusal';
COMMENT ON COLUMN audit.account_id IS 'The account concerned, whoever acted';
COMMENT ON COLUMN audit.patient_id IS
    'In a line with an account_id an alias (audit_alias), since the hospital''s patients outlive accounts';
COMMENT ON COLUMN audit.object_id IS
    'What the action was about: document, acceptance, registration, session, integrator; '
    'documents and acceptances by an alias where there is an account_id';
COMMENT ON COLUMN audit.detail IS 'A version of a notice or document, or how often in which hour; nothing of a person';
CREATE INDEX audit_account ON audit (account_id, id) WHERE account_id IS NOT NULL;
CREATE INDEX audit_txid ON audit (txid);
CREATE INDEX audit_patient ON audit (patient_id, id) WHERE account_id IS NULL AND patient_id IS NOT NULL;

CREATE TABLE audit_alias (
    alias      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    subject    uuid NOT NULL,
    UNIQUE (account_id, subject)
);
COMMENT ON TABLE audit_alias IS
    'What the audit calls a patient, document or acceptance in the lines of one account. Deleted '
    'with it: the lines stay as they were written, and lead to nobody';
COMMENT ON COLUMN audit_alias.subject IS 'Id of a patient, document or acceptance';
CREATE INDEX audit_alias_subject ON audit_alias (subject);

CREATE TABLE audit_count (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour    timestamptz NOT NULL,
    action  text NOT NULL,
    outcome text NOT NULL,
    count   bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE audit_count IS
    'How often anyone asked for something in vain this hour. As many rows of a kind as were counted at the same time, '
    'so that none waits for another; when the hour is over they become one line of the audit';
CREATE INDEX audit_count_kind ON audit_count (hour, action, outcome);

CREATE TABLE audit_seal (
    number     bigint PRIMARY KEY,
    lines      int8multirange NOT NULL,
    count      int NOT NULL CHECK (count > 0),
    newest_at  timestamptz NOT NULL,
    below      xid8,
    above      xid8,
    cluster    text,
    root       text NOT NULL CHECK (root ~ '^[0-9a-f]{64}$'),
    previous   text NOT NULL CHECK (previous ~ '^[0-9a-f]{64}$'),
    hash       text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$') UNIQUE,
    sealed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
COMMENT ON TABLE audit_seal IS
    'Batches of audit lines, each hashed together with the seal before it; numbered from 1 without a gap';
COMMENT ON COLUMN audit_seal.lines IS
    'The ids of its lines. Ids are taken in another order than they are committed, so batches may interlock';
COMMENT ON COLUMN audit_seal.below IS
    'Every line of a transaction below it is in this seal or an earlier one; null '
    'where a batch that caught up was too large to say so';
COMMENT ON COLUMN audit_seal.above IS
    'No transaction from it on had begun when the lines were gathered; '
    'null in seals of earlier versions, as cluster';
COMMENT ON COLUMN audit_seal.cluster IS
    'Whose transactions below and above are: in a copy restored elsewhere they begin again';
COMMENT ON COLUMN audit_seal.root IS 'SHA-256 over the SHA-256 of each line, by id';
COMMENT ON COLUMN audit_seal.previous IS 'Hash of the seal before; zeros in the first';
COMMENT ON COLUMN audit_seal.hash IS
    'SHA-256 over everything else but removed_at, and but above and cluster where they are null';
COMMENT ON COLUMN audit_seal.removed_at IS
    'Its lines were past their months. The last such seal stays, and the chain begins with it';
-- what is past its months is asked for by number
CREATE INDEX audit_seal_removed ON audit_seal (number) WHERE removed_at IS NOT NULL;
-- which seal a line is in
CREATE INDEX audit_seal_lines ON audit_seal USING gist (lines);
-- verification: the first seal after a moment
CREATE INDEX audit_seal_time ON audit_seal (sealed_at);
