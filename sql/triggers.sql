-- What happens by itself when rows change. Applied behind the functions, and only when this file has changed: each
-- statement waits for the writers of its table. A trigger that is to go is dropped by a migration.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE OR REPLACE TRIGGER document_replaced AFTER UPDATE OF object_id, wrapped_key ON document
    FOR EACH ROW WHEN (OLD.wrapped_key IS NOT NULL AND (NEW.wrapped_key IS NULL OR NEW.object_id <> OLD.object_id))
    EXECUTE FUNCTION dossier_lib.document_destroyed();
CREATE OR REPLACE TRIGGER document_removed AFTER DELETE ON document
    FOR EACH ROW WHEN (OLD.wrapped_key IS NOT NULL) EXECUTE FUNCTION dossier_lib.document_destroyed();

CREATE OR REPLACE TRIGGER dossier_adult_on BEFORE INSERT OR UPDATE OF of_minor, patient_id ON dossier
    FOR EACH ROW EXECUTE FUNCTION dossier_lib.dossier_adult_on();
CREATE OR REPLACE TRIGGER patient_adult_on AFTER UPDATE OF birth_date, codice_fiscale ON patient
    FOR EACH ROW WHEN ((OLD.birth_date, OLD.codice_fiscale) IS DISTINCT FROM (NEW.birth_date, NEW.codice_fiscale))
    EXECUTE FUNCTION dossier_lib.patient_adult_on();

CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION dossier_lib.audit_refuse_change();
CREATE OR REPLACE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION dossier_lib.audit_refuse_change();
CREATE OR REPLACE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION dossier_lib.audit_seal_refuse_change();
CREATE OR REPLACE TRIGGER audit_seal_never_emptied BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION dossier_lib.audit_seal_refuse_change();
-- also where triggers are switched off for a session (replication)
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_append_only;
ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_never_emptied;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_append_only;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_never_emptied;
