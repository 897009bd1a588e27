SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE outbox
    ADD COLUMN receipt text CHECK (receipt IN ('delivered', 'undelivered')),
    ADD COLUMN receipt_at timestamptz;
COMMENT ON COLUMN outbox.receipt IS 'What the provider said of the message after it had taken it';
CREATE INDEX outbox_provider ON outbox (provider_id) WHERE provider_id IS NOT NULL;
-- for the caps: what went to a number, and for an account, within the hour
CREATE INDEX outbox_number_ended ON outbox (recipient, ended_at) WHERE channel = 'sms';
CREATE INDEX outbox_account_ended ON outbox (account_id, ended_at) WHERE account_id IS NOT NULL;

CREATE TABLE outbox_document (
    outbox_id   uuid NOT NULL REFERENCES outbox ON DELETE CASCADE,
    document_id uuid NOT NULL REFERENCES document ON DELETE CASCADE,
    PRIMARY KEY (document_id, outbox_id)
);
COMMENT ON TABLE outbox_document IS 'Which documents an alert announces';
CREATE INDEX outbox_document_outbox ON outbox_document (outbox_id);

CREATE TABLE early_receipt (
    provider_id text PRIMARY KEY,
    receipt     text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE early_receipt IS 'Receipts of messages whose provider''s id is not known yet: some providers are quicker than our own report';

ALTER TABLE sms_budget DROP CONSTRAINT sms_budget_period_check;
ALTER TABLE sms_budget ADD CONSTRAINT sms_budget_period_check CHECK (period IN ('day', 'hour', 'minute'));
INSERT INTO sms_budget (period, started_at, used) VALUES ('hour', now(), 0);
COMMENT ON TABLE sms_budget IS 'SMS handed to workers in the running minute, hour and day, over all nodes';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('sms_per_hour', 5000, 'SMS of the whole portal per hour; what is over waits'),
    ('sms_per_number_hour', 10, 'SMS to one number per hour, of every kind; what is over waits'),
    ('sms_per_account_hour', 15, 'SMS to one account per hour, whatever its number; what is over waits'),
    ('sms_per_address_hour', 60, 'codes asked for per client address prefix and hour');
UPDATE throttle_limit SET purpose = 'of all SMS budgets and caps, how much alerts may use up; the rest is for codes'
WHERE name = 'sms_alert_percent';
-- ten documents in five minutes are one alert
UPDATE throttle_limit SET value = 300 WHERE name = 'alert_delay_seconds' AND value = 180;
COMMENT ON TABLE sms_prefix IS 'Numbers that SMS may go to begin with one of these; keeps premium destinations out. DossierSmsPrefixes, where it is given, is written here when a web server starts';

-- replaced by others with other results or arguments
DROP FUNCTION IF EXISTS dossier_data.sms_budget_lock();
DROP FUNCTION IF EXISTS dossier_data.sms_budget_left(int, int, int);
