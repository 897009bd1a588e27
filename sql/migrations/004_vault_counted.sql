-- How many documents there are, and what needs each key, is counted by reading all of them in an index: ten million
-- documents take an eighth of a second, which is too much for something that Prometheus asks every few seconds.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE vault_counted (
    single     boolean PRIMARY KEY DEFAULT true CHECK (single),
    counted_at timestamptz NOT NULL,
    documents  bigint NOT NULL,
    bytes      bigint NOT NULL,
    keys       jsonb NOT NULL
);
COMMENT ON TABLE vault_counted IS 'At most one row: what a watchdog counted last, for the metrics of a portal with many documents';
COMMENT ON COLUMN vault_counted.documents IS 'Documents whose key is there; bytes: their size together';
COMMENT ON COLUMN vault_counted.keys IS 'Of each key that rows need, how many';

-- the key's index has the sizes too, and nothing else reads this one
DROP INDEX document_live;
