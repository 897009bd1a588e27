-- A password typed again, set, or forgotten.

-- Null: the password was typed again just now, and this was the one step it is good for. Else the
-- refusal. For functions that cannot be called without.
CREATE OR REPLACE FUNCTION dossier_lib.password_proof_take(p jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.password_proof q SET used_at = now()
    FROM dossier_data.account a
    WHERE q.id = (p ->> 'proof')::uuid AND q.account_id = (p ->> 'account_id')::uuid AND q.is_right
      AND a.id = q.account_id AND a.password_set_at = q.password_set_at
      AND q.used_at IS NULL AND now() < q.created_at
        + make_interval(secs => dossier_lib.limit_of('password_proof_seconds'));
    RETURN CASE WHEN NOT FOUND THEN 'password_required' END;
END
$$;

-- Whose codes those of a forgotten password are, and how they are asked for: of the login as it was typed,
-- which says nothing of the account's other one; of login and codice fiscale; or, of who comes with a device
-- the account knows or shows a slip, those of device or slip alone, which strangers cannot use up.
CREATE OR REPLACE FUNCTION dossier_lib.password_reset_subject(
    OUT subject text, OUT asked_by text, p jsonb, p_account uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_device uuid := dossier_lib.device_known(p_account, p ->> 'device_hash');
    v_slip uuid := dossier_lib.slip_shown(p ->> 'codice_fiscale', p -> 'macs');
BEGIN
    subject := dossier_lib.digest(CASE WHEN v_device IS NULL
        THEN concat_ws(':', 'reset', p ->> 'login', p ->> 'codice_fiscale', v_slip) ELSE 'device:' || v_device END);
    asked_by := CASE WHEN v_device IS NOT NULL OR v_slip IS NOT NULL THEN 'proved'
        WHEN p ->> 'codice_fiscale' IS NOT NULL THEN 'pair' ELSE 'anyone' END;
END
$$;

-- The account of a login; none of it, if a codice fiscale was given that is another person's.
CREATE OR REPLACE FUNCTION dossier_lib.password_reset_account(p jsonb) RETURNS dossier_data.account
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account dossier_data.account;
BEGIN
    SELECT * INTO v_account FROM dossier_data.account a
    WHERE (p ->> 'kind' = 'email' AND a.email = p ->> 'login' OR p ->> 'kind' = 'mobile' AND a.mobile = p ->> 'login')
      AND (p ->> 'codice_fiscale' IS NULL OR EXISTS (SELECT FROM dossier_data.patient
          WHERE id = a.patient_id AND codice_fiscale = dossier_lib.codice_fiscale_now(p ->> 'codice_fiscale')))
    FOR NO KEY UPDATE;
    RETURN v_account;
END
$$;
