-- By which the database knows the web server's keys, whether the vault is there or not.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE key_check (
    key_id   text PRIMARY KEY,
    canary   text NOT NULL,
    noted_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE key_check IS 'Keys of the key file that have fitted the vault: which other one comes with the same id is refused';
COMMENT ON COLUMN key_check.canary IS 'What only this key makes, and what tells nothing about it: as in the vault''s file keys/<id>.canary';

-- the codes that need a key which the key file does not hold
CREATE INDEX activation_code_of_key ON activation_code (key_id, expires_at) WHERE used_at IS NULL AND revoked_at IS NULL;
