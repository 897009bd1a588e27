-- What the facilities have published; the bytes are in the vault.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE document (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id  uuid NOT NULL REFERENCES integrator,
    external_id    text NOT NULL,
    facility_id    text NOT NULL REFERENCES facility,
    patient_id     uuid NOT NULL REFERENCES patient,
    acceptance_id  uuid REFERENCES acceptance,
    title          text,
    type           text NOT NULL,
    author         text,
    issued_at      timestamptz NOT NULL,
    class          text NOT NULL DEFAULT 'ordinary'
        CHECK (class IN ('ordinary', 'hiv', 'abortion', 'sexual_violence', 'substances', 'anonymous_birth',
            'family_counselling')),
    told_by_doctor boolean NOT NULL DEFAULT false,
    hold           boolean NOT NULL DEFAULT false,
    hold_until     timestamptz,
    version        int NOT NULL DEFAULT 1,
    corrected      boolean NOT NULL DEFAULT false,
    media_type     text NOT NULL,
    size           bigint NOT NULL CHECK (size >= 0),
    sha256         text NOT NULL,
    former         text[] NOT NULL DEFAULT '{}',
    ended          text[] NOT NULL DEFAULT '{}',
    object_id      uuid NOT NULL UNIQUE,
    key_id         text NOT NULL,
    wrapped_key    text,
    calls          text[] NOT NULL DEFAULT '{}',
    changes        int NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT now(),
    published_at   timestamptz NOT NULL,
    announce       boolean NOT NULL DEFAULT false,
    last_call_at   timestamptz,
    expires_at     timestamptz NOT NULL,
    withdrawn_at   timestamptz,
    deleted_at     timestamptz,
    purged_at      timestamptz,
    UNIQUE (integrator_id, external_id),
    CONSTRAINT document_key_or_end
        CHECK (wrapped_key IS NOT NULL OR withdrawn_at IS NOT NULL OR deleted_at IS NOT NULL OR purged_at IS NOT NULL),
    CONSTRAINT document_title_or_end CHECK (title IS NOT NULL OR deleted_at IS NOT NULL OR purged_at IS NOT NULL)
);
COMMENT ON TABLE document IS
    'What a facility published; the bytes are in the vault. Past its time '
    'the row stays as a tombstone for the desk';
COMMENT ON COLUMN document.id IS 'The same through all versions, so that the patient''s address of it stays';
COMMENT ON COLUMN document.class IS 'All but ordinary is visible to the patient alone; genetic reports are never taken';
COMMENT ON COLUMN document.told_by_doctor IS
    'The facility states that a doctor has told the patient: an HIV report is invisible without it';
COMMENT ON COLUMN document.hold IS
    'As the facility asked, until it releases the document; hold_until: until then. In force is published_at';
COMMENT ON COLUMN document.version IS 'Counts the files, not the corrections of title or author';
COMMENT ON COLUMN document.corrected IS 'Other bytes than those first published stand behind it';
COMMENT ON COLUMN document.sha256 IS
    'Of the plaintext. Kept for good: the same bytes never bring an expired document back';
COMMENT ON COLUMN document.former IS
    'SHA-256 of the files that others have replaced, the latest hundred: sent '
    'again they do not come back unless that is asked';
COMMENT ON COLUMN document.ended IS
    'SHA-256 of former files that expired or that the patient deleted, the latest hundred: they never come back';
COMMENT ON COLUMN document.object_id IS 'The file''s name in the vault; a new one for each version';
COMMENT ON COLUMN document.wrapped_key IS
    'The document''s key under key key_id of the ring. Null: destroyed, and the file is noise';
COMMENT ON COLUMN document.calls IS
    'Digests of the calls that changed it, the latest hundred: first the one in '
    'force (empty: none), then those that came before';
COMMENT ON COLUMN document.changes IS 'How many calls have changed it, so that no tag of it is ever one it had before';
COMMENT ON COLUMN document.created_at IS 'When these bytes came: a repetition of them is of the same day';
COMMENT ON COLUMN document.published_at IS 'Readable from then on; infinity: held until it is released';
COMMENT ON COLUMN document.announce IS 'To be announced when published_at comes';
COMMENT ON COLUMN document.last_call_at IS
    'When whoever has not opened it is told that it is about to vanish; null: no more';
COMMENT ON COLUMN document.expires_at IS 'Readable strictly before it';
COMMENT ON COLUMN document.deleted_at IS 'By the patient, who cannot take it back: the key was destroyed with it';
CREATE INDEX document_patient ON document (patient_id, published_at DESC, id DESC);
-- the purge asks for what is not purged yet, withdrawn or not
CREATE INDEX document_unpurged ON document (expires_at) WHERE purged_at IS NULL;
CREATE INDEX document_announce ON document (published_at) WHERE announce;
CREATE INDEX document_last_call ON document (last_call_at) WHERE last_call_at IS NOT NULL;
-- how many bytes there are is asked every few seconds; tombstones stay for good, and must not be read for it
CREATE INDEX document_live ON document (size) WHERE wrapped_key IS NOT NULL;
CREATE INDEX document_key ON document (key_id) INCLUDE (size, expires_at) WHERE wrapped_key IS NOT NULL;
CREATE INDEX document_acceptance ON document (acceptance_id) WHERE acceptance_id IS NOT NULL;
-- their files are looked for in the vault each minute
CREATE INDEX document_newest ON document (created_at) WHERE wrapped_key IS NOT NULL;

CREATE TABLE document_hidden (
    document_id uuid NOT NULL REFERENCES document ON DELETE CASCADE,
    account_id  uuid REFERENCES account ON DELETE SET NULL,
    by_patient  boolean NOT NULL,
    hidden_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (document_id, account_id)
);
COMMENT ON TABLE document_hidden IS 'Documents taken out of sight (oscuramento), and nobody is told that there are any';
COMMENT ON COLUMN document_hidden.account_id IS
    'Who did it; null when that account is deleted: what the patient has hidden stays so';
COMMENT ON COLUMN document_hidden.by_patient IS
    'By the patient: out of everybody''s sight; by a relative''s account: out of its own';
-- an account that is deleted must not read through all that others have hidden
CREATE INDEX document_hidden_account ON document_hidden (account_id);

CREATE TABLE document_reading (
    document_id uuid REFERENCES document,
    account_id  uuid,
    version     int,
    first_at    timestamptz NOT NULL DEFAULT now(),
    last_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, account_id, version)
);
COMMENT ON TABLE document_reading IS
    'Which version an account has read; a document is new to an account while it has no row for the current one';
COMMENT ON COLUMN document_reading.account_id IS
    'No foreign key: a random id, another one in each row, once the account is deleted';
CREATE INDEX document_reading_account ON document_reading (account_id);
