-- Messages about an account: what was changed, ended or is about to end. Alerts and codes have their
-- own ways into the outbox.

-- Whose desk knows the holder of an account: the facility of the latest visit.
CREATE OR REPLACE FUNCTION dossier_lib.account_facility(p_account uuid) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT c.facility_id FROM dossier_data.account a
    JOIN dossier_data.acceptance c ON c.patient_id = a.patient_id
    WHERE a.id = p_account ORDER BY c.created_at DESC, c.id LIMIT 1
$$;

-- p_facility: whose site and desk the message names; null: that of the account.
CREATE OR REPLACE FUNCTION dossier_lib.message_queue_to(
    p_channel text, p_recipient text, p_language text, p_account uuid, p_template text,
    p_facility text DEFAULT NULL, p_device text DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, account_id,
                                     facility_id, device, due_at, not_before, give_up_at)
    SELECT p_channel, p_recipient, p_template, p_language, 1, p_account,
           coalesce(p_facility, dossier_lib.account_facility(p_account)), p_device, now(), now(),
           now() + make_interval(hours => dossier_lib.limit_of('told_give_up_hours'))
    WHERE p_recipient IS NOT NULL
$$;

-- p_way: 'sms', 'mail', 'both', or 'told': by mail, or by SMS if there is no e-mail address.
CREATE OR REPLACE FUNCTION dossier_lib.message_queue(
    p_account uuid, p_template text, p_way text, p_facility text DEFAULT NULL, p_device text DEFAULT NULL)
RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT dossier_lib.message_queue_to(c.channel, c.recipient, a.language, a.id, p_template, p_facility,
        p_device)
    FROM dossier_data.account a
    CROSS JOIN LATERAL (VALUES
        ('mail', CASE WHEN p_way IN ('mail', 'both', 'told') THEN a.email END),
        ('sms', CASE WHEN p_way IN ('sms', 'both') OR (p_way = 'told' AND a.email IS NULL) THEN a.mobile END)
    ) AS c (channel, recipient)
    WHERE a.id = p_account
$$;
