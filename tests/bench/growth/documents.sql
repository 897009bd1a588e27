-- Documents, what was read of them, and the files that are no more. Those of the last day, six hundred at least, still wait
-- for the purge.
SET search_path = growth, dossier_data;

INSERT INTO document (id, integrator_id, external_id, facility_id, patient_id, acceptance_id, title, type, author, issued_at, hold,
    media_type, size, sha256, object_id, key_id, wrapped_key, calls, created_at, published_at, last_call_at, expires_at, withdrawn_at, deleted_at, purged_at)
SELECT id('document', n), id('system', 1), 'R-' || n, 'hospital-' || 1 + a % 4, id('patient', p), id('acceptance', a),
    CASE WHEN NOT purged AND ended IS DISTINCT FROM 'deleted' THEN 'Esami del sangue' END, (ARRAY['laboratory', 'radiology', 'pathology', 'visit'])[1 + a % 4],
    CASE WHEN NOT purged AND ended IS DISTINCT FROM 'deleted' THEN 'Dr. Anna Verdi' END, t, held, 'application/pdf', 300000 + n % 1000,
    sha('bytes', n), id('object', n), 'k1', CASE WHEN NOT purged AND ended IS NULL THEN 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' END,
    ARRAY[sha('call', n)], t, CASE WHEN held THEN 'infinity' ELSE t END,
    CASE WHEN held OR ended IS NOT NULL OR purged THEN NULL ELSE (SELECT min(c) FROM unnest(ARRAY[t + interval '53 days', t + interval '59 days']) c WHERE c > now()) END,
    CASE WHEN held THEN t + interval '180 days' ELSE t + interval '60 days' END, CASE ended WHEN 'withdrawn' THEN t + interval '1 hour' END,
    CASE ended WHEN 'deleted' THEN t + interval '1 day' END, CASE WHEN purged THEN t + interval '60 days' END
FROM (SELECT d.*, came(n, m) AS t, n >= 110 * m AND q % 500 = 11 AS held, n < 110 * m - greatest(600, m / 6) AS purged,
        CASE q % 300 WHEN 2 THEN 'withdrawn' WHEN 3 THEN 'deleted' END AS ended FROM size, documents() d) v;

INSERT INTO document_reading (document_id, account_id, version, first_at, last_at)
SELECT id('document', n), id('account', p), 1, came(n, m), came(n, m) FROM size, documents() WHERE reads(q, n);

INSERT INTO document_hidden (document_id, account_id, by_patient)
SELECT id('document', n), id('account', p), true FROM documents() WHERE q % 10 BETWEEN 1 AND 4 AND n % 20 = 11;

INSERT INTO audit_alias (alias, account_id, subject)
SELECT id('alias of document', n), id('account', p), id('document', n) FROM documents() WHERE reads(q, n)
UNION ALL
SELECT id('alias of patient', p), account, patient FROM holder;

INSERT INTO destroyed_object (object_id, document_id, why, at, told)
SELECT id('object', n), id('document', n), 'expired', came(n, m) + interval '60 days', true FROM size, documents()
WHERE n >= 95 * m AND n < 110 * m - greatest(600, m / 6)
UNION ALL
SELECT id('first object', n), id('document', n), 'replaced', came(n, m), false FROM size, documents() WHERE n >= 105 * m AND q % 50 = 9;
DROP TABLE growth.holder;
