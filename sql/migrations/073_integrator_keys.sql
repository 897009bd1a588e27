-- A hospital system is known by any of its keys: what it has registered and published is the system's, whichever key it came with.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE integrator_key (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id uuid NOT NULL REFERENCES integrator,
    name          text NOT NULL,
    key_hash      text NOT NULL UNIQUE CHECK (key_hash ~ '^[0-9a-f]{64}$'),
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
COMMENT ON TABLE integrator_key IS 'The keys of a hospital system: a new one is added, the system changes over to it, the old one ends';
COMMENT ON COLUMN integrator_key.name IS 'What the operator knows it by';
COMMENT ON COLUMN integrator_key.key_hash IS 'SHA-256 of the key, hex; the key itself is nowhere';
COMMENT ON COLUMN integrator_key.expires_at IS 'Good strictly before it; null: until it is revoked';
COMMENT ON COLUMN integrator_key.last_used_at IS 'To the minute; null: never';
CREATE INDEX integrator_key_integrator ON integrator_key (integrator_id);

INSERT INTO integrator_key (integrator_id, name, key_hash, created_at, revoked_at)
SELECT id, 'first', key_hash, created_at, revoked_at FROM integrator;
ALTER TABLE integrator DROP COLUMN key_hash;
COMMENT ON TABLE integrator IS 'A hospital system that calls the integration endpoints: acceptances, documents and their external ids are its own';
COMMENT ON COLUMN integrator.revoked_at IS 'The whole system, with all of its keys';
