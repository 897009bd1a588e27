-- The audit, by the hour as it was written, and its seals. It goes back 756 days, so that a month of it is past its time.
-- Its transactions are numbered as in a copy restored from another cluster: beyond those of this one.
SET search_path = growth, dossier_data;

INSERT INTO audit (txid, at, actor_kind, actor_id, action, outcome, account_id, patient_id, object_id, facility_id, address, detail)
SELECT (1099511627776 + n)::text::xid8, now() - (120 * m - 1 - n) * (interval '63 days' / (10 * m)), l.*
FROM size, documents(), LATERAL (
    SELECT 'integrator', id('system', 1), 'document_published', 'ok', NULL::uuid, id('patient', p), id('document', n), 'hospital-1', '192.0.2.9', 'version 1'
    UNION ALL
    SELECT 'integrator', id('system', 1), 'acceptance_created', 'ok', NULL, id('patient', p), id('acceptance', a), 'hospital-1', '192.0.2.9', NULL WHERE k % 2 = 0
    UNION ALL
    SELECT 'account', id('account', p), 'logged_in', 'ok', id('account', p), NULL, NULL, NULL, '192.0.2.1', NULL WHERE q % 10 < 5 AND k % 2 = 0
    UNION ALL
    SELECT 'account', id('account', p), 'document_read', 'ok', id('account', p), id('alias of patient', p), id('alias of document', n), 'hospital-1', '192.0.2.1', 'version 1'
    WHERE reads(q, n)
    UNION ALL -- sixty days before: the same patient of the window before
    SELECT 'system', NULL, 'document_purged', 'ok', NULL, id('patient', p - m), id('document', n - 10 * m), 'hospital-1', NULL, 'version 1'
    WHERE n >= 10 * m) l;

-- A seal for every 27 lines; nobody verifies these hashes
INSERT INTO audit_seal (number, lines, count, newest_at, below, above, cluster, root, previous, hash, sealed_at)
SELECT s, int8multirange(int8range(min(id), max(id), '[]')), count(*), max(at), pg_current_xact_id(), pg_current_xact_id(), c.system_identifier::text,
    sha('root', s), sha('seal', s - 1), sha('seal', s), max(at)
FROM (SELECT a.id, a.at, 1 + (a.id - min(a.id) OVER ()) / 27 AS s FROM audit a) l, pg_control_system() c GROUP BY s, c.system_identifier;
