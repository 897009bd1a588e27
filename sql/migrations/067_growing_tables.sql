-- What the watchdog does each minute, what an account does, and what anybody asks must not read through tables that grow.
SET LOCAL search_path = dossier_data, pg_temp;

-- What goes with a row, or is looked for by it. Those of sessions and changes were for the open ones only.
DROP INDEX session_account, account_change_account;
CREATE INDEX session_account ON session (account_id);
CREATE INDEX account_change_account ON account_change (account_id, kind);
CREATE INDEX login_attempt_account ON login_attempt (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX password_proof_account ON password_proof (account_id);
CREATE INDEX registration_account ON registration (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX verification_code_registration ON verification_code (registration_id) WHERE registration_id IS NOT NULL;
CREATE INDEX verification_code_change ON verification_code (account_change_id) WHERE account_change_id IS NOT NULL;
CREATE INDEX activation_code_patient ON activation_code (patient_id);
CREATE INDEX document_acceptance ON document (acceptance_id) WHERE acceptance_id IS NOT NULL;
CREATE INDEX throttle_subject ON throttle (subject);
CREATE INDEX early_receipt_at ON early_receipt (at);

-- for the status: what waits, by when it was due, and what was given up
CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'queued';
CREATE INDEX outbox_failed ON outbox (ended_at) WHERE state = 'failed';

-- The day on which a permission over a minor ends stands in its row, and follows the patient's date of birth.
ALTER TABLE dossier ADD COLUMN adult_on date;
COMMENT ON COLUMN dossier.adult_on IS 'Where of_minor: the 18th birthday, as the patient''s row has it; kept by triggers';
DROP INDEX dossier_of_minor;
CREATE INDEX dossier_adult_on ON dossier (adult_on) WHERE of_minor;

CREATE FUNCTION dossier_adult_on() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    NEW.adult_on := NULL;
    IF NEW.of_minor THEN -- shared: the desk may be putting the date right at this moment
        SELECT adult_on(birth_of(t)) INTO NEW.adult_on FROM patient t WHERE t.id = NEW.patient_id FOR SHARE;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER dossier_adult_on BEFORE INSERT OR UPDATE OF of_minor, patient_id ON dossier
    FOR EACH ROW EXECUTE FUNCTION dossier_adult_on();

CREATE FUNCTION patient_adult_on() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    UPDATE dossier SET of_minor = true WHERE patient_id = NEW.id AND of_minor;
    RETURN NULL;
END
$$;
CREATE TRIGGER patient_adult_on AFTER UPDATE OF birth_date, codice_fiscale ON patient
    FOR EACH ROW WHEN ((OLD.birth_date, OLD.codice_fiscale) IS DISTINCT FROM (NEW.birth_date, NEW.codice_fiscale))
    EXECUTE FUNCTION patient_adult_on();

UPDATE dossier SET of_minor = true WHERE of_minor;
