-- What an account agreed to, what it is asked for again, and taking it back.

CREATE OR REPLACE FUNCTION dossier.consent_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
BEGIN
    RETURN answer('ok', json_build_object(
        'consents', (SELECT coalesce(json_agg(c.told ORDER BY c.given_at DESC, c.id), '[]')
            FROM consents_told(v_account) c),
        'due', (SELECT coalesce(json_agg(json_build_object('notice', d.kind, 'version', d.version,
                'patient_id', d.patient_id, 'first_name', k.first_name, 'last_name', k.last_name)
                ORDER BY d.kind = 'portal' DESC, d.since, d.patient_id), '[]')
            FROM session_login(v_account, (p ->> 'session_id')::uuid) l
            CROSS JOIN LATERAL consents_due(v_account, l.at) d
            LEFT JOIN consent_patients(v_account) k ON k.patient_id = d.patient_id)));
END
$$;

CREATE OR REPLACE FUNCTION dossier.consent_give(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_kind text := p -> 'consent' ->> 'notice';
    v_patient uuid := (p ->> 'patient_id')::uuid;
    v_refusal answer := outcome(consent_subject_refusal(v_account, v_kind, v_patient));
    v_consent consent;
BEGIN
    IF v_refusal.outcome IS NULL THEN
        v_refusal := consent_refusal(p -> 'consent', v_kind);
    END IF;
    IF v_refusal.outcome IS NOT NULL THEN
        PERFORM audit_write('account', v_account, 'consent_given', v_refusal.outcome, p ->> 'address',
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
    RETURN answer('created', json_build_object('consent',
        (SELECT c.told FROM consents_told(v_account) c WHERE c.id = v_consent.id)));
END
$$;

-- Takes back all that stands of that notice, for that patient. What it allowed is switched off: one
-- dossier, or with the portal's notice every dossier of the account.
CREATE OR REPLACE FUNCTION dossier.consent_withdraw(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    RETURN answer('ok', json_build_object('consent',
        (SELECT c.told FROM consents_told(v_account) c WHERE c.id = v_consent.id)));
END
$$;
