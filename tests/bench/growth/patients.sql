-- Patients, their visits and slips, the accounts and what these leave behind each day.
SET search_path = growth, dossier_data;

INSERT INTO patient (id, codice_fiscale, first_name, last_name, birth_date, birth_place, sex, independent_at, created_at, updated_at)
SELECT id('patient', p), codice_fiscale(p, q), 'Maria', 'Bianchi', CASE WHEN q % 10 = 6 THEN '2015-01-01' ELSE '1980-01-01' END::date,
    'Mantova', 'F', CASE WHEN q % 10 < 5 THEN came END, came, came
FROM (SELECT p, p % m AS q, came(p / m * 10 * m + p % m, m) FROM size, generate_series(0, 12 * m - 1) p) s;

INSERT INTO former_codice_fiscale (codice_fiscale, patient_id)
SELECT (20000000000 + p)::text, id('patient', p) FROM size, generate_series(0, 12 * m - 1, 5) p;

CREATE TABLE growth.holder AS
SELECT p, p % m AS q, id('account', p) AS account, id('patient', p) AS patient, came(p / m * 10 * m + p % m, m) AS came
FROM size, generate_series(0, 12 * m - 1) p WHERE account(p % m);

INSERT INTO account (id, patient_id, mobile, mobile_proved_at, email, email_proved_at, first_name, last_name, birth_date,
    birth_place, password_hash, password_set_at, language, created_at)
SELECT account, patient, mobile(p), came, 'p' || p || '@example.org', came, 'Maria', 'Bianchi', '1980-01-01', 'Mantova',
    '$argon2id$v=19$m=47104,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', came, 'it', came
FROM holder;

INSERT INTO dossier (id, account_id, patient_id, relation, role, state, of_minor, adult_on, created_at, activated_at)
SELECT id('dossier', p), account, patient, 'self', NULL, CASE WHEN q % 10 < 5 THEN 'active' ELSE 'inactive' END, false, NULL::date,
    came, CASE WHEN q % 10 < 5 THEN came END FROM holder
UNION ALL
SELECT id('dossier', p + 6), account, id('patient', p + 6), 'relative', 'parent', 'active', true, '2033-01-01'::date, came, came
FROM holder, size WHERE q % 10 = 0 AND q + 6 < m;

INSERT INTO consent (account_id, patient_id, kind, version, role, given_at, address)
SELECT account, patient, kind, dossier_lib.notice_current(kind), NULL, came, '192.0.2.1' FROM holder, unnest('{portal,dossier}'::text[]) kind
WHERE kind = 'portal' OR q % 10 < 5
UNION ALL
SELECT account, id('patient', p + 6), 'dossier', dossier_lib.notice_current('dossier'), 'parent', came, '192.0.2.1'
FROM holder, size WHERE q % 10 = 0 AND q + 6 < m;
-- of accounts that are deleted
INSERT INTO consent (account_id, patient_id, kind, version, given_at, unlinked_at)
SELECT id('gone', i), id('gone too', i), 'portal', dossier_lib.notice_current('portal'), now() - interval '300 days', now() - interval '1 day' * (i % 700)
FROM size, generate_series(1, traces) i;

INSERT INTO device (account_id, token_hash, user_agent, created_at, last_seen_at)
SELECT account, sha('device', p), 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0', came, greatest(came, now() - interval '300 days') FROM holder;

-- a visit is of the day before its first document
INSERT INTO acceptance (id, integrator_id, external_id, facility_id, patient_id, mobile, email, first_name, last_name, birth_date,
    birth_place, sex, online_pickup, online_pickup_desk, created_at, updated_at)
SELECT id('acceptance', a), id('system', 1), 'A-' || a, 'hospital-' || 1 + a % 4, id('patient', p),
    mobile(CASE WHEN q % 10 = 6 THEN p - 6 ELSE p END), 'p' || p || '@example.org', 'Maria', 'Bianchi',
    CASE WHEN q % 10 = 6 THEN '2015-01-01' ELSE '1980-01-01' END::date, 'Mantova', 'F', q % 200 <> 5, q % 200 <> 5, t, t
FROM (SELECT d.*, came(n, m) - interval '1 day' AS t FROM size, documents() d WHERE k % 2 = 0) v;

-- the first visit's slip has opened the dossier; the others are open until they expire
INSERT INTO activation_code (id, acceptance_id, patient_id, key_id, mac, sealed, created_at, expires_at, used_at, used_by)
SELECT id('code', a), id('acceptance', a), id('patient', p), 'k1', sha('code', a), CASE WHEN NOT used AND t > now() - interval '60 days' THEN 'k1:' || sha('sealed', a) END,
    t, t + interval '60 days', CASE WHEN used THEN t END, CASE WHEN used THEN id('account', p) END
FROM (SELECT d.*, came(n, m) - interval '1 day' AS t, k = 0 AND q % 10 < 5 AND (q % 100 <> 0 OR w = 11) AS used FROM size, documents() d WHERE k % 2 = 0) v;

