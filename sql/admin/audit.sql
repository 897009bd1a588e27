-- Whether the audit is as it was written.

-- A seal that was noted down outside the database must still be the same.
CREATE OR REPLACE FUNCTION dossier_admin.audit_verify(noted_number bigint DEFAULT NULL, noted_hash text DEFAULT NULL)
RETURNS TABLE (seal bigint, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_seal audit_seal;
    v_before audit_seal;
    v_complete audit_seal;
BEGIN
    FOR v_seal IN SELECT * FROM audit_seal ORDER BY number LOOP
        RETURN QUERY SELECT v_seal.number, w FROM audit_seal_wrong(v_seal, v_before) w
            UNION ALL SELECT v_seal.number, 'lines were added behind their time: ' || l
            FROM audit_lines_late(v_seal.lines, v_complete) l WHERE l IS NOT NULL;
        v_before := v_seal;
        IF v_seal.below IS NOT NULL THEN
            v_complete := v_seal;
        END IF;
    END LOOP;
    RETURN QUERY SELECT NULL::bigint, 'lines were added behind their time: ' || l
        FROM audit_lines_late(audit_ids_unsealed(), v_complete) l WHERE l IS NOT NULL;
    IF noted_number IS NOT NULL AND NOT EXISTS (
            SELECT FROM audit_seal s WHERE s.number = noted_number AND s.hash = noted_hash) THEN
        RETURN QUERY SELECT noted_number, CASE WHEN noted_number < (SELECT min(s.number) FROM audit_seal s)
            THEN 'the seal noted down is older than what is kept' ELSE 'this is not the seal that was noted down' END;
    END IF;
END
$$;
