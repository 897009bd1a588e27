-- Which vault belongs to this database, and what was destroyed in it on purpose.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE vault (
    single        boolean PRIMARY KEY DEFAULT true CHECK (single),
    id            uuid,
    accepted_at   timestamptz,
    sweep_allowed boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE vault IS 'One row: the vault whose files the documents are';
COMMENT ON COLUMN vault.id IS 'As in the vault''s own file vault.id; null until the first start, which makes both';
COMMENT ON COLUMN vault.accepted_at IS 'The operator''s word: the folder that httpd finds next is the vault, and this database is its newest';
COMMENT ON COLUMN vault.sweep_allowed IS 'The operator''s word: the next sweep may set aside any number of files';
INSERT INTO vault DEFAULT VALUES;

CREATE TABLE destroyed_object (
    object_id uuid PRIMARY KEY,
    why       text NOT NULL CHECK (why IN ('deleted', 'withdrawn', 'replaced', 'expired')),
    at        timestamptz NOT NULL DEFAULT now(),
    told      boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE destroyed_object IS 'Files whose key was destroyed on purpose: what the sweep may remove, and a database restored from an older copy is told';
COMMENT ON COLUMN destroyed_object.told IS 'The vault has it in its own list';
CREATE INDEX destroyed_object_untold ON destroyed_object (at) WHERE NOT told AND why IN ('deleted', 'withdrawn');
CREATE INDEX destroyed_object_at ON destroyed_object (at);

-- what ended before this migration
INSERT INTO destroyed_object (object_id, why)
SELECT object_id, CASE WHEN deleted_at IS NOT NULL THEN 'deleted' WHEN withdrawn_at IS NOT NULL THEN 'withdrawn'
    ELSE 'expired' END
FROM document WHERE wrapped_key IS NULL;
