SET LOCAL search_path = dossier_data, pg_temp;

-- Slips of codes made before this cannot be printed: they are known by their MAC only.
ALTER TABLE activation_code ADD COLUMN sealed text,
    ADD CONSTRAINT activation_code_sealed_while_open
        CHECK (sealed IS NULL OR (used_at IS NULL AND revoked_at IS NULL));
COMMENT ON COLUMN activation_code.sealed IS 'The code itself, sealed by the web server for this MAC, so that the slip can be printed again; wiped when the code is used, revoked or expired';
CREATE INDEX activation_code_sealed ON activation_code (expires_at) WHERE sealed IS NOT NULL;
