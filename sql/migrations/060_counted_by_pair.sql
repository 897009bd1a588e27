-- Codes are counted by what who asks has shown, so that strangers use up nothing of a patient's: by the login
-- as it was typed, by a pair that only few know, or, of who shows a slip or comes with a known device, apart
-- from all others.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE DOMAIN asked_by AS text CHECK (VALUE IN ('anyone', 'pair', 'proved'));
COMMENT ON DOMAIN asked_by IS 'Who asks for a code. anyone: knows a login; pair: knows a codice fiscale and a mobile or e-mail with it; proved: showed a slip''s activation code, came with a known device or is logged in';

ALTER TABLE registration ADD COLUMN subject text, ADD COLUMN asked_by asked_by NOT NULL DEFAULT 'pair';
UPDATE registration SET subject = encode(sha256(convert_to(
    format('registration:%s:%s', codice_fiscale, mobile), 'UTF8')), 'hex');
ALTER TABLE registration ALTER COLUMN subject SET NOT NULL;
COMMENT ON COLUMN registration.subject IS 'Whose codes are counted: digest of codice fiscale and mobile, and of the slip if one was shown';

DROP INDEX account_change_subject; -- requests for one login leave each other alone now
ALTER TABLE account_change DROP COLUMN number, ADD COLUMN asked_by asked_by NOT NULL DEFAULT 'anyone';
COMMENT ON COLUMN account_change.subject IS 'Whose codes are counted: digest of the login as typed, with the codice fiscale and the slip if they were shown; of the known device; of account and recipient in a session';

ALTER TYPE code_flow DROP ATTRIBUTE number;
ALTER TYPE code_flow ADD ATTRIBUTE asked_by text;

ALTER TABLE outbox ADD COLUMN asked_by asked_by;
COMMENT ON COLUMN outbox.asked_by IS 'Of a code: who asked for it, as in its flow. The caps of a number and an account count each kind of asking by itself, and hold no code of one who is proved';

COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per subject of a flow), activation_wrong, password_again, contact_change (per account), login (per login and address prefix), login_address, code_address (per address prefix)';

UPDATE throttle_limit SET purpose = 'codes asked for in 24 hours per codice fiscale with mobile, per login, per slip, per known device' WHERE name = 'code_sends_per_day';
UPDATE throttle_limit SET purpose = 'wrong codes of the same in 24 hours before no new code is to be had' WHERE name = 'code_wrong_per_day';
UPDATE throttle_limit SET purpose = 'SMS to one number per hour, by kind of who asked for them; what is over waits' WHERE name = 'sms_per_number_hour';
UPDATE throttle_limit SET purpose = 'SMS to one account per hour, whatever its number, by kind of who asked for them; what is over waits' WHERE name = 'sms_per_account_hour';
UPDATE throttle_limit SET purpose = 'of all SMS budgets and caps, how much alerts may use up, and codes that anyone may ask for; the rest is for the others' WHERE name = 'sms_alert_percent';

-- replaced by others
DROP FUNCTION IF EXISTS code_send_count(text, text, text);
DROP FUNCTION IF EXISTS code_issue(code_flow, jsonb, boolean);
DROP FUNCTION IF EXISTS code_number_spent(code_flow);
