-- What a dossier does not show although it is there. For whoever looks it does not exist: no list, count,
-- alert, activity or export is any different.

-- Held, not told by a doctor, of a protected class and this is not the patient, or hidden by the patient.
CREATE OR REPLACE FUNCTION dossier_data.document_kept_from(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT now() < d.published_at
        OR (d.class = 'hiv' AND NOT d.told_by_doctor)
        OR (d.class <> 'ordinary' AND s.relation <> 'self')
        OR (s.relation <> 'self' AND EXISTS (SELECT FROM dossier_data.document_hidden h
                                             WHERE h.document_id = d.id AND h.by_patient))
$$;

-- Whether the desk hands it over: the visit it names is declined. One that names none may belong to any visit of
-- the patient's that was registered before it, or soon after it, and not long before.
CREATE OR REPLACE FUNCTION dossier_data.pickup_declined(
    p_patient uuid, p_acceptance uuid, p_sent_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.acceptance a
        WHERE a.patient_id = p_patient AND NOT a.online_pickup
          AND CASE WHEN p_acceptance IS NULL THEN p_sent_at > a.created_at - dossier_data.days(7)
                                              AND p_sent_at < a.created_at + dossier_data.days(365)
              ELSE a.id = p_acceptance END)
$$;

-- That, or of a visit whose reports are collected at the desk, or perhaps of one.
CREATE OR REPLACE FUNCTION dossier_data.document_withheld(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT dossier_data.document_kept_from(d, s)
        OR dossier_data.pickup_declined(d.patient_id, d.acceptance_id, d.created_at)
$$;

-- Taken out of sight from this dossier. What the patient hides stays so for a later account of the
-- patient's; what a relative's account hides, the patient never misses.
CREATE OR REPLACE FUNCTION dossier_data.document_hidden_in(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.document_hidden h WHERE h.document_id = d.id
        AND CASE s.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = s.account_id END)
$$;

CREATE OR REPLACE FUNCTION dossier_data.document_concealed(
    d dossier_data.document, s dossier_data.dossier) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT dossier_data.document_withheld(d, s) OR dossier_data.document_hidden_in(d, s)
$$;

-- A relative's account sees the visits it was at the desk for, by its number or its slip, save those that the patient
-- has declined. Asked of each line of an activity, so in the language that plans it once.
CREATE OR REPLACE FUNCTION dossier_data.acceptance_shown(
    a dossier_data.acceptance, s dossier_data.dossier) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN a.patient_id = s.patient_id AND (s.relation = 'self' OR NOT a.declined_by_patient AND (
        EXISTS (SELECT FROM dossier_data.account c WHERE c.id = s.account_id AND c.mobile = a.mobile)
        OR EXISTS (SELECT FROM dossier_data.activation_code k
                   WHERE k.acceptance_id = a.id AND k.used_by = s.account_id)));
END
$$;

-- Lines of the audit that would tell an account of what its dossiers do not show. That an id led to
-- nothing is told of none: it may have been one of those.
CREATE OR REPLACE FUNCTION dossier_data.audit_concealed(a dossier_data.audit, p_account uuid)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT a.action IN ('document_hidden', 'document_shown', 'hidden_documents_listed')
        OR (a.action LIKE 'document\_%' AND a.outcome = 'not_found')
        OR EXISTS (SELECT FROM dossier_data.document d
                   JOIN dossier_data.dossier s ON s.patient_id = d.patient_id AND s.account_id = p_account
                   WHERE d.id = dossier_data.audit_subject(a.object_id)
                     AND dossier_data.document_concealed(d, s))
        OR (a.account_id IS NULL AND EXISTS (SELECT FROM dossier_data.acceptance c
                   JOIN dossier_data.dossier s ON s.patient_id = c.patient_id AND s.account_id = p_account
                   WHERE c.id = a.object_id AND NOT dossier_data.acceptance_shown(c, s)))
$$;

-- An alert that leads to nothing would tell: what waits for this patient's documents only does not leave.
CREATE OR REPLACE FUNCTION dossier_data.alerts_unneeded(p_patient uuid) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account uuid;
BEGIN
    PERFORM dossier_data.accounts_hold(ARRAY[p_patient]);
    FOR v_account IN SELECT account_id FROM dossier_data.dossier WHERE patient_id = p_patient ORDER BY account_id LOOP
        PERFORM FROM dossier_data.outbox WHERE account_id = v_account AND gathering ORDER BY channel FOR UPDATE;
        PERFORM dossier_data.alerts_drop(v_account);
    END LOOP;
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_hide(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_hidden boolean := (p ->> 'hidden')::boolean;
    v_action text := CASE WHEN v_hidden THEN 'document_hidden' ELSE 'document_shown' END;
    v_document document;
    v_dossier dossier;
    v_refusal text;
BEGIN
    PERFORM account_hold(v_account);
    SELECT * INTO v_document FROM document WHERE id = (p ->> 'document_id')::uuid;
    SELECT * INTO v_dossier FROM dossier
    WHERE account_id = v_account AND patient_id = v_document.patient_id;
    v_refusal := CASE WHEN v_dossier.id IS NULL THEN 'not_found' ELSE coalesce(
        dossier_refusal(v_account, v_document.patient_id),
        CASE WHEN document_withheld(v_document, v_dossier) THEN 'not_found' END,
        document_ended(v_document)) END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, v_action, v_refusal, p ->> 'address',
            object => (p ->> 'document_id')::uuid);
        RETURN outcome(v_refusal);
    END IF;
    IF v_hidden THEN
        INSERT INTO document_hidden (document_id, account_id, by_patient)
        VALUES (v_document.id, v_account, v_dossier.relation = 'self')
        ON CONFLICT (document_id, account_id) DO UPDATE SET by_patient = document_hidden.by_patient OR excluded.by_patient;
        PERFORM alerts_unneeded(v_document.patient_id);
    ELSE
        DELETE FROM document_hidden h WHERE h.document_id = v_document.id
          AND CASE v_dossier.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = v_account END;
    END IF;
    PERFORM audit_write('account', v_account, v_action, 'ok', p ->> 'address',
        patient => v_document.patient_id, object => v_document.id);
    RETURN jsonb_build_object('outcome', 'ok', 'document', document_json(v_document, v_account));
END
$$;

CREATE OR REPLACE FUNCTION dossier.hidden_documents(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal text := coalesce(dossier_refusal(v_account, v_patient), password_proof_take(p));
    v_dossier dossier;
BEGIN
    PERFORM audit_write('account', v_account, 'hidden_documents_listed', coalesce(v_refusal, 'ok'),
        p ->> 'address', patient => v_patient);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    SELECT * INTO v_dossier FROM dossier WHERE account_id = v_account AND patient_id = v_patient;
    RETURN jsonb_build_object('outcome', 'ok', 'documents', (
        SELECT coalesce(jsonb_agg(document_json(d, v_account) ORDER BY d.published_at DESC, d.id DESC), '[]')
        FROM document d
        WHERE d.patient_id = v_patient AND document_hidden_in(d, v_dossier)
          AND document_ended(d) IS NULL AND NOT document_withheld(d, v_dossier)));
END
$$;
