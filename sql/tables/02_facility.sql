-- The facilities, and the hospital systems that may write for them.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE facility (
    id         text PRIMARY KEY CHECK (id ~ '^[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}$'),
    name       text NOT NULL CHECK (name <> ''),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE facility IS 'A hospital or clinic of the group';
COMMENT ON COLUMN facility.id IS 'The name used in configuration and by integrators, for example san-pellegrino';

CREATE TABLE integrator (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    revoked_at timestamptz
);
COMMENT ON TABLE integrator IS
    'A hospital system that calls the integration endpoints: acceptances, '
    'documents and their external ids are its own';
COMMENT ON COLUMN integrator.revoked_at IS 'The whole system, with all of its keys';

CREATE TABLE integrator_facility (
    integrator_id uuid REFERENCES integrator,
    facility_id   text REFERENCES facility,
    PRIMARY KEY (integrator_id, facility_id)
);
COMMENT ON TABLE integrator_facility IS 'The facilities an integrator may write for';

CREATE TABLE integrator_key (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    integrator_id uuid NOT NULL REFERENCES integrator,
    name          text NOT NULL,
    key_hash      text NOT NULL CHECK (key_hash ~ '^[0-9a-f]{64}$') UNIQUE,
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
COMMENT ON TABLE integrator_key IS
    'The keys of a hospital system: a new one is added, the system changes over to it, the old one ends';
COMMENT ON COLUMN integrator_key.name IS 'What the operator knows it by';
COMMENT ON COLUMN integrator_key.key_hash IS 'SHA-256 of the key, hex; the key itself is nowhere';
COMMENT ON COLUMN integrator_key.expires_at IS 'Good strictly before it; null: until it is revoked';
COMMENT ON COLUMN integrator_key.last_used_at IS 'To the minute; null: never';
CREATE INDEX integrator_key_integrator ON integrator_key (integrator_id);

CREATE TABLE banner (
    facility_id text REFERENCES facility,
    text_it     text NOT NULL,
    text_en     text NOT NULL,
    ends_at     timestamptz NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (facility_id)
);
COMMENT ON TABLE banner IS
    'What the operator tells everybody on every screen until ends_at: one for all facilities, and one for each';
COMMENT ON COLUMN banner.facility_id IS 'On whose site it is shown; null: on all';
