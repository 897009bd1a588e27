-- Sealing the audit, removing what is past its time, and finding what was tampered with.

-- Whatever the session's settings and whatever columns come later, the same line gives the same bytes.
CREATE OR REPLACE FUNCTION dossier_lib.audit_line_hash(a dossier_data.audit) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(jsonb_build_array(a.id, a.txid::text,
        (extract(epoch FROM a.at) * 1000000)::bigint, a.actor_kind, a.actor_id, a.action, a.outcome,
        a.account_id, a.patient_id, a.object_id, a.facility_id, a.address, a.detail)::text, 'UTF8'))
$$;

CREATE OR REPLACE FUNCTION dossier_lib.seal_hash(s dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to((jsonb_build_array(s.number, s.lines::text, s.count,
        (extract(epoch FROM s.newest_at) * 1000000)::bigint, s.below::text, s.root, s.previous,
        (extract(epoch FROM s.sealed_at) * 1000000)::bigint)
        || CASE WHEN s.cluster IS NULL THEN '[]' ELSE jsonb_build_array(s.above::text, s.cluster) END)::text,
        'UTF8')), 'hex')
$$;

-- All ids that are in no seal. Reads every seal.
CREATE OR REPLACE FUNCTION dossier_lib.audit_ids_unsealed() RETURNS int8multirange
LANGUAGE sql STABLE AS $$
    SELECT '{(,)}'::int8multirange - coalesce(range_agg(r), '{}') FROM dossier_data.audit_seal s, unnest(s.lines) r
$$;

-- The lines with these ids, looked for range by range: the planner cannot know how many ranges there are.
CREATE OR REPLACE FUNCTION dossier_lib.audit_lines_in(p_ids int8multirange) RETURNS SETOF dossier_data.audit
LANGUAGE sql STABLE AS $$
    SELECT a.* FROM unnest(p_ids) r CROSS JOIN LATERAL (
        SELECT * FROM dossier_data.audit
        WHERE id >= coalesce(lower(r), 0) AND id < coalesce(upper(r), 9223372036854775807)
        ORDER BY id OFFSET 0) a
$$;

-- Lines of transactions that are over and that are in no seal. From a transaction on: whole transactions, in
-- their order, a little more than the limit if the last one needs it. From null, because no seal of this
-- cluster says how far it got (the first seal, a restored copy, an update): by id, looked for among all seals;
-- there a transaction beyond the snapshot's xmax can only be another cluster's, and is over.
CREATE OR REPLACE FUNCTION dossier_lib.audit_lines_next(p_from xid8, p_limit int)
RETURNS SETOF dossier_data.audit
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_xmin xid8 := pg_snapshot_xmin(pg_current_snapshot());
    v_xmax xid8 := pg_snapshot_xmax(pg_current_snapshot());
BEGIN
    IF p_from IS NOT NULL THEN
        RETURN QUERY SELECT a.* FROM dossier_data.audit a
            WHERE a.txid >= p_from AND a.txid < v_xmin
              -- those of a restored copy may have numbers that this cluster reaches once more
              AND NOT EXISTS (SELECT FROM dossier_data.audit_seal s WHERE s.lines @> a.id)
            ORDER BY a.txid FETCH FIRST p_limit ROWS WITH TIES;
    ELSE
        RETURN QUERY SELECT a.* FROM dossier_lib.audit_lines_in(dossier_lib.audit_ids_unsealed()) a
            WHERE (a.txid < v_xmin OR a.txid >= v_xmax) AND a.txid IS DISTINCT FROM pg_current_xact_id_if_assigned()
            LIMIT p_limit;
    END IF;
END
$$;

-- Nothing to seal: null.
CREATE OR REPLACE FUNCTION dossier_lib.audit_seal_make(p_limit int) RETURNS dossier_data.audit_seal
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_last dossier_data.audit_seal;
    v_from xid8;
    v_seal dossier_data.audit_seal;
