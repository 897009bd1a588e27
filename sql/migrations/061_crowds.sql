-- An address is shared by a hospital or a phone company's customers: where many have failed, others are slowed
-- down and not refused, and a known device not even that. One login is bounded over all addresses.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE login_attempt ADD COLUMN anywhere text;
COMMENT ON COLUMN login_attempt.login_hash IS 'What was counted: the login with the address prefix, or the known device';
COMMENT ON COLUMN login_attempt.prefix IS 'The address prefix, counted too unless the device is known';
COMMENT ON COLUMN login_attempt.anywhere IS 'The login, counted over all addresses; null: from a known device';
COMMENT ON COLUMN login_attempt.hit_at IS 'Its entry among the hits of each throttle it was counted in';

COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per subject of a flow), activation_wrong, password_again, contact_change (per account), login (per login and address prefix, or known device), login_anywhere (per login), login_address, code_address (per address prefix), turn (per what is slowed down where many ask)';
COMMENT ON COLUMN throttle.hits IS 'When, oldest first; what has left the window is dropped at the next use. turn: when it is';

-- short-lived, and as many as strangers like
CREATE INDEX throttle_short ON throttle (touched_at) WHERE scope IN ('login', 'login_address', 'code_address', 'turn');

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('crowd_pause_seconds', 10, 'the pause of who asks where as many have asked or failed as an address prefix may; as often as many as that have'),
    ('crowd_pause_max_seconds', 60, 'the longest such pause'),
    ('login_failures_anywhere', 100, 'failed logins with one login from unknown devices in 24 hours before the pauses');
UPDATE throttle_limit SET purpose = 'failed logins per address prefix and hour before unknown devices there are slowed down' WHERE name = 'login_failures_per_address';
UPDATE throttle_limit SET purpose = 'codes asked for per client address prefix and hour before others there are slowed down' WHERE name = 'sms_per_address_hour';

DROP FUNCTION IF EXISTS code_address_wait(text);
DROP FUNCTION IF EXISTS login_cost(int);
