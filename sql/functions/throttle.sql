-- Counting per number, account or address. throttle_lock() takes the row's lock, so that what
-- follows in the transaction (decide, then hit) is done by one at a time.
-- Lock order everywhere: named lock, rows of the matter, throttle rows, outbox rows. Rows are locked
-- FOR NO KEY UPDATE, which lets others refer to them meanwhile: a foreign key is no second lock order.

-- The hits inside the window, oldest first.
CREATE OR REPLACE FUNCTION dossier_data.throttle_lock(
    p_scope text, p_subject text, p_window interval) RETURNS timestamptz[]
LANGUAGE sql VOLATILE AS $$
    INSERT INTO dossier_data.throttle AS t (scope, subject) VALUES (p_scope, p_subject)
    ON CONFLICT (scope, subject) DO UPDATE
        SET touched_at = clock_timestamp(),
            hits = ARRAY(SELECT h FROM unnest(t.hits) AS h
                         WHERE h > clock_timestamp() - p_window ORDER BY h)
    RETURNING hits
$$;

-- Counts one; its time, by which it can be taken back.
CREATE OR REPLACE FUNCTION dossier_data.throttle_hit(p_scope text, p_subject text)
RETURNS timestamptz
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_at timestamptz := clock_timestamp();
BEGIN
    UPDATE dossier_data.throttle SET hits = hits || v_at, touched_at = v_at
    WHERE scope = p_scope AND subject = p_subject;
    RETURN v_at;
END
$$;

-- Takes one back: that of p_at, or the newest.
CREATE OR REPLACE FUNCTION dossier_data.throttle_forgive(
    p_scope text, p_subject text, p_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE AS $$
    UPDATE dossier_data.throttle
    SET hits = CASE WHEN p_at IS NULL THEN trim_array(hits, least(1, cardinality(hits)))
                    ELSE array_remove(hits, p_at) END
    WHERE scope = p_scope AND subject = p_subject
$$;

-- Seconds until there are fewer than p_most hits in the window; 0: now.
CREATE OR REPLACE FUNCTION dossier_data.throttle_wait(
    p_hits timestamptz[], p_most int, p_window interval) RETURNS int
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN cardinality(p_hits) < p_most OR p_most < 1 THEN 0
        ELSE greatest(1, dossier_data.seconds_until(p_hits[cardinality(p_hits) - p_most + 1] + p_window)) END
$$;

-- Seconds until a number may get its next code, by when it got the others; 0: now.
CREATE OR REPLACE FUNCTION dossier_data.code_send_wait(p_sends timestamptz[]) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count int := cardinality(p_sends);
    v_wait int;
BEGIN
    IF v_count = 0 THEN
        RETURN 0;
    END IF;
    v_wait := dossier_data.seconds_until(p_sends[v_count] + make_interval(
        secs => dossier_data.limit_of(format('code_pause_%s_seconds', least(v_count, 4)))));
    RETURN greatest(v_wait, dossier_data.throttle_wait(
        p_sends, dossier_data.limit_of('code_sends_per_day'), '24 hours'));
END
$$;
