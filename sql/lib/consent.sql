-- What an account agreed to, what it is asked for again, and taking it back.

-- Whether a consent stands to the version that was current then, or to a later one. The portal's is
-- the account's; that to a dossier is for one patient.
CREATE OR REPLACE FUNCTION dossier_lib.consent_of(
    p_account uuid, p_kind text, p_patient uuid, p_at timestamptz) RETURNS TABLE (stands boolean)
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM dossier_data.consent c JOIN dossier_data.notice n USING (kind, version)
        WHERE c.account_id = p_account AND c.kind = p_kind AND c.withdrawn_at IS NULL
          AND (p_kind = 'portal' OR c.patient_id = p_patient)
          AND n.published_at >= coalesce((SELECT max(m.published_at) FROM dossier_data.notice m
                                          WHERE m.kind = p_kind AND m.published_at <= p_at), '-infinity'))
$$;

-- What an account that logged in then has yet to agree to, and since when there is something to agree to. The version
-- asked for is today's.
CREATE OR REPLACE FUNCTION dossier_lib.consents_due(p_account uuid, p_login timestamptz)
RETURNS TABLE (kind text, version text, patient_id uuid, since timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT s.kind, dossier_lib.notice_current(s.kind), s.patient_id, s.since
    FROM (SELECT 'portal' AS kind, NULL::uuid AS patient_id, '-infinity'::timestamptz AS since
          UNION ALL
          SELECT 'dossier', d.patient_id, d.created_at FROM dossier_lib.dossiers_kept() d
          WHERE d.account_id = p_account AND d.state = 'active') s
    CROSS JOIN LATERAL dossier_lib.consent_of(p_account, s.kind, s.patient_id, p_login) c
    WHERE NOT c.stands
$$;

-- The patients an account keeps, by their names.
CREATE OR REPLACE FUNCTION dossier_lib.consent_patients(p_account uuid)
RETURNS TABLE (patient_id uuid, first_name text, last_name text)
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.first_name, t.last_name
    FROM dossier_lib.dossiers_kept() d JOIN dossier_data.patient t ON t.id = d.patient_id
    WHERE d.account_id = p_account
$$;

-- The names are those of a patient the account still keeps.
CREATE OR REPLACE FUNCTION dossier_lib.consents_told(p_account uuid)
RETURNS TABLE (id uuid, given_at timestamptz, address text, told json)
LANGUAGE sql STABLE AS $$
    SELECT c.id, c.given_at, c.address, json_build_object('id', c.id, 'notice', c.kind, 'version', c.version, 'role', c.role,
        'given_at', dossier_lib.rfc3339(c.given_at), 'withdrawn_at', dossier_lib.rfc3339(c.withdrawn_at),
        'patient_id', CASE c.kind WHEN 'dossier' THEN c.patient_id END,
        'first_name', k.first_name, 'last_name', k.last_name)
    FROM dossier_data.consent c
    LEFT JOIN dossier_lib.consent_patients(p_account) k ON c.kind = 'dossier' AND k.patient_id = c.patient_id
    WHERE c.account_id = p_account
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
    PERFORM FROM dossier_data.dossier WHERE account_id = p_account AND patient_id = p_patient FOR NO KEY UPDATE;
    SELECT d.state INTO v_state FROM dossier_lib.dossiers_kept() d
    WHERE d.account_id = p_account AND d.patient_id = p_patient;
    -- the consent to a dossier that was never opened comes with its activation code
    RETURN CASE WHEN NOT FOUND THEN 'not_found' WHEN v_state = 'inactive' THEN 'dossier_inactive' END;
END
$$;
