-- Destroys the keys of documents past their time; what of the row would still tell something about
-- the person's health goes with them. The object ids whose files are noise now, with those they had before.
CREATE OR REPLACE FUNCTION dossier_lib.documents_purge(p_limit int) RETURNS uuid[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_documents uuid[];
BEGIN
    WITH expired AS (
        SELECT id, wrapped_key IS NOT NULL AS keyed FROM dossier_data.document
        WHERE purged_at IS NULL AND expires_at <= now()
        ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED
    ), purged AS (
        UPDATE dossier_data.document d SET purged_at = now(), wrapped_key = NULL, title = NULL, author = NULL,
            calls = dossier_lib.calls_ended(d.calls)
        FROM expired WHERE d.id = expired.id
        RETURNING d.*
    ), noted AS (
        SELECT id, dossier_lib.audit_write('system', NULL, 'document_purged', 'ok', NULL,
            patient => patient_id, object => id, facility => facility_id, detail => 'version ' || version)
        FROM purged
    )
    SELECT array_agg(id) INTO v_documents FROM noted;
    RETURN dossier_lib.documents_files(v_documents);
END
$$;

-- True when one of the tables may hold more. Rows are found in the order of an index and named one by one: that is the plan
-- whatever the planner knows of the time and the limit.
CREATE OR REPLACE FUNCTION dossier_lib.traces_purge(p_limit int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_before timestamptz := now() - dossier_lib.days(dossier_lib.limit_of('traces_keep_days'));
    v_total interval := dossier_lib.minutes(dossier_lib.limit_of('session_total_minutes'));
    v_rows bigint;
    v_more boolean := false;
BEGIN
    DELETE FROM dossier_data.session WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.session WHERE created_at < v_before - v_total
        ORDER BY created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    -- with their codes; the outbox rows stay until their own time
    DELETE FROM dossier_data.registration WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.registration WHERE expires_at < v_before
        ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.device WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.device
        WHERE last_seen_at < now() - dossier_lib.days(dossier_lib.limit_of('device_keep_days'))
        ORDER BY last_seen_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.account_change WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.account_change WHERE expires_at < v_before
        ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.login_attempt WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.login_attempt WHERE created_at < v_before
        ORDER BY created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.password_proof WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.password_proof WHERE created_at < v_before
        ORDER BY created_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.early_receipt WHERE provider_id = ANY (ARRAY(
        SELECT provider_id FROM dossier_data.early_receipt WHERE at < v_before
        ORDER BY at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.consent WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.consent WHERE unlinked_at
            < now() - make_interval(months => dossier_lib.limit_of('consent_keep_months'))
        ORDER BY unlinked_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    DELETE FROM dossier_data.outbox WHERE id = ANY (ARRAY(
        SELECT id FROM dossier_data.outbox
        WHERE state <> 'queued' AND ended_at < now() - dossier_lib.days(dossier_lib.limit_of('outbox_keep_days'))
        ORDER BY ended_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;

    RETURN v_more;
END
$$;

-- What was counted long ago. A login or a code of the same subject waits until the transaction is over: this comes last in
-- it. True when there may be more.
CREATE OR REPLACE FUNCTION dossier_lib.throttle_purge(p_limit int) RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_before timestamptz := now() - dossier_lib.days(dossier_lib.limit_of('traces_keep_days'));
    v_rows bigint;
    v_more boolean;
BEGIN
    DELETE FROM dossier_data.throttle WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM dossier_data.throttle
        WHERE touched_at < v_before AND coalesce(tat, v_before) <= now()
        ORDER BY touched_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_rows >= p_limit;

    -- those that strangers make as many of as they like
    DELETE FROM dossier_data.throttle WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM dossier_data.throttle
        WHERE scope IN ('login', 'login_address', 'code_address', 'turn') AND touched_at < now() - interval '2 hours'
          AND coalesce(tat, '-infinity') <= now()
        ORDER BY touched_at LIMIT p_limit FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    v_more := v_more OR v_rows >= p_limit;
    RETURN v_more;
END
$$;
