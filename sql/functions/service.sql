-- Switching the service of a dossier off and on.

-- Whether its account can still find what this message tells of: one of its documents (any, where none was
-- noted), in one of its dossiers, not read since it could be. A message of no account has nothing to look at.
CREATE OR REPLACE FUNCTION dossier_data.alert_needed(p_message dossier_data.outbox) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT p_message.template NOT IN ('new_documents', 'last_call') OR p_message.account_id IS NULL OR EXISTS (
        SELECT FROM dossier_data.dossier s JOIN dossier_data.document d ON d.patient_id = s.patient_id
        WHERE s.account_id = p_message.account_id
          AND (EXISTS (SELECT FROM dossier_data.outbox_document o WHERE o.outbox_id = p_message.id AND o.document_id = d.id)
            OR NOT EXISTS (SELECT FROM dossier_data.outbox_document o WHERE o.outbox_id = p_message.id))
          AND dossier_data.document_visible(d, s) AND NOT EXISTS (
            SELECT FROM dossier_data.document_reading r WHERE r.document_id = d.id
              AND r.account_id = s.account_id AND r.version = d.version AND r.last_at >= d.published_at))
$$;

-- Alerts that wait for nothing any more.
CREATE OR REPLACE FUNCTION dossier_data.alerts_drop(p_account uuid) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.outbox o SET state = 'cancelled', gathering = false, ended_at = now()
    WHERE account_id = p_account AND state = 'queued' AND NOT dossier_data.alert_needed(o)
$$;

-- From now on nothing is shown and no alert leaves; the account is told. Null patient: all dossiers.
CREATE OR REPLACE FUNCTION dossier_data.dossiers_disable(
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
        PERFORM dossier_data.audit_write('account', p_account, 'service_disabled', 'ok', p_address,
            patient => v_dossier.patient_id);
        v_told := true;
    END LOOP;
    IF v_told THEN
        PERFORM dossier_data.alerts_drop(p_account);
        PERFORM dossier_data.message_queue(p_account, 'service_disabled', 'told');
    END IF;
END
$$;

-- Null: a dossier of the account's that was opened once, whether it is switched off or not.
CREATE OR REPLACE FUNCTION dossier_data.dossier_closed(d dossier_data.dossier) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT nullif(dossier_data.dossier_refusal(d.account_id, d.patient_id), 'dossier_disabled')
$$;

-- Null: it may be switched or wiped, by who typed the password.
CREATE OR REPLACE FUNCTION dossier_data.service_refusal(d dossier_data.dossier, p jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    RETURN coalesce(dossier_data.dossier_closed(d), dossier_data.password_proof_take(p));
END
$$;

-- Enabling shows what is still within its days, and needs a consent to the notice of today.
CREATE OR REPLACE FUNCTION dossier.service_set(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_enabled boolean := (p ->> 'enabled')::boolean;
    v_dossier dossier;
    v_refusal text;
BEGIN
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = (p ->> 'patient_id')::uuid FOR NO KEY UPDATE;
    v_refusal := service_refusal(v_dossier, p);
    IF v_refusal IS NULL AND v_enabled
            AND NOT consent_stands(v_account, 'dossier', v_dossier.patient_id, now()) THEN
        v_refusal := 'consent_due';
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account,
            CASE WHEN v_enabled THEN 'service_enabled' ELSE 'service_disabled' END, v_refusal,
            p ->> 'address', patient => (p ->> 'patient_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    IF NOT v_enabled THEN
        PERFORM dossiers_disable(v_account, v_dossier.patient_id, p ->> 'address');
    ELSIF v_dossier.state = 'disabled' THEN
        UPDATE dossier SET state = 'active' WHERE id = v_dossier.id;
        PERFORM audit_write('account', v_account, 'service_enabled', 'ok', p ->> 'address',
            patient => v_dossier.patient_id);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE id = v_dossier.id;
    RETURN jsonb_build_object('outcome', 'ok', 'patient', patient_json(v_dossier));
END
$$;
