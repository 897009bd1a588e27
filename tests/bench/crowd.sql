-- Three thousand people who are never asked for, each with ten documents that are over: PostgreSQL plans for tables as a
-- hospital has them, the same way from the first round to the last, and not for a few pages that are read through.
SET search_path = dossier_data;
SET session_replication_role = replica; -- the rows bring along what triggers would do

CREATE TEMP TABLE crowd AS
SELECT i, gen_random_uuid() AS patient, gen_random_uuid() AS account, gen_random_uuid() AS acceptance
FROM generate_series(1, 3000) i;
CREATE TEMP TABLE crowd_document AS SELECT i, n, gen_random_uuid() AS document FROM crowd, generate_series(1, 10) n;

INSERT INTO patient (id, codice_fiscale, first_name, last_name)
SELECT patient, 'CROWD' || lpad(i::text, 11, '0'), 'Maria', 'Bianchi' FROM crowd;
INSERT INTO acceptance (id, integrator_id, external_id, facility_id, patient_id, mobile, first_name, last_name)
SELECT acceptance, g.id, 'crowd-' || i, f.id, patient, '+4477' || lpad(i::text, 8, '0'), 'Maria', 'Bianchi'
FROM crowd, (SELECT id FROM integrator LIMIT 1) g, (SELECT id FROM facility LIMIT 1) f;
INSERT INTO account (id, patient_id, mobile, first_name, last_name, password_hash, language)
SELECT account, patient, '+4477' || lpad(i::text, 8, '0'), 'Maria', 'Bianchi', '', 'it' FROM crowd;
INSERT INTO dossier (account_id, patient_id, relation, state) SELECT account, patient, 'self', 'active' FROM crowd;
INSERT INTO consent (account_id, patient_id, kind, version)
SELECT account, patient, n.kind, n.version FROM crowd, (SELECT kind, max(version) AS version FROM notice GROUP BY kind) n;
INSERT INTO session (account_id, token_hash) SELECT account, encode(sha256(account::text::bytea), 'hex') FROM crowd;
INSERT INTO device (account_id, token_hash) SELECT account, encode(sha256(account::text::bytea), 'hex') FROM crowd;
INSERT INTO document (id, integrator_id, external_id, facility_id, patient_id, acceptance_id, type, issued_at, media_type, size,
    sha256, object_id, key_id, published_at, expires_at, deleted_at)
SELECT document, a.integrator_id, format('crowd-%s-%s', i, n), a.facility_id, patient, acceptance, 'laboratory', now(),
    'application/pdf', 1000, '', gen_random_uuid(), '', now(), now() + interval '60 days', now()
FROM crowd_document JOIN crowd USING (i) JOIN acceptance a ON a.id = acceptance;
INSERT INTO document_reading (document_id, account_id, version)
SELECT document, account, 1 FROM crowd_document JOIN crowd USING (i) WHERE n < 8;
