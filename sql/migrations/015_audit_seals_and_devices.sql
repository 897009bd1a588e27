-- The audit made tamper-evident, and removed when its time is over; the devices an account logged in with.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE audit_seal (
    number     bigint PRIMARY KEY,
    lines      int8multirange NOT NULL,
    count      int NOT NULL CHECK (count > 0),
    newest_at  timestamptz NOT NULL,
    below      xid8,
    root       text NOT NULL CHECK (root ~ '^[0-9a-f]{64}$'),
    previous   text NOT NULL CHECK (previous ~ '^[0-9a-f]{64}$'),
    hash       text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
    sealed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz
);
COMMENT ON TABLE audit_seal IS 'Batches of audit lines, each hashed together with the seal before it; numbered from 1 without a gap';
COMMENT ON COLUMN audit_seal.lines IS 'The ids of its lines. Ids are taken in another order than they are committed, so batches may interlock';
COMMENT ON COLUMN audit_seal.below IS 'Every line of a transaction below it is in this seal or an earlier one; null where a batch was too large to say so';
COMMENT ON COLUMN audit_seal.root IS 'SHA-256 over the SHA-256 of each line, by id';
COMMENT ON COLUMN audit_seal.previous IS 'Hash of the seal before; zeros in the first';
COMMENT ON COLUMN audit_seal.hash IS 'SHA-256 over everything else but removed_at';
COMMENT ON COLUMN audit_seal.removed_at IS 'Its lines were past their months. The last such seal stays, and the chain begins with it';
CREATE INDEX audit_seal_kept ON audit_seal (newest_at) WHERE removed_at IS NULL;
CREATE INDEX audit_seal_removed ON audit_seal (number) WHERE removed_at IS NOT NULL;
CREATE INDEX audit_patient ON audit (patient_id, id) WHERE account_id IS NULL AND patient_id IS NOT NULL;

-- Lines go with their seal, after the months the law asks at least, and in no other way.
CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.at < now() - interval '24 months'
                AND EXISTS (SELECT FROM audit_seal WHERE removed_at IS NOT NULL AND OLD.id <@ lines) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE FUNCTION audit_seal_refuse_change() RETURNS trigger LANGUAGE plpgsql
    SET search_path = dossier_data, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.removed_at IS NOT NULL THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.removed_at IS NULL AND OLD.newest_at < now() - interval '24 months'
                AND to_jsonb(NEW) - 'removed_at' = to_jsonb(OLD) - 'removed_at' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the seals of the audit are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE ON audit_seal
    FOR EACH ROW EXECUTE FUNCTION audit_seal_refuse_change();
CREATE TRIGGER audit_seal_never_emptied BEFORE TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_refuse_change();
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_append_only;
ALTER TABLE audit_seal ENABLE ALWAYS TRIGGER audit_seal_never_emptied;

CREATE TABLE device (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    token_hash   text NOT NULL CHECK (token_hash ~ '^[0-9a-f]{64}$'),
    user_agent   text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (account_id, token_hash)
);
COMMENT ON TABLE device IS 'A browser that an account has logged in with; a login from another one is told by mail';
COMMENT ON COLUMN device.token_hash IS 'SHA-256 of a cookie that outlives sessions and opens nothing';
COMMENT ON COLUMN device.user_agent IS 'As it named itself at the last login';
CREATE INDEX device_seen ON device (last_seen_at);

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('device_keep_days', 400, 'how long a device that is not used any more is known, as long as its cookie');
