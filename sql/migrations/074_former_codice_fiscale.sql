-- A provisional codice fiscale becomes a definitive one, and a definitive one may change: the person stays the same.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE former_codice_fiscale (
    codice_fiscale text PRIMARY KEY,
    patient_id     uuid NOT NULL REFERENCES patient,
    changed_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE former_codice_fiscale IS 'What a patient was known by before; whoever still says it means this patient. No patient has it as its current one';
CREATE INDEX former_codice_fiscale_patient ON former_codice_fiscale (patient_id);

ALTER TABLE outbox DROP CONSTRAINT outbox_template_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_template_check CHECK (template IN (
    'verification_code', 'email_code', 'mobile_corrected', 'mobile_changed', 'email_changed',
    'password_changed', 'new_device', 'relative_taken_over', 'minor_handover_soon', 'minor_handover',
    'service_disabled', 'account_deleted', 'codice_fiscale_changed', 'new_documents', 'last_call'));
