-- Sealing goes by transactions, not by ids and times: constant in time, and right however long it paused or a transaction lasted.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE audit_seal ADD COLUMN above xid8, ADD COLUMN cluster text;
COMMENT ON COLUMN audit_seal.below IS 'Every line of a transaction below it is in this seal or an earlier one; null where a batch that caught up was too large to say so';
COMMENT ON COLUMN audit_seal.above IS 'No transaction from it on had begun when the lines were gathered; null in seals of earlier versions, as cluster';
COMMENT ON COLUMN audit_seal.cluster IS 'Whose transactions below and above are: in a copy restored elsewhere they begin anew';
COMMENT ON COLUMN audit_seal.hash IS 'SHA-256 over everything else but removed_at, and but above and cluster where they are null';

-- which seal a line is in
CREATE INDEX audit_seal_lines ON audit_seal USING gist (lines);
-- verification: the first seal after a moment
CREATE INDEX audit_seal_time ON audit_seal (sealed_at);
-- what is past its months is asked for by number
DROP INDEX audit_seal_kept;
