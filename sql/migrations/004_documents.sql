SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE document (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id uuid NOT NULL REFERENCES integrator,
    external_id   text NOT NULL,
    facility_id   text NOT NULL REFERENCES facility,
    patient_id    uuid NOT NULL REFERENCES patient,
    acceptance_id uuid REFERENCES acceptance,
    title         text,
    type          text NOT NULL,
    author        text,
    issued_at     timestamptz NOT NULL,
    version       int NOT NULL DEFAULT 1,
    corrected     boolean NOT NULL DEFAULT false,
    media_type    text NOT NULL,
    size          bigint NOT NULL CHECK (size >= 0),
    sha256        text NOT NULL,
    object_id     uuid NOT NULL UNIQUE,
    key_id        text NOT NULL,
    wrapped_key   text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    published_at  timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    withdrawn_at  timestamptz,
    purged_at     timestamptz,
    UNIQUE (integrator_id, external_id),
    CHECK (wrapped_key IS NOT NULL OR withdrawn_at IS NOT NULL OR purged_at IS NOT NULL),
    CHECK (title IS NOT NULL OR purged_at IS NOT NULL)
);
COMMENT ON TABLE document IS 'What a facility published; the bytes are in the vault. Past its time the row stays as a tombstone for the desk';
COMMENT ON COLUMN document.id IS 'The same through all versions, so that the patient''s address of it stays';
COMMENT ON COLUMN document.version IS 'Counts the files, not the corrections of title or author';
COMMENT ON COLUMN document.corrected IS 'Other bytes than those first published stand behind it';
COMMENT ON COLUMN document.sha256 IS 'Of the plaintext. Kept for good: the same bytes never bring an expired document back';
COMMENT ON COLUMN document.object_id IS 'The file''s name in the vault; a new one for each version';
COMMENT ON COLUMN document.wrapped_key IS 'The document''s key under key key_id of the ring. Null: destroyed, and the file is noise';
COMMENT ON COLUMN document.expires_at IS 'Readable strictly before it';
CREATE INDEX document_patient ON document (patient_id, published_at DESC, id DESC);
CREATE INDEX document_expiry ON document (expires_at) WHERE wrapped_key IS NOT NULL;
CREATE INDEX document_unpurged ON document (expires_at) WHERE purged_at IS NULL;

CREATE TABLE document_reading (
    document_id  uuid REFERENCES document,
    account_id   uuid REFERENCES account,
    version      int,
    first_at     timestamptz NOT NULL DEFAULT now(),
    last_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, account_id, version)
);
COMMENT ON TABLE document_reading IS 'Which version an account has read; a document is new to an account while it has no row for the current one';
CREATE INDEX document_reading_account ON document_reading (account_id);
