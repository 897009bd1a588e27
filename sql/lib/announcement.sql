-- What patients are told of their documents: that there are new ones, and that one they never opened is
-- about to vanish. Nothing that would tell which, of what kind or whose.

-- The next last call after a moment: seven days before the end, then one; none before it could be read.
CREATE OR REPLACE FUNCTION dossier_lib.last_call_next(
    p_after timestamptz, p_start timestamptz, p_end timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_end - dossier_lib.days(7) > greatest(p_after, p_start) THEN p_end - dossier_lib.days(7)
        WHEN p_end - dossier_lib.days(1) > greatest(p_after, p_start) THEN p_end - dossier_lib.days(1) END
$$;

-- One alert per account and channel, however many documents come while it waits: who finds it without need meanwhile
-- waits for us, and then sees our documents; publications wait for each other only where there is none yet, in the order
-- of the accounts. One document and one account at a time: mostly there is one of each, and the plans are good however
-- many are in the database.
CREATE OR REPLACE FUNCTION dossier_lib.alert_queue(p_documents dossier_data.document[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_due_at timestamptz := now() + make_interval(secs => dossier_lib.limit_of('alert_delay_seconds'));
    v_give_up_at timestamptz := v_due_at + make_interval(hours => dossier_lib.limit_of('alert_give_up_hours'));
    v_document dossier_data.document;
    v_account uuid;
    v_accounts uuid[] := '{}'; -- each of them sees the document in the same place
    v_documents uuid[] := '{}';
    v_facilities text[] := '{}';
    v_waiting text[];
BEGIN
    PERFORM dossier_lib.accounts_hold(ARRAY(SELECT patient_id FROM unnest(p_documents)));
    FOREACH v_document IN ARRAY coalesce(p_documents, '{}') LOOP
        SELECT array_cat(v_accounts, array_agg(v.account_id)), array_cat(v_documents, array_agg(v_document.id)),
            array_cat(v_facilities, array_agg(v_document.facility_id))
        INTO v_accounts, v_documents, v_facilities
        FROM dossier_lib.dossier_documents() v
        WHERE v.patient_id = v_document.patient_id AND (v.document).id = v_document.id AND v.visible;
    END LOOP;
    FOREACH v_account IN ARRAY ARRAY(SELECT DISTINCT u FROM unnest(v_accounts) u ORDER BY u) LOOP
        v_waiting := ARRAY(SELECT channel FROM dossier_data.outbox WHERE account_id = v_account AND gathering
            ORDER BY channel FOR SHARE);
        IF cardinality(v_waiting) < 2 THEN
            INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, account_id,
                                             gathering, facility_id, due_at, not_before, give_up_at)
            SELECT c.channel, c.recipient, 'new_documents', a.language, 2, a.id, true,
                   v_facilities[array_position(v_accounts, v_account)], v_due_at, v_due_at, v_give_up_at
            FROM dossier_data.account a
            JOIN dossier_data.account_mobile m ON m.account_id = a.id
            CROSS JOIN LATERAL (VALUES ('mail', CASE WHEN a.alert_mail THEN a.email END),
                                       ('sms', CASE WHEN a.alert_sms AND NOT m.given_up THEN a.mobile END))
                AS c (channel, recipient)
            WHERE a.id = v_account AND c.recipient IS NOT NULL AND c.channel <> ALL (v_waiting)
            ORDER BY c.channel
            ON CONFLICT (account_id, channel) WHERE gathering DO UPDATE SET gathering = true WHERE false; -- locked
        END IF;
        -- what each of them announces, also those that waited already
        INSERT INTO dossier_data.outbox_document (outbox_id, document_id)
        SELECT o.id, v.document_id
        FROM dossier_data.outbox o CROSS JOIN unnest(v_accounts, v_documents) AS v (account_id, document_id)
        WHERE o.account_id = v_account AND o.gathering AND o.template = 'new_documents' AND v.account_id = v_account
        ON CONFLICT DO NOTHING;
    END LOOP;
END
$$;

-- One call speaks for all documents that vanish about then.
CREATE OR REPLACE FUNCTION dossier_lib.last_call_queue(p_documents dossier_data.document[]) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.accounts_hold(ARRAY(SELECT patient_id FROM unnest(p_documents)));
    WITH ending AS (
        SELECT (v.document).id, (v.document).facility_id, (v.document).expires_at, v.account_id
        FROM unnest(p_documents) u
        JOIN dossier_lib.dossier_documents() v ON v.patient_id = u.patient_id AND (v.document).id = u.id
        WHERE v.visible AND v.unread
    ), called AS (
        INSERT INTO dossier_data.outbox (channel, recipient, template, language, priority, account_id,
                                         facility_id, due_at, not_before, give_up_at)
        SELECT DISTINCT ON (a.id, c.channel)
               c.channel, c.recipient, 'last_call', a.language, 2, a.id, e.facility_id, now(), now(),
               least(e.expires_at, now() + make_interval(hours => dossier_lib.limit_of('alert_give_up_hours')))
        FROM ending e
        JOIN dossier_data.account a ON a.id = e.account_id AND a.alert_last_call
        JOIN dossier_data.account_mobile m ON m.account_id = a.id
        CROSS JOIN LATERAL (VALUES ('sms', CASE WHEN a.alert_sms AND NOT m.given_up THEN a.mobile END),
                                   ('mail', CASE WHEN a.alert_mail THEN a.email END)) AS c (channel, recipient)
        WHERE c.recipient IS NOT NULL
          AND NOT EXISTS (SELECT FROM dossier_data.outbox o
                          WHERE o.account_id = a.id AND o.template = 'last_call' AND o.created_at > now()
                              - make_interval(hours => dossier_lib.limit_of('last_call_pause_hours')))
        ORDER BY a.id, c.channel, e.expires_at
        RETURNING id, account_id)
    INSERT INTO dossier_data.outbox_document (outbox_id, document_id)
    SELECT c.id, e.id FROM called c JOIN ending e ON e.account_id = c.account_id;
END
$$;

-- An alert that leads to nothing would tell: what waits for this patient's documents only does not leave.
CREATE OR REPLACE FUNCTION dossier_lib.alerts_unneeded(p_patient uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account uuid;
BEGIN
    PERFORM dossier_lib.accounts_hold(ARRAY[p_patient]);
    FOR v_account IN SELECT account_id FROM dossier_data.dossier WHERE patient_id = p_patient ORDER BY account_id LOOP
        PERFORM dossier_lib.alerts_drop(v_account);
    END LOOP;
END
$$;