BEGIN
    SELECT * INTO v_last FROM dossier_data.audit_seal ORDER BY number DESC LIMIT 1;
    v_seal.cluster := (SELECT system_identifier::text FROM pg_control_system());
    v_from := CASE WHEN v_last.cluster = v_seal.cluster THEN v_last.below END;
    WITH line AS (
        SELECT a.id, a.at, a.txid, dossier_lib.audit_line_hash(a) AS hash
        FROM dossier_lib.audit_lines_next(v_from, p_limit) a)
    SELECT count(*), range_agg(int8range(id, id, '[]')), max(at),
        encode(sha256(string_agg(hash, ''::bytea ORDER BY id)), 'hex'),
        CASE WHEN count(*) < p_limit THEN pg_snapshot_xmin(pg_current_snapshot())
            WHEN v_from IS NOT NULL THEN (max(txid)::text::bigint + 1)::text::xid8 END,
        pg_snapshot_xmax(pg_current_snapshot())
    INTO v_seal.count, v_seal.lines, v_seal.newest_at, v_seal.root, v_seal.below, v_seal.above FROM line;
    IF v_seal.count = 0 THEN
        RETURN NULL;
    END IF;
    v_seal.number := coalesce(v_last.number, 0) + 1;
    v_seal.previous := coalesce(v_last.hash, repeat('0', 64));
    v_seal.sealed_at := clock_timestamp();
    v_seal.hash := dossier_lib.seal_hash(v_seal);
    INSERT INTO dossier_data.audit_seal SELECT (v_seal).*;
    RETURN v_seal;
END
$$;

-- Removes the lines of the oldest seals whose months are over, and keeps the last of these seals for the
-- next to follow. How many were removed.
CREATE OR REPLACE FUNCTION dossier_lib.audit_remove(p_months int, p_limit int) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_over timestamptz := now() - make_interval(months => p_months);
    v_numbers bigint[] := ARRAY(
        SELECT number FROM (
            SELECT number, bool_and(newest_at < v_over) OVER (ORDER BY number) AS over FROM (
                SELECT number, newest_at FROM dossier_data.audit_seal
                WHERE removed_at IS NULL ORDER BY number LIMIT p_limit) first) s
        WHERE over ORDER BY number);
BEGIN
    UPDATE dossier_data.audit_seal SET removed_at = now() WHERE number = ANY (v_numbers);
    DELETE FROM dossier_data.audit a USING dossier_data.audit_seal s, unnest(s.lines) r
    WHERE s.number = ANY (v_numbers) AND a.id >= lower(r) AND a.id < upper(r);
    DELETE FROM dossier_data.audit_seal
    WHERE removed_at IS NOT NULL AND number < v_numbers[cardinality(v_numbers)];
    RETURN cardinality(v_numbers);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.audit_seal_lines_wrong(s dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN count(a.id) <> s.count THEN format('%s lines are missing: %s', s.count - count(a.id),
            s.lines - coalesce(range_agg(int8range(a.id, a.id, '[]')), '{}'))
        WHEN encode(sha256(string_agg(dossier_lib.audit_line_hash(a), ''::bytea ORDER BY a.id)), 'hex') <> s.root
            THEN 'a line was changed, or lines changed places' END
    FROM dossier_lib.audit_lines_in(s.lines) a
$$;

-- A line that was not there when everything before it was sealed: its transaction was over by then, or had not
-- begun when the line says it was written. An hour is left to clocks that were set back. p_lines: where to look;
-- p: the last seal before them that left nothing out.
CREATE OR REPLACE FUNCTION dossier_lib.audit_lines_late(
    p_lines int8multirange, p dossier_data.audit_seal) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT string_agg(a.id::text, ', ' ORDER BY a.id)
    FROM dossier_lib.audit_lines_in(p_lines) a
    WHERE a.at < p.sealed_at AND (a.txid < p.below OR a.txid >= (
        SELECT q.above FROM dossier_data.audit_seal q
        WHERE q.sealed_at > a.at + interval '1 hour' AND q.number <= p.number AND q.above IS NOT NULL
        ORDER BY q.sealed_at LIMIT 1))
$$;

-- What is wrong with one seal as it follows the other (null: it is the first that is there).
CREATE OR REPLACE FUNCTION dossier_lib.audit_seal_wrong(
    s dossier_data.audit_seal, p_before dossier_data.audit_seal) RETURNS SETOF text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF s.number <> coalesce(p_before.number, 0) + 1 AND (p_before.number IS NOT NULL OR s.removed_at IS NULL) THEN
        RETURN NEXT 'seals before it are missing';
    ELSIF s.previous <> coalesce(p_before.hash, repeat('0', 64)) AND (p_before.number IS NOT NULL OR s.number = 1) THEN
        RETURN NEXT 'it does not follow the seal before it';
    END IF;
    IF s.hash <> dossier_lib.seal_hash(s) THEN
        RETURN NEXT 'the seal itself was changed';
    END IF;
    IF s.removed_at IS NULL THEN
        RETURN QUERY SELECT w FROM dossier_lib.audit_seal_lines_wrong(s) w WHERE w IS NOT NULL;
    ELSIF s.newest_at >= s.removed_at - interval '24 months' OR s.removed_at > now() THEN
        RETURN NEXT 'its lines were removed before their time';
    END IF;
END
$$;
