-- What the operator does to one person's data. A mistake of the operator's is an error with what to do.

-- For a person who has lost both the account's mobile and the password: the desk has checked the identity, and noted the
-- new number on an acceptance of that person. The former number is told, as when the account changes it itself.
CREATE OR REPLACE FUNCTION dossier_admin.account_mobile_put(codice_fiscale text, mobile text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_old account;
BEGIN
    SELECT a.* INTO v_old FROM account a JOIN patient p ON p.id = a.patient_id
    WHERE p.codice_fiscale = codice_fiscale_now(upper(account_mobile_put.codice_fiscale)) FOR NO KEY UPDATE OF a;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account has this codice fiscale';
    ELSIF v_old.mobile = account_mobile_put.mobile THEN
        RETURN;
    ELSIF NOT EXISTS (SELECT FROM acceptance a WHERE a.patient_id = v_old.patient_id
                      AND a.mobile = account_mobile_put.mobile) THEN
        RAISE EXCEPTION 'no acceptance of this person holds this number: let the desk see who it is and note the '
            'number first';
    ELSIF contact_set(v_old.id, 'mobile_change', account_mobile_put.mobile) IS NOT NULL THEN
        RAISE EXCEPTION 'another account has this number';
    END IF;
    PERFORM contact_tell(v_old, 'mobile_change');
    PERFORM audit_write('operator', NULL, 'mobile_corrected', 'ok', NULL, account => v_old.id,
        patient => v_old.patient_id);
END
$$;

-- The operator's way, for what the desk's is refused. Confirmed: the desk has seen the papers, and that both are one
-- person's.
CREATE OR REPLACE FUNCTION dossier_admin.codice_fiscale_change(former text, codice_fiscale text,
    confirmed boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_code text := upper(codice_fiscale_change.codice_fiscale);
    v_old patient;
    v_refusal text;
BEGIN
    PERFORM codice_fiscale_lock(upper(former), v_code);
    SELECT t.* INTO v_old FROM patient t WHERE t.codice_fiscale = codice_fiscale_now(upper(former));
    IF v_code !~ '^([A-Z]{6}[0-9A-Z]{10}|[0-9]{11}|(STP|ENI)[0-9]{13})$' THEN
        RAISE EXCEPTION 'the new one is not a codice fiscale';
    ELSIF NOT confirmed AND birth_by_code(v_code) IS DISTINCT FROM birth_of(v_old) THEN
        RAISE EXCEPTION 'the new codice fiscale says another day of birth, or none: if the desk has seen the papers, '
            'add --papers-seen';
    END IF;
    v_refusal := (codice_fiscale_apply(jsonb_build_object('former_codice_fiscale', upper(former), 'patient',
        to_jsonb(v_old) || jsonb_build_object('codice_fiscale', v_code, 'birth_date', birth_of(v_old))),
        confirmed, 'operator', NULL, NULL)).refusal;
    CASE v_refusal
        WHEN 'patient_unknown' THEN RAISE EXCEPTION 'no patient has the former codice fiscale';
        WHEN 'person_differs' THEN RAISE EXCEPTION 'the records under the two codes do not agree (names, day of '
            'birth, a mobile in common): if the desk has seen the papers, add --papers-seen; a code that another '
            'patient had before is refused in any case';
        WHEN 'codice_fiscale_accounts' THEN RAISE EXCEPTION 'each of the two codes has an account: let the patient '
            'delete one of them first, having saved the documents that go with it';
        ELSE NULL;
    END CASE;
END
$$;
