-- Every limit, what is counted for it, and what directives say.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE throttle (
    scope      text,
    subject    text,
    hits       timestamptz[] NOT NULL DEFAULT '{}',
    tat        timestamptz,
    touched_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, subject)
);
COMMENT ON TABLE throttle IS
    'What was counted lately per number, account or address; the row is '
    'also the lock that puts parallel tries in a line';
COMMENT ON COLUMN throttle.scope IS
    'code_send, code_wrong (per subject of a flow), activation_wrong, password_again, contact_change (per account), '
    'login (per login and address prefix, or known device), login_anywhere (per login), login_address, code_address '
    '(per address prefix), turn (per what is slowed down where many ask), key_ended (per integrator key)';
COMMENT ON COLUMN throttle.subject IS 'SHA-256 of the number, login or address; an account id as it is';
COMMENT ON COLUMN throttle.hits IS
    'When, oldest first; what has left the window is dropped at the next use. turn: when it is';
COMMENT ON COLUMN throttle.tat IS 'Theoretical arrival time of the GCRA; only for scope login';
CREATE INDEX throttle_touched ON throttle (touched_at);
-- short-lived, and as many as strangers like
CREATE INDEX throttle_short ON throttle (touched_at) WHERE scope IN ('login', 'login_address', 'code_address', 'turn');
CREATE INDEX throttle_subject ON throttle (subject);

CREATE TABLE throttle_limit (
    name    text PRIMARY KEY,
    value   int NOT NULL CHECK (value >= 0),
    purpose text NOT NULL
);
COMMENT ON TABLE throttle_limit IS 'Every limit in force. A change holds from the next request on';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    -- verification codes
    ('code_minutes', 10, 'how long a verification code is good, and how long its SMS is tried'),
    ('code_tries', 5, 'tries per verification code'),
    ('code_pause_1_seconds', 60, 'from the first code to a number to the second'),
    ('code_pause_2_seconds', 120, 'from the second to the third'),
    ('code_pause_3_seconds', 300, 'from the third to the fourth'),
    ('code_pause_4_seconds', 900, 'from the fourth on'),
    ('code_sends_per_day', 6, 'codes asked for in 24 hours per codice fiscale with mobile, per login, per slip, per '
        'known device'),
    ('code_wrong_per_day', 15, 'wrong codes of the same in 24 hours before no new code is to be had'),
    ('registration_hours', 24, 'how long a registration may ask for new codes'),
    ('account_change_minutes', 60, 'how long a forgotten password or a new mobile or e-mail may ask for new codes'),
    ('contact_changes_per_day', 10, 'codes for a new mobile or e-mail per account in 24 hours'),
    -- activation codes and documents
    ('activation_code_days', 60, 'how long the code on a pick-up slip is good'),
    ('activation_wrong_per_hour', 5, 'wrong activations per account and hour'),
    ('hold_days', 180, 'how long a document waits for its release before it is destroyed'),
    ('handover_notice_days', 30, 'so long before a minor turns 18 the account holder is told'),
    -- logins and sessions
    ('login_burst', 5, 'logins in a row per login and address before they are slowed down'),
    ('login_pause_seconds', 60, 'the pause after the burst; doubles with each further failure'),
    ('login_pause_max_seconds', 900, 'the longest pause between two logins'),
    ('login_failures_per_address', 50, 'failed logins per address prefix and hour before unknown devices there are '
        'slowed down'),
    ('login_failures_anywhere', 100, 'failed logins with one login from unknown devices in 24 hours before the '
        'pauses'),
    ('login_judge_seconds', 120, 'how long the password of a begun login may be looked at'),
    ('crowd_pause_seconds', 10, 'the pause of who asks where as many have asked or failed as an address prefix may; '
        'as often as many as that have'),
    ('crowd_pause_max_seconds', 60, 'the longest such pause'),
    ('password_wrong_per_hour', 10, 'wrong passwords typed again inside a session, per account and hour'),
    ('password_proof_seconds', 120, 'how long a password typed again is good for the step it was asked for'),
    ('session_idle_minutes', 20, 'a session ends after so long without a request'),
    ('session_total_minutes', 480, 'a session ends after so long, whatever happens'),
    ('session_seen_seconds', 30, 'the last request of a session is noted this often at most'),
    ('device_keep_days', 400, 'how long a device that is not used any more is known, as long as its cookie'),
    -- messages
    ('sms_per_minute', 600, 'SMS of the whole portal per minute; what is over waits'),
    ('sms_per_hour', 5000, 'SMS of the whole portal per hour; what is over waits'),
    ('sms_per_day', 20000, 'SMS of the whole portal per day; what is over waits'),
    ('sms_per_number_hour', 10, 'SMS to one number per hour, by kind of who asked for them; what is over waits'),
    ('sms_per_account_hour', 15, 'SMS to one account per hour, whatever its number, by kind of who asked for them; '
        'what is over waits'),
    ('sms_per_address_hour', 60, 'codes asked for per client address prefix and hour before others there are slowed '
        'down'),
    ('sms_alert_percent', 80, 'of all SMS budgets and caps, how much alerts may use up, and codes that anyone may '
        'ask for; the rest is for the others'),
    ('alert_delay_seconds', 300, 'an alert waits so long for further documents'),
    ('alert_give_up_hours', 24, 'how long an alert is tried'),
    ('told_give_up_hours', 72, 'how long a message about an account is tried'),
    ('last_call_pause_hours', 12, 'one last call speaks for all documents that vanish about then'),
    ('outbox_claim_seconds', 60, 'a message that a worker took and never reported is free after this'),
    -- what is kept
    ('outbox_keep_days', 30, 'how long ended messages are kept'),
    ('traces_keep_days', 2, 'how long ended sessions, registrations, login attempts and counters are kept'),
    ('consent_keep_months', 24, 'how long the consents of deleted accounts are kept as proof');

CREATE TABLE setting (
    name    text PRIMARY KEY,
    enabled boolean NOT NULL
);
COMMENT ON TABLE setting IS 'What directives say and the functions go by; the watchdog writes it down';

INSERT INTO setting (name, enabled) VALUES ('minor_handover', true);
