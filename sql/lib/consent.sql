-- What an account agreed to, what it is asked for again, and taking it back.

-- Whether a consent stands to the version that was current then, or to a later one. The portal's is
-- the account's; that to a dossier is for one patient.
CREATE OR REPLACE FUNCTION dossier_lib.consent_stands(
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
CREATE OR REPLACE FUNCTION dossier_lib.consents_due(p_account uuid, p_login timestamptz)
RETURNS TABLE (kind text, version text, patient_id uuid)
LANGUAGE sql STABLE AS $$
    SELECT s.kind, dossier_lib.notice_current(s.kind), s.patient_id
    FROM (SELECT 'portal' AS kind, NULL::uuid AS patient_id, '-infinity'::timestamptz AS created_at
          UNION ALL
          SELECT 'dossier', d.patient_id, d.created_at FROM dossier_data.dossier d
          WHERE d.account_id = p_account AND d.state = 'active' AND NOT dossier_lib.handed_over(d)) s
    WHERE NOT dossier_lib.consent_stands(p_account, s.kind, s.patient_id, p_login)
    ORDER BY s.kind = 'portal' DESC, s.created_at, s.patient_id
$$;

CREATE OR REPLACE FUNCTION dossier_lib.session_login(p jsonb) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT created_at FROM dossier_data.session WHERE id = (p ->> 'session_id')::uuid
        AND account_id = (p ->> 'account_id')::uuid), now())
$$;

-- The names are those of a patient the account still keeps.
CREATE OR REPLACE FUNCTION dossier_lib.consent_patient_json(p_account uuid, p_patient uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('patient_id', p_patient, 'first_name', t.first_name, 'last_name', t.last_name)
    FROM (SELECT) one LEFT JOIN (dossier_data.patient t JOIN dossier_data.dossier d
        ON d.patient_id = t.id AND d.account_id = p_account AND NOT dossier_lib.handed_over(d)) ON t.id = p_patient
$$;

CREATE OR REPLACE FUNCTION dossier_lib.consent_json(c dossier_data.consent) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('id', c.id, 'notice', c.kind, 'version', c.version,
            'role', c.role,
            'given_at', dossier_lib.rfc3339(c.given_at),
            'withdrawn_at', dossier_lib.rfc3339(c.withdrawn_at))
        || dossier_lib.consent_patient_json(c.account_id, CASE c.kind WHEN 'dossier' THEN c.patient_id END)
$$;

-- Whether the account may consent for this patient: null, or the refusal. Its row is locked, so that
-- the same consent given twice at once is one.
CREATE OR REPLACE FUNCTION dossier_lib.consent_subject_refusal(
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
    WHERE account_id = p_account AND patient_id = p_patient AND NOT dossier_lib.handed_over(d) FOR NO KEY UPDATE;
    -- the consent to a dossier that was never opened comes with its activation code
    RETURN CASE WHEN NOT FOUND THEN 'not_found' WHEN v_state = 'inactive' THEN 'dossier_inactive' END;
END
$$;
