-- The vault that belongs to this database, its keys, and what was destroyed in it on purpose.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE vault (
    single            boolean PRIMARY KEY DEFAULT true CHECK (single),
    id                uuid,
    accepted_at       timestamptz,
    without_documents boolean NOT NULL DEFAULT false,
    sweep_allowed     boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE vault IS 'One row: the vault whose files the documents are';
COMMENT ON COLUMN vault.id IS 'As in the vault''s own file vault.id; null until the first start, which makes both';
COMMENT ON COLUMN vault.accepted_at IS
    'The operator''s word: the directory that httpd finds next is the vault, and this database is its newest';
COMMENT ON COLUMN vault.without_documents IS
    'accepted_at holds also for a directory that has none of the newest documents'' files';
COMMENT ON COLUMN vault.sweep_allowed IS 'The operator''s word: the next sweep may set aside any number of files';

INSERT INTO vault DEFAULT VALUES;

CREATE TABLE key_check (
    key_id   text PRIMARY KEY,
    canary   text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE key_check IS
    'Keys of the key file that have fitted the vault: which other one comes with the same id is refused';
COMMENT ON COLUMN key_check.canary IS
    'What only this key makes, and what tells nothing about it: as in the vault''s file keys/<id>.canary';

CREATE TABLE destroyed_object (
    object_id   uuid PRIMARY KEY,
    document_id uuid,
    class       text NOT NULL DEFAULT 'ordinary',
    why         text NOT NULL CHECK (why IN ('deleted', 'withdrawn', 'replaced', 'expired')),
    same        boolean NOT NULL DEFAULT false,
    readable    boolean NOT NULL DEFAULT true,
    at          timestamptz NOT NULL DEFAULT now(),
    told        boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE destroyed_object IS
    'Files whose key is gone on purpose: those that were replaced stay for DossierQuarantineDays, '
    'the others may go; and a database restored from an older copy is told';
COMMENT ON COLUMN destroyed_object.document_id IS
    'Whose file it was: with the document all that it ever had goes. Null: from before this was noted';
COMMENT ON COLUMN destroyed_object.class IS 'The document''s, then';
COMMENT ON COLUMN destroyed_object.same IS 'Replaced by a file with the same bytes';
COMMENT ON COLUMN destroyed_object.readable IS 'The patient could read it, when it gave way to another';
COMMENT ON COLUMN destroyed_object.told IS 'The vault has it in its own list';
CREATE INDEX destroyed_object_untold ON destroyed_object (at) WHERE NOT told AND why IN ('deleted', 'withdrawn');
CREATE INDEX destroyed_object_at ON destroyed_object (at);
CREATE INDEX destroyed_object_document ON destroyed_object (document_id);
CREATE INDEX destroyed_object_replaced ON destroyed_object (at) WHERE why = 'replaced';
