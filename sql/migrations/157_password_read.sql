-- A password is judged against the hash that was read when the login began: by which one it was, not by when, since a change
-- that waits for its turn is dated before a login that began meanwhile and read the old hash.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE login_attempt ADD COLUMN password_set_at timestamptz;
COMMENT ON COLUMN login_attempt.password_set_at IS 'The account''s, when its hash was read: with another one the attempt has failed. Null: no such login';

ALTER TABLE password_proof ADD COLUMN password_set_at timestamptz;
COMMENT ON COLUMN password_proof.password_set_at IS 'The account''s, when its hash was read: with another one it proves nothing';

COMMENT ON COLUMN account.password_set_at IS 'Which password it is: what was begun or proved with another one fails';