-- What is kept for two days: of people of the last window, one by one
CREATE TABLE growth.trace AS
SELECT i, account, patient, p, now() - interval '2 days' * (i - 1) / traces AS at
FROM size, generate_series(1, traces) i, LATERAL (
    SELECT 11 * m + (i * 10 + i % 5) % (m / 10 * 10) AS p) t, LATERAL (SELECT id('account', p) AS account, id('patient', p) AS patient) h;

INSERT INTO session (id, token_hash, account_id, user_agent, address, created_at, last_seen_at, closed_at)
SELECT id('session', i), sha('session', i), account, 'Mozilla/5.0', '192.0.2.1', at, CASE WHEN i <= 2000 THEN now() ELSE at END,
    CASE WHEN i > 2000 THEN at + interval '10 minutes' END FROM trace;
INSERT INTO login_attempt (account_id, password_set_at, login_hash, prefix, anywhere, cost, hit_at, created_at, finished_at)
SELECT account, at, sha('login', i), '192.0.2.1', sha('anywhere', i), '1 minute', at, at, at FROM trace;
INSERT INTO password_proof (account_id, password_set_at, hit_at, created_at, judged_at, is_right, used_at)
SELECT account, at, at, at, at, true, at FROM trace;
INSERT INTO registration (id, codice_fiscale, first_name, last_name, birth_date, birth_place, mobile, email, language, notice_version, subject,
    created_at, expires_at, closed_at, account_id)
SELECT id('registration', i), codice_fiscale(p, i * 10), 'Maria', 'Bianchi', '1980-01-01', 'Mantova', mobile(p), 'p' || p || '@example.org', 'it',
    dossier_lib.notice_current('portal'), sha('pair', i), at, at + interval '1 day', CASE WHEN i % 3 > 0 THEN at END, CASE WHEN i % 3 > 0 THEN account END FROM trace;
INSERT INTO account_change (id, kind, account_id, recipient, language, subject, created_at, expires_at, closed_at)
SELECT id('change', i), 'password_reset', account, mobile(p), 'it', sha('reset', i), at, at + interval '1 hour', CASE WHEN i % 3 > 0 THEN at END FROM trace;
INSERT INTO verification_code (id, registration_id, account_change_id, key_id, mac, deliverable, created_at, expires_at, used_at)
SELECT id('digits', i), id('registration', i), NULL, 'k1', sha('digits', i), true, at, at + interval '10 minutes', CASE WHEN i % 3 > 0 THEN at END FROM trace
UNION ALL
SELECT id('new digits', i), NULL, id('change', i), 'k1', sha('new digits', i), true, at, at + interval '10 minutes', CASE WHEN i % 3 > 0 THEN at END FROM trace;
INSERT INTO throttle (scope, subject, hits, tat, touched_at)
SELECT scope, sha(scope, i), ARRAY[at], CASE scope WHEN 'login' THEN at END, at FROM trace, unnest('{login,login_anywhere,code_send}'::text[]) scope;
INSERT INTO early_receipt (provider_id, receipt, at) SELECT 'early ' || i, 'delivered', at FROM trace;

-- Messages: of new documents in the last thirty days, all sent; and six hundred that wait, one an account
INSERT INTO outbox (id, channel, recipient, template, language, priority, account_id, facility_id, state, created_at, due_at, not_before,
    give_up_at, tries, ended_at, provider_id, receipt, receipt_at)
SELECT id(channel, a), channel, CASE channel WHEN 'sms' THEN mobile(p) ELSE 'p' || p || '@example.org' END, 'new_documents', 'it', 2, id('account', p),
    'hospital-' || 1 + a % 4, 'sent', t, t, t, t + interval '1 day', 1, t, CASE channel WHEN 'sms' THEN 'provider ' || a END,
    CASE channel WHEN 'sms' THEN 'delivered' END, CASE channel WHEN 'sms' THEN t END
FROM (SELECT d.*, came(n, m) AS t FROM size, documents() d WHERE n >= 115 * m AND k % 2 = 0 AND q % 10 < 5) v, unnest('{sms,mail}'::text[]) channel;
INSERT INTO outbox_document (outbox_id, document_id)
SELECT id(channel, a), id('document', n) FROM size, documents() d, unnest('{sms,mail}'::text[]) channel
WHERE n >= 115 * m AND k >= 6 AND q % 10 < 5 AND id(channel, a) IN (SELECT id FROM outbox);
INSERT INTO outbox (id, channel, recipient, template, language, priority, account_id, facility_id, created_at, due_at, not_before, give_up_at)
SELECT id('waiting', p), 'sms', mobile(p), 'password_changed', 'it', 1, account, 'hospital-1', now(), now(), now(), now() + interval '3 days'
FROM holder ORDER BY account LIMIT 600;
INSERT INTO outbox_try (outbox_id, worker, began_at, ended_at, outcome, provider_id)
SELECT id, 'node:1', ended_at, ended_at, 'sent', provider_id FROM outbox WHERE state = 'sent';
DROP TABLE growth.trace;
