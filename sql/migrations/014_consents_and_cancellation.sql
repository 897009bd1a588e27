-- Consents that can be withdrawn, documents that their patient destroys, accounts that can go.
SET LOCAL search_path = dossier_data, pg_temp;

-- A consent outlives the account it was given with, and then names nobody.
ALTER TABLE consent
    DROP CONSTRAINT consent_account_id_fkey,
    DROP CONSTRAINT consent_patient_id_fkey,
    ADD COLUMN withdrawn_at timestamptz,
    ADD COLUMN withdrawn_address text,
    ADD COLUMN unlinked_at timestamptz;
COMMENT ON COLUMN consent.account_id IS 'No foreign key: once the account is deleted it is a random id that names no row';
COMMENT ON COLUMN consent.patient_id IS 'As account_id; from the deletion on what the audit calls the patient (audit_alias), which then names nobody either';
COMMENT ON COLUMN consent.withdrawn_at IS 'Null: it stands. Giving it again is a new row';
COMMENT ON COLUMN consent.unlinked_at IS 'When the account was deleted; the row is kept as proof for a while after';
CREATE INDEX consent_unlinked ON consent (unlinked_at) WHERE unlinked_at IS NOT NULL;

ALTER TABLE document
    ADD COLUMN deleted_at timestamptz,
    DROP CONSTRAINT document_check,
    DROP CONSTRAINT document_check1,
    ADD CONSTRAINT document_key_or_end CHECK (wrapped_key IS NOT NULL OR withdrawn_at IS NOT NULL
        OR deleted_at IS NOT NULL OR purged_at IS NOT NULL),
    ADD CONSTRAINT document_title_or_end CHECK (title IS NOT NULL OR deleted_at IS NOT NULL
        OR purged_at IS NOT NULL);
COMMENT ON COLUMN document.deleted_at IS 'By the patient, who cannot take it back: the key was destroyed with it';

-- What belongs to an account goes with it. A reading stays for the desk, under an id that names nobody.
ALTER TABLE document_reading DROP CONSTRAINT document_reading_account_id_fkey;
COMMENT ON COLUMN document_reading.account_id IS 'No foreign key: a random id, another one in each row, once the account is deleted';
ALTER TABLE registration DROP CONSTRAINT registration_account_id_fkey,
    ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE dossier DROP CONSTRAINT dossier_account_id_fkey,
    ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE session DROP CONSTRAINT session_account_id_fkey,
    ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE login_attempt DROP CONSTRAINT login_attempt_account_id_fkey,
    ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE outbox DROP CONSTRAINT outbox_account_id_fkey,
    ADD FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE activation_code DROP CONSTRAINT activation_code_used_by_fkey,
    ADD FOREIGN KEY (used_by) REFERENCES account ON DELETE SET NULL;
CREATE INDEX outbox_account ON outbox (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX activation_code_used_by ON activation_code (used_by) WHERE used_by IS NOT NULL;
COMMENT ON COLUMN outbox.state IS 'cancelled: what it was about was over before it left';

-- In the lines of an account the audit calls patients, documents and acceptances by names of its own.
CREATE TABLE audit_alias (
    alias      uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    subject    uuid NOT NULL,
    UNIQUE (account_id, subject)
);
COMMENT ON TABLE audit_alias IS 'What the audit calls a patient, document or acceptance in the lines of one account. Deleted with it: the lines stay as they were written, and lead to nobody';
COMMENT ON COLUMN audit_alias.subject IS 'Id of a patient, document or acceptance';
CREATE INDEX audit_alias_subject ON audit_alias (subject);
COMMENT ON COLUMN audit.patient_id IS 'In a line with an account_id an alias (audit_alias), since the hospital''s patients outlive accounts';
COMMENT ON COLUMN audit.object_id IS 'What the action was about: document, acceptance, registration, session, integrator; documents and acceptances by an alias where there is an account_id';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('consent_keep_months', 24, 'how long the consents of deleted accounts are kept as proof');
