-- What an account sees of its patients and of itself, and whether a service may be switched.

-- Every patient as each account sees it, also where the dossier is no longer the account's (kept). Whoever has not proved
-- with a code to belong here learns nothing of other readers, who lose what is wiped.
CREATE OR REPLACE FUNCTION dossier_lib.patients_told()
RETURNS TABLE (account_id uuid, patient_id uuid, dossier dossier_data.dossier, kept boolean, told json)
LANGUAGE sql STABLE AS $$
    SELECT s.account_id, s.patient_id, s, o.kept, row_to_json(v)
    FROM dossier_data.dossier s JOIN dossier_data.patient t ON t.id = s.patient_id
    CROSS JOIN LATERAL dossier_lib.handover_of(s) o
    CROSS JOIN LATERAL (SELECT t.id, s.relation, s.role, t.first_name, t.last_name, t.codice_fiscale, t.birth_date,
        dossier_lib.age_of(t.birth_date) AS age, o.handover_on AS handover_at, s.state AS dossier,
        (SELECT count(*) FROM dossier_lib.dossiers_kept() k WHERE s.state <> 'inactive'
            AND k.patient_id = s.patient_id AND k.id <> s.id AND k.state = 'active') AS other_readers,
        (SELECT count(*) FROM dossier_lib.dossier_documents() d WHERE d.account_id = s.account_id
            AND d.patient_id = s.patient_id AND d.visible AND d.unread) AS new_documents) v
$$;

-- The same of one.
CREATE OR REPLACE FUNCTION dossier_lib.patient_json(p_dossier dossier_data.dossier) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT v.told FROM dossier_lib.patients_told() v
        WHERE v.account_id = p_dossier.account_id AND v.patient_id = p_dossier.patient_id);
END
$$;

-- Whether its account can still find what this message tells of: one of its documents (any, where none was
-- noted), in one of its dossiers, not read since it could be. A message of no account has nothing to look at.
CREATE OR REPLACE FUNCTION dossier_lib.alert_of(p_message uuid, p_template text, p_account uuid)
RETURNS TABLE (needed boolean)
LANGUAGE sql STABLE AS $$
    SELECT p_template NOT IN ('new_documents', 'last_call') OR p_account IS NULL OR EXISTS (
        SELECT FROM dossier_lib.dossier_documents() v
        WHERE v.account_id = p_account AND v.visible
          AND (EXISTS (SELECT FROM dossier_data.outbox_document o WHERE o.outbox_id = p_message
                       AND o.document_id = (v.document).id)
            OR NOT EXISTS (SELECT FROM dossier_data.outbox_document o WHERE o.outbox_id = p_message))
          AND NOT EXISTS (
            SELECT FROM dossier_data.document_reading r WHERE r.document_id = (v.document).id AND r.account_id = p_account
              AND r.version = (v.document).version AND r.last_at >= (v.document).published_at))
$$;

-- Alerts that wait for nothing any more. Locked before they are asked: who publishes meanwhile what one of them is then
-- to tell of has locked it too, and is waited for.
CREATE OR REPLACE FUNCTION dossier_lib.alerts_drop(p_account uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM FROM dossier_data.outbox WHERE account_id = p_account AND gathering ORDER BY channel FOR UPDATE;
    UPDATE dossier_data.outbox o SET state = 'cancelled', gathering = false, ended_at = now()
    WHERE account_id = p_account AND state = 'queued'
      AND NOT (SELECT needed FROM dossier_lib.alert_of(o.id, o.template, o.account_id));
END
$$;

-- From now on nothing is shown and no alert leaves; the account is told. Null patient: all dossiers.
CREATE OR REPLACE FUNCTION dossier_lib.dossiers_disable(
    p_account uuid, p_patient uuid, p_address text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_dossier dossier_data.dossier;
    v_told boolean := false;
BEGIN
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier
        WHERE account_id = p_account AND state = 'active' AND (p_patient IS NULL OR patient_id = p_patient)
        ORDER BY id FOR NO KEY UPDATE
    LOOP
        UPDATE dossier_data.dossier SET state = 'disabled' WHERE id = v_dossier.id;
        PERFORM dossier_lib.audit_write('account', p_account, 'service_disabled', 'ok', p_address,
            patient => v_dossier.patient_id);
        v_told := true;
    END LOOP;
    IF v_told THEN
        PERFORM dossier_lib.alerts_drop(p_account);
        PERFORM dossier_lib.message_queue(p_account, 'service_disabled', 'told');
    END IF;
END
$$;

-- Null: a dossier of the account's that was opened once, whether it is switched off or not.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_closed(d dossier_data.dossier) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT nullif(dossier_lib.dossier_refusal(d.account_id, d.patient_id), 'dossier_disabled')
$$;

-- Null: it may be switched or wiped, since the password was typed.
CREATE OR REPLACE FUNCTION dossier_lib.service_refusal(d dossier_data.dossier, p jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN coalesce(dossier_lib.dossier_closed(d), dossier_lib.password_proof_take(p));
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.profile_json(p_account uuid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT json_build_object('first_name', a.first_name, 'last_name', a.last_name,
        'birth_date', a.birth_date, 'birth_place', a.birth_place, 'codice_fiscale', t.codice_fiscale,
        'mobile', a.mobile, 'email', a.email, 'email_proved', a.email_proved_at IS NOT NULL, 'language', a.language,
        'alerts', json_build_object('sms', a.alert_sms, 'mail', a.alert_mail, 'last_call', a.alert_last_call))
    FROM dossier_data.account a JOIN dossier_data.patient t ON t.id = a.patient_id
    WHERE a.id = p_account);
END
$$;

-- A new password: what was opened, begun or proved with the one before ends, but for the session that
-- asked (null: none). The person is told.
CREATE OR REPLACE FUNCTION dossier_lib.password_set(p_account uuid, p_hash text, p_session uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.account SET password_hash = p_hash, password_set_at = now() WHERE id = p_account;
    UPDATE dossier_data.session SET closed_at = now()
    WHERE account_id = p_account AND closed_at IS NULL AND id IS DISTINCT FROM p_session;
    UPDATE dossier_data.account_change SET closed_at = now() WHERE account_id = p_account AND closed_at IS NULL;
    UPDATE dossier_data.password_proof SET used_at = now() WHERE account_id = p_account AND used_at IS NULL;
    PERFORM dossier_lib.message_queue(p_account, 'password_changed', 'told');
END
$$;
