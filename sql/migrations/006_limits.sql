SET LOCAL search_path = dossier_data, pg_temp;

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('code_minutes', 10, 'how long a verification code is good, and how long its SMS is tried'),
    ('code_tries', 5, 'tries per verification code'),
    ('code_pause_1_seconds', 60, 'from the first code to a number to the second'),
    ('code_pause_2_seconds', 120, 'from the second to the third'),
    ('code_pause_3_seconds', 300, 'from the third to the fourth'),
    ('code_pause_4_seconds', 900, 'from the fourth on'),
    ('code_sends_per_day', 6, 'codes asked for per number in 24 hours'),
    ('code_wrong_per_day', 15, 'wrong codes per number in 24 hours'),
    ('registration_hours', 24, 'how long a registration may ask for new codes'),
    ('activation_code_days', 60, 'how long the code on a pick-up slip is good'),
    ('activation_wrong_per_hour', 5, 'wrong activations per account and hour'),
    ('session_idle_minutes', 20, 'a session ends after so long without a request'),
    ('session_total_minutes', 480, 'a session ends after so long, whatever happens'),
    ('session_seen_seconds', 30, 'the last request of a session is noted this often at most'),
    ('login_burst', 5, 'logins in a row per login and address before they are slowed down'),
    ('login_pause_seconds', 60, 'the pause after the burst; doubles with each further failure'),
    ('login_pause_max_seconds', 900, 'the longest pause between two logins'),
    ('login_failures_per_address', 50, 'failed logins per address prefix and hour'),
    ('login_judge_seconds', 120, 'how long the password of a begun login may be looked at'),
    ('sms_per_minute', 600, 'SMS of the whole portal per minute; what is over waits'),
    ('sms_per_day', 20000, 'SMS of the whole portal per day; what is over waits'),
    ('sms_alert_percent', 80, 'of both budgets, how much alerts may use up; the rest is for codes'),
    ('alert_delay_seconds', 180, 'an alert waits so long for further documents'),
    ('alert_give_up_hours', 24, 'how long an alert is tried'),
    ('outbox_claim_seconds', 60, 'a message that a worker took and never reported is free after this'),
    ('outbox_keep_days', 30, 'how long ended messages are kept'),
    ('traces_keep_days', 2, 'how long ended sessions, registrations, login attempts and counters are kept');

INSERT INTO sms_prefix (prefix) VALUES ('+39');
