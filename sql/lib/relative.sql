-- Relatives: other patients kept under an account holder's account.

-- Since when a patient decides alone who else sees the dossier: since an own account's activation, whatever
-- has become of that account, or the 18th birthday. What the desk registered or handed out before opens no relative's
-- dossier.
CREATE OR REPLACE FUNCTION dossier_lib.independent_since(p_patient dossier_data.patient)
RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT coalesce(greatest(p_patient.independent_at,
        (SELECT a.day::timestamp AT TIME ZONE 'Europe/Rome'
         FROM (SELECT dossier_lib.adult_on(dossier_lib.birth_of(p_patient)) AS day) a
         WHERE a.day <= dossier_lib.today())), '-infinity')
$$;

-- Null: this account may keep this patient. No acceptance, an old one and an unknown patient are
-- one refusal.
CREATE OR REPLACE FUNCTION dossier_lib.relative_refusal(
    p_account dossier_data.account, p_patient dossier_data.patient, p_birth date, p_role text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM dossier_data.dossier
                WHERE account_id = p_account.id AND patient_id = p_patient.id) THEN 'relative_exists'
        WHEN NOT EXISTS (SELECT FROM dossier_data.acceptance
                WHERE patient_id = p_patient.id AND mobile = p_account.mobile
                  AND created_at > dossier_lib.independent_since(p_patient)) THEN 'relative_not_at_desk'
        WHEN p_role = CASE WHEN dossier_lib.is_minor(p_birth) THEN 'delegate' ELSE 'parent' END
            THEN 'role_age' END
$$;

-- Who activates the own dossier has it alone: whoever kept it as a relative's loses it and is told, not where it was
-- opened.
CREATE OR REPLACE FUNCTION dossier_lib.relatives_take_over(p_own dossier_data.dossier, p_facility text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_holder uuid;
BEGIN
    FOR v_holder IN
        WITH lost AS (DELETE FROM dossier_data.dossier
            WHERE patient_id = p_own.patient_id AND relation = 'relative' RETURNING account_id)
        SELECT account_id FROM lost ORDER BY account_id
    LOOP
        PERFORM dossier_lib.audit_write('account', p_own.account_id, 'relative_taken_over', 'ok', NULL,
            account => v_holder, patient => p_own.patient_id);
        PERFORM dossier_lib.alerts_drop(v_holder);
        PERFORM dossier_lib.message_queue(v_holder, 'relative_taken_over', 'told', p_facility);
    END LOOP;
END
$$;

-- The account holders of minors who turn 18 soon, each told once. How many.
CREATE OR REPLACE FUNCTION dossier_lib.handovers_announce(p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_until date := dossier_lib.today() + dossier_lib.limit_of('handover_notice_days');
    v_dossier dossier_data.dossier;
    v_count int := 0;
BEGIN
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier d
        WHERE d.of_minor AND d.handover_told_at IS NULL
          AND d.adult_on > dossier_lib.today() AND d.adult_on <= v_until
        ORDER BY d.account_id, d.id LIMIT p_limit FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        UPDATE dossier_data.dossier SET handover_told_at = now() WHERE id = v_dossier.id;
        PERFORM dossier_lib.audit_write('system', NULL, 'handover_announced', 'ok', NULL,
            account => v_dossier.account_id, patient => v_dossier.patient_id);
        PERFORM dossier_lib.message_queue(v_dossier.account_id, 'minor_handover_soon', 'told');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;

-- Ends what the account holders had of minors who have turned 18. How many.
CREATE OR REPLACE FUNCTION dossier_lib.handovers_end(p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_dossier dossier_data.dossier;
    v_count int := 0;
BEGIN
    FOR v_dossier IN
        SELECT * FROM dossier_data.dossier d WHERE d.of_minor AND d.adult_on <= dossier_lib.today()
        ORDER BY d.account_id, d.id LIMIT p_limit FOR UPDATE SKIP LOCKED
    LOOP
        DELETE FROM dossier_data.dossier WHERE id = v_dossier.id;
        PERFORM dossier_lib.audit_write('system', NULL, 'handover', 'ok', NULL,
            account => v_dossier.account_id, patient => v_dossier.patient_id);
        PERFORM dossier_lib.alerts_drop(v_dossier.account_id);
        PERFORM dossier_lib.message_queue(v_dossier.account_id, 'minor_handover', 'told');
        v_count := v_count + 1;
    END LOOP;
    RETURN v_count;
END
$$;
