-- What an account agreed to, what it is asked for again, and taking it back.

-- Whether a consent stands to the version that was current then, or to a later one. The portal's is
-- the account's; that to a dossier is for one patient.
CREATE OR REPLACE FUNCTION dossier_data.consent_stands(
    p_account uuid, p_kind text, p_patient uuid, p_at timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM dossier_data.consent c JOIN dossier_data.notice n USING (kind, version)
        WHERE c.account_id = p_account AND c.kind = p_kind AND c.withdrawn_at IS NULL
          AND (p_kind = 'portal' OR c.patient_id = p_patient)
          AND n.published_at >= coalesce((SELECT max(published_at) FROM dossier_data.notice
                                          WHERE kind = p_kind AND published_at <= p_at), '-infinity'))
$$;

-- What an account that logged in then has yet to agree to. The version asked for is today's.
CREATE OR REPLACE FUNCTION dossier_data.consents_due(p_account uuid, p_login timestamptz)
RETURNS TABLE (kind text, version text, patient_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT s.kind, dossier_data.notice_current(s.kind), s.patient_id
    FROM (SELECT 'portal' AS kind, NULL::uuid AS patient_id, '-infinity'::timestamptz AS created_at
          UNION ALL
          SELECT 'dossier', d.patient_id, d.created_at FROM dossier_data.dossier d
          WHERE d.account_id = p_account AND d.state = 'active' AND NOT dossier_data.handed_over(d)) s
    WHERE NOT dossier_data.consent_stands(p_account, s.kind, s.patient_id, p_login)
    ORDER BY s.kind = 'portal' DESC, s.created_at, s.patient_id
$$;

CREATE OR REPLACE FUNCTION dossier_data.session_login(p jsonb) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT created_at FROM dossier_data.session WHERE id = (p ->> 'session_id')::uuid
        AND account_id = (p ->> 'account_id')::uuid), now())
$$;

-- The names are those of a patient the account still keeps.
CREATE OR REPLACE FUNCTION dossier_data.consent_patient_json(p_account uuid, p_patient uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('patient_id', p_patient, 'first_name', t.first_name, 'last_name', t.last_name)
    FROM (SELECT) one LEFT JOIN (dossier_data.patient t JOIN dossier_data.dossier d
        ON d.patient_id = t.id AND d.account_id = p_account AND NOT dossier_data.handed_over(d)) ON t.id = p_patient
$$;

CREATE OR REPLACE FUNCTION dossier_data.consent_json(c dossier_data.consent) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', c.id, 'notice', c.kind, 'version', c.version,
            'role', c.role,
            'given_at', dossier_data.rfc3339(c.given_at),
            'withdrawn_at', dossier_data.rfc3339(c.withdrawn_at))
        || dossier_data.consent_patient_json(c.account_id, CASE c.kind WHEN 'dossier' THEN c.patient_id END)
$$;

CREATE OR REPLACE FUNCTION dossier.consent_list(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
BEGIN
    RETURN jsonb_build_object('outcome', 'ok',
        'consents', (SELECT coalesce(jsonb_agg(consent_json(c) ORDER BY c.given_at DESC, c.id), '[]')
            FROM consent c WHERE c.account_id = v_account),
        'due', (SELECT coalesce(jsonb_agg(jsonb_build_object('notice', d.kind, 'version', d.version)
                || consent_patient_json(v_account, d.patient_id)), '[]')
            FROM consents_due(v_account, session_login(p)) d));
END
$$;

-- Whether the account may consent for this patient: null, or the refusal. Its row is locked, so that
-- the same consent given twice at once is one.
CREATE OR REPLACE FUNCTION dossier_data.consent_subject_refusal(
    p_account uuid, p_kind text, p_patient uuid) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_state text;
BEGIN
    IF p_kind = 'portal' THEN
        PERFORM FROM dossier_data.account WHERE id = p_account FOR NO KEY UPDATE;
        RETURN CASE WHEN NOT FOUND THEN 'not_found' END;
    END IF;
    SELECT state INTO v_state FROM dossier_data.dossier d
    WHERE account_id = p_account AND patient_id = p_patient AND NOT dossier_data.handed_over(d) FOR NO KEY UPDATE;
    -- the consent to a dossier that was never opened comes with its activation code
    RETURN CASE WHEN NOT FOUND THEN 'not_found' WHEN v_state = 'inactive' THEN 'dossier_inactive' END;
END
$$;

CREATE OR REPLACE FUNCTION dossier.consent_give(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_kind text := p -> 'consent' ->> 'notice';
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal jsonb := outcome(consent_subject_refusal(v_account, v_kind, v_patient));
    v_consent consent;
BEGIN
    IF v_refusal ->> 'outcome' IS NULL THEN
        v_refusal := consent_refusal(p -> 'consent', v_kind);
    END IF;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'consent_given', v_refusal ->> 'outcome', p ->> 'address',
            patient => v_patient);
        RETURN v_refusal;
    END IF;
    SELECT * INTO v_consent FROM consent
    WHERE account_id = v_account AND kind = v_kind AND version = p -> 'consent' ->> 'version'
      AND withdrawn_at IS NULL AND (kind = 'portal' OR patient_id = v_patient) LIMIT 1;
    IF NOT FOUND THEN
        INSERT INTO consent (account_id, patient_id, kind, version, role, address)
        SELECT id, coalesce(v_patient, patient_id), v_kind, p -> 'consent' ->> 'version',
            (SELECT d.role FROM dossier d WHERE d.account_id = v_account AND d.patient_id = v_patient), p ->> 'address'
        FROM account WHERE id = v_account RETURNING * INTO v_consent;
        PERFORM audit_write('account', v_account, 'consent_given', 'ok', p ->> 'address',
            patient => v_consent.patient_id, detail => v_kind || ' ' || v_consent.version);
    END IF;
    RETURN jsonb_build_object('outcome', 'created', 'consent', consent_json(v_consent));
END
$$;

-- Takes back all that stands of that notice, for that patient. What it allowed is switched off: one
-- dossier, or with the portal's notice every dossier of the account.
CREATE OR REPLACE FUNCTION dossier.consent_withdraw(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_consent consent;
    v_refusal text;
BEGIN
    SELECT * INTO v_consent FROM consent WHERE id = (p ->> 'consent_id')::uuid AND account_id = v_account;
    v_refusal := CASE WHEN NOT FOUND THEN 'not_found' ELSE password_proof_take(p) END;
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'consent_withdrawn', v_refusal, p ->> 'address',
            patient => v_consent.patient_id);
        RETURN outcome(v_refusal);
    END IF;
    PERFORM dossiers_disable(v_account, CASE v_consent.kind WHEN 'dossier' THEN v_consent.patient_id END,
        p ->> 'address');
    PERFORM account_hold(v_account);
    UPDATE consent SET withdrawn_at = now(), withdrawn_address = p ->> 'address'
    WHERE account_id = v_account AND kind = v_consent.kind AND withdrawn_at IS NULL
      AND (kind = 'portal' OR patient_id = v_consent.patient_id);
    IF FOUND THEN
        PERFORM audit_write('account', v_account, 'consent_withdrawn', 'ok', p ->> 'address',
            patient => v_consent.patient_id, detail => v_consent.kind || ' ' || v_consent.version);
    END IF;
    SELECT * INTO v_consent FROM consent WHERE id = v_consent.id;
    RETURN jsonb_build_object('outcome', 'ok', 'consent', consent_json(v_consent));
END
$$;
