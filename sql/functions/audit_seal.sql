-- Sealing the audit, removing what is past its time, and finding what was tampered with.

-- Whatever the session's settings and whatever columns come later, the same line gives the same bytes.
CREATE OR REPLACE FUNCTION dossier_data.audit_line_hash(a dossier_data.audit) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(a.id, a.txid::text,
        (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_kind, a.actor_id, a.action, a.outcome,
        a.account_id, a.patient_id, a.object_id, a.facility_id, a.address, a.detail)::text, 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION dossier_data.seal_hash(s dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(s.number, s.lines::text, s.count,
        (extract(epoch FROM s.newest_at) * 1000000)::bigint, s.below::text, s.root, s.previous,
        (extract(epoch FROM s.sealed_at) * 1000000)::bigint)::text, 'UTF8')), 'hex')
$$;

-- Gathers the lines that are in no seal yet and whose transaction is over: below the snapshot's xmin,
-- or beyond its xmax, which only a line from another cluster (a restored copy) can be. Nothing to
-- seal: null. No transaction is thought to last longer than a day.
CREATE OR REPLACE FUNCTION dossier_data.audit_seal_make(p_limit int) RETURNS dossier_data.audit_seal
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_last dossier_data.audit_seal;
    v_seal dossier_data.audit_seal;
    v_floor bigint := coalesce((SELECT max(upper(lines)) FROM dossier_data.audit_seal
        WHERE sealed_at < now() - interval '1 day'), 0);
    v_open int8multirange := int8multirange(int8range(v_floor, NULL)) - coalesce(
        (SELECT range_agg(r) FROM dossier_data.audit_seal s, unnest(s.lines) r
         WHERE s.sealed_at >= now() - interval '1 day'), '{}');
BEGIN
    SELECT * INTO v_last FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1;
    WITH line AS (
        SELECT a.id, a.at, dossier_data.audit_line_hash(a) AS hash
        FROM unnest(v_open) r
        JOIN dossier_data.audit a ON a.id >= lower(r) AND a.id < coalesce(upper(r), 9223372036854775807)
        WHERE (a.txid < pg_snapshot_xmin(pg_current_snapshot()) OR a.txid >= pg_snapshot_xmax(pg_current_snapshot()))
          AND a.txid IS DISTINCT FROM pg_current_xact_id_if_assigned()
        ORDER BY a.id LIMIT p_limit)
    SELECT count(*), range_agg(int8range(id, id, '[]')), max(at),
        encode(sha256(string_agg(hash, ''::bytea ORDER BY id)), 'hex'),
        CASE WHEN count(*) < p_limit THEN pg_snapshot_xmin(pg_current_snapshot()) END
    INTO v_seal.count, v_seal.lines, v_seal.newest_at, v_seal.root, v_seal.below FROM line;
    IF v_seal.count = 0 THEN
        RETURN NULL;
    END IF;
    v_seal.number := coalesce(v_last.number, 0) + 1;
    v_seal.previous := coalesce(v_last.hash, repeat('0', 64));
    v_seal.sealed_at := clock_timestamp();
    v_seal.hash := dossier_data.seal_hash(v_seal);
    INSERT INTO dossier_data.audit_seal SELECT (v_seal).*;
    RETURN v_seal;
END
$$;

