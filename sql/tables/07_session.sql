-- Who is logged in, with which device, and passwords that are being looked at.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE session (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    token_hash   text NOT NULL UNIQUE,
    account_id   uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    user_agent   text,
    address      text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    closed_at    timestamptz
);
COMMENT ON TABLE session IS
    'A login on one device; closed rows stay a while so that a late request cannot bring one back';
COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the cookie''s token, hex';
CREATE INDEX session_created ON session (created_at);
CREATE INDEX session_account ON session (account_id);

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

CREATE TABLE login_attempt (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id      uuid REFERENCES account ON DELETE CASCADE,
    password_set_at timestamptz,
    login_hash      text NOT NULL,
    prefix          text NOT NULL,
    anywhere        text,
    cost            interval NOT NULL,
    hit_at          timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz
);
COMMENT ON TABLE login_attempt IS 'A login between counting it and judging its password; finished once';
COMMENT ON COLUMN login_attempt.account_id IS
    'Null: no such login, which the web server learns but its client does not';
COMMENT ON COLUMN login_attempt.password_set_at IS
    'The account''s, when its hash was read: with another one the attempt has failed. Null: no such login';
COMMENT ON COLUMN login_attempt.login_hash IS
    'What was counted: the login with the address prefix, or the known device';
COMMENT ON COLUMN login_attempt.prefix IS 'The address prefix, counted too unless the device is known';
COMMENT ON COLUMN login_attempt.anywhere IS 'The login, counted over all addresses; null: from a known device';
COMMENT ON COLUMN login_attempt.cost IS
    'What it added to the throttle of (login, address), to be taken back if it was right';
COMMENT ON COLUMN login_attempt.hit_at IS 'Its entry among the hits of each throttle it was counted in';
CREATE INDEX login_attempt_created ON login_attempt (created_at);
CREATE INDEX login_attempt_account ON login_attempt (account_id) WHERE account_id IS NOT NULL;

CREATE TABLE password_proof (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id      uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    password_set_at timestamptz,
    hit_at          timestamptz NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    judged_at       timestamptz,
    is_right        boolean,
    used_at         timestamptz
);
COMMENT ON TABLE password_proof IS
    'The password typed again before something that cannot be undone: counted, judged once, good for one call';
COMMENT ON COLUMN password_proof.password_set_at IS
    'The account''s, when its hash was read: with another one it proves nothing';
COMMENT ON COLUMN password_proof.hit_at IS
    'Its entry among the hits of throttle password_again, taken back when it was right';
COMMENT ON COLUMN password_proof.is_right IS 'Null: not judged, or there was no room to look at the password';
CREATE INDEX password_proof_created ON password_proof (created_at);
CREATE INDEX password_proof_account ON password_proof (account_id);
