-- An e-mail that was only written down must not keep its owner from it.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE account ADD COLUMN email_proved_at timestamptz;
COMMENT ON COLUMN account.email_proved_at IS 'When a code sent to the e-mail was right. Null: only written down, and whoever proves it takes it';