-- Removes the lines of the oldest seals whose months are over, and keeps the last of these seals for the
-- next to follow. How many were removed.
CREATE OR REPLACE FUNCTION dossier_data.audit_remove(p_months int, p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_over timestamptz := now() - make_interval(months => p_months);
    v_first_kept bigint := (SELECT min(number) FROM dossier_data.audit_seal
        WHERE removed_at IS NULL AND newest_at >= v_over);
    v_numbers bigint[] := ARRAY(SELECT number FROM dossier_data.audit_seal
        WHERE removed_at IS NULL AND newest_at < v_over AND (v_first_kept IS NULL OR number < v_first_kept)
        ORDER BY number LIMIT p_limit);
BEGIN
    UPDATE dossier_data.audit_seal SET removed_at = now() WHERE number = ANY (v_numbers);
    DELETE FROM dossier_data.audit a USING dossier_data.audit_seal s, unnest(s.lines) r
    WHERE s.number = ANY (v_numbers) AND a.id >= lower(r) AND a.id < upper(r);
    DELETE FROM dossier_data.audit_seal
    WHERE removed_at IS NOT NULL AND number < v_numbers[cardinality(v_numbers)];
    RETURN cardinality(v_numbers);
END
$$;

-- One batch: sealed, and what is past its time removed. p_limit: lines at most.
CREATE OR REPLACE FUNCTION dossier.audit_seal(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_months int := least(120, greatest(24, (p ->> 'months')::int));
    v_seal audit_seal;
    v_removed int;
BEGIN
    PERFORM lock_name('audit_seal');
    v_seal := audit_seal_make(v_limit);
    v_removed := audit_remove(v_months, 5);
    RETURN jsonb_build_object('outcome', 'ok', 'number', v_seal.number, 'hash', v_seal.hash,
        'more', coalesce(v_seal.count = v_limit, false) OR v_removed = 5);
END
$$;

-- ---- verification: a line for each thing that is wrong

CREATE OR REPLACE FUNCTION dossier_data.audit_seal_lines_wrong(s dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN count(a.id) <> s.count THEN format('%s lines are missing: %s', s.count - count(a.id),
            s.lines - coalesce(range_agg(int8range(a.id, a.id, '[]')), '{}'))
        WHEN encode(sha256(string_agg(dossier_data.audit_line_hash(a), ''::bytea ORDER BY a.id)), 'hex') <> s.root
            THEN 'a line was changed, or lines changed places' END
    FROM unnest(s.lines) r LEFT JOIN dossier_data.audit a ON a.id >= lower(r) AND a.id < upper(r)
$$;

-- A line that was not there when everything before it was sealed. p_lines: where to look; p: the last
-- seal before them that left nothing out.
CREATE OR REPLACE FUNCTION dossier_data.audit_lines_late(
    p_lines int8multirange, p dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT string_agg(a.id::text, ', ' ORDER BY a.id)
    FROM unnest(p_lines) r
    JOIN dossier_data.audit a ON a.id >= coalesce(lower(r), 0) AND a.id < coalesce(upper(r), 9223372036854775807)
    WHERE a.at < p.sealed_at AND (a.txid < p.below OR a.at < p.sealed_at - interval '1 day')
$$;

-- What is wrong with one seal as it follows the other (null: it is the first that is there).
CREATE OR REPLACE FUNCTION dossier_data.audit_seal_wrong(
    s dossier_data.audit_seal, p_before dossier_data.audit_seal) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF s.number <> coalesce(p_before.number, 0) + 1 AND (p_before.number IS NOT NULL OR s.removed_at IS NULL) THEN
        RETURN NEXT 'seals before it are missing';
    ELSIF s.previous <> coalesce(p_before.hash, repeat('0', 64)) AND (p_before.number IS NOT NULL OR s.number = 1) THEN
        RETURN NEXT 'it does not follow the seal before it';
    END IF;
    IF s.hash <> dossier_data.seal_hash(s) THEN
        RETURN NEXT 'the seal itself was changed';
    END IF;
    IF s.removed_at IS NULL THEN
        RETURN QUERY SELECT w FROM dossier_data.audit_seal_lines_wrong(s) w WHERE w IS NOT NULL;
    ELSIF s.newest_at >= s.removed_at - interval '24 months' OR s.removed_at > now() THEN
        RETURN NEXT 'its lines were removed before their time';
    END IF;
END
$$;

-- A seal that was noted down outside the database must still be the same.
CREATE OR REPLACE FUNCTION dossier_admin.audit_verify(noted_number bigint DEFAULT NULL, noted_hash text DEFAULT NULL)
RETURNS TABLE (seal bigint, problem text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_seal audit_seal;
    v_before audit_seal;
    v_complete audit_seal;
    v_sealed int8multirange := '{}';
BEGIN
    FOR v_seal IN SELECT * FROM audit_seal ORDER BY number LOOP
        RETURN QUERY SELECT v_seal.number, w FROM audit_seal_wrong(v_seal, v_before) w
            UNION ALL SELECT v_seal.number, 'lines were added behind their time: ' || l
            FROM audit_lines_late(v_seal.lines, v_complete) l WHERE l IS NOT NULL;
        v_before := v_seal;
        v_sealed := v_sealed + v_seal.lines;
        IF v_seal.below IS NOT NULL THEN
            v_complete := v_seal;
        END IF;
    END LOOP;
    RETURN QUERY SELECT NULL::bigint, 'lines were added behind their time: ' || l
        FROM audit_lines_late('{(,)}'::int8multirange - v_sealed, v_complete) l WHERE l IS NOT NULL;
    IF noted_number IS NOT NULL AND NOT EXISTS (
            SELECT FROM audit_seal s WHERE s.number = noted_number AND s.hash = noted_hash) THEN
        RETURN QUERY SELECT noted_number, CASE WHEN noted_number < (SELECT min(s.number) FROM audit_seal s)
            THEN 'the seal noted down is older than what is kept' ELSE 'this is not the seal that was noted down' END;
    END IF;
END
$$;
