-- The slip whose activation code was shown, by the MACs of all keys; a used or expired one too, for it opens
-- nothing here: it says that the requester is not a stranger. Null: none, or one that the desk has replaced.
CREATE OR REPLACE FUNCTION dossier_lib.slip_shown(p_codice_fiscale text, p_macs jsonb) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT c.id FROM dossier_data.activation_code c
    JOIN dossier_data.patient t ON t.id = c.patient_id
    JOIN jsonb_each_text(nullif(p_macs, 'null')) m ON c.key_id = m.key AND c.mac = m.value
    WHERE t.codice_fiscale = dossier_lib.codice_fiscale_now(p_codice_fiscale) AND c.revoked_at IS NULL
$$;

-- Of a code shown that is not a slip's by the MACs of all keys: "unavailable" with key_id if any code that is out was made
-- under a key that the web server's key file does not hold. Whoever asks, of whom ever, is told so: it is not looked
-- whose codes those are. Null: there is none, or no code was shown. Goes from key to key by activation_code_of_key.
CREATE OR REPLACE FUNCTION dossier_lib.slip_unread(p_macs jsonb) RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    WITH RECURSIVE k (key_id) AS (
        SELECT min(key_id) FROM dossier_data.activation_code WHERE used_at IS NULL AND revoked_at IS NULL
        UNION ALL
        SELECT (SELECT min(c.key_id) FROM dossier_data.activation_code c
                WHERE c.used_at IS NULL AND c.revoked_at IS NULL AND c.key_id > k.key_id)
        FROM k WHERE k.key_id IS NOT NULL)
    SELECT dossier_lib.answer('unavailable', jsonb_build_object('key_id', k.key_id)) FROM k
    WHERE NOT nullif(p_macs, 'null') ? k.key_id AND EXISTS (SELECT FROM dossier_data.activation_code c
        WHERE c.key_id = k.key_id AND c.used_at IS NULL AND c.revoked_at IS NULL AND c.expires_at > now())
    LIMIT 1
$$;

-- The code among the MACs of all keys (and of each codice fiscale of the patient's), locked; of this patient only.
CREATE OR REPLACE FUNCTION dossier_lib.activation_code_lock(p_patient uuid, p_macs jsonb)
RETURNS dossier_data.activation_code
LANGUAGE sql VOLATILE AS $$
    SELECT c.* FROM dossier_data.activation_code c
    JOIN (SELECT e.key, e.value FROM jsonb_array_elements(p_macs) o CROSS JOIN jsonb_each_text(o) e) m
        ON c.key_id = m.key AND c.mac = m.value
    WHERE c.patient_id = p_patient FOR NO KEY UPDATE OF c
$$;

-- A code that is out for this patient was made under a key that the web server's key file does not hold, so that nobody
-- can say whether it was typed: "unavailable" with that key_id; "activation_expired" where the key is lost for good
-- (its MAC is null), for the desk has to make another. Null: there is none.
CREATE OR REPLACE FUNCTION dossier_lib.activation_unread(p_patient uuid, p_macs jsonb) RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_macs ? c.key_id THEN dossier_lib.outcome('activation_expired')
        ELSE dossier_lib.answer('unavailable', jsonb_build_object('key_id', c.key_id)) END
    FROM dossier_data.activation_code c
    WHERE c.patient_id = p_patient AND c.used_at IS NULL AND c.revoked_at IS NULL AND c.expires_at > now()
      AND p_macs ->> c.key_id IS NULL
    ORDER BY p_macs ? c.key_id LIMIT 1
$$;

-- Unknown code, wrong pair and somebody else's codice fiscale are one refusal; so is, for a relative's
-- dossier, a code from before the patient became independent. "again": the code that has opened this
-- very dossier; a relative removed meanwhile needs a new one.
CREATE OR REPLACE FUNCTION dossier_lib.activation_judge(
    p_code dossier_data.activation_code, p_dossier dossier_data.dossier, p_independent timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_code.id IS NULL THEN 'activation_wrong'
        WHEN p_code.used_by = p_dossier.account_id AND p_dossier.state <> 'inactive' THEN 'again'
        WHEN p_code.used_at IS NOT NULL THEN 'activation_used'
        WHEN p_code.revoked_at IS NOT NULL THEN 'activation_wrong'
        WHEN p_dossier.relation = 'relative' AND p_code.created_at <= p_independent THEN 'activation_wrong'
        WHEN now() >= p_code.expires_at THEN 'activation_expired' ELSE 'ok' END
$$;

-- Everything a right code brings about.
CREATE OR REPLACE FUNCTION dossier_lib.activation_apply(
    p jsonb, p_dossier dossier_data.dossier, p_code dossier_data.activation_code) RETURNS dossier_data.dossier
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_dossier dossier_data.dossier;
    v_version text := p -> 'consent' ->> 'version';
BEGIN
    UPDATE dossier_data.activation_code SET used_at = now(), used_by = p_dossier.account_id, sealed = NULL
    WHERE id = p_code.id;
    UPDATE dossier_data.dossier SET state = 'active', activated_at = now() WHERE id = p_dossier.id
    RETURNING * INTO v_dossier;
    INSERT INTO dossier_data.consent (account_id, patient_id, kind, version, role, address)
    VALUES (v_dossier.account_id, v_dossier.patient_id, 'dossier', v_version, v_dossier.role, p ->> 'address');
    PERFORM dossier_lib.audit_write('account', v_dossier.account_id, 'consent_given', 'ok', p ->> 'address',
        patient => v_dossier.patient_id, detail => 'dossier ' || v_version);
    PERFORM dossier_lib.audit_write('account', v_dossier.account_id, 'dossier_activated', 'ok', p ->> 'address',
        patient => v_dossier.patient_id, object => p_code.acceptance_id);
    IF v_dossier.relation = 'self' THEN
        UPDATE dossier_data.patient SET independent_at = now() WHERE id = v_dossier.patient_id;
        PERFORM dossier_lib.relatives_take_over(v_dossier,
            (SELECT facility_id FROM dossier_data.acceptance WHERE id = p_code.acceptance_id));
    END IF;
    RETURN v_dossier;
END
$$;
