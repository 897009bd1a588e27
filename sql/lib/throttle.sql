-- Counting per number, account or address. throttle_lock() takes the row's lock, so that what
-- follows in the transaction (decide, then hit) is done by one at a time.
-- Lock order everywhere: named lock, rows of the matter, throttle rows, outbox rows. Rows are locked
-- FOR NO KEY UPDATE, which lets others refer to them meanwhile: a foreign key does not add a second lock order.

-- The hits inside the window, oldest first.
CREATE OR REPLACE FUNCTION dossier_lib.throttle_lock(
    p_scope text, p_subject text, p_window interval) RETURNS timestamptz[]
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_hits timestamptz[];
BEGIN
    INSERT INTO dossier_data.throttle AS t (scope, subject) VALUES (p_scope, p_subject)
    ON CONFLICT (scope, subject) DO UPDATE
        SET touched_at = clock_timestamp(),
            hits = ARRAY(SELECT h FROM unnest(t.hits) AS h
                         WHERE h > clock_timestamp() - p_window ORDER BY h)
    RETURNING hits INTO v_hits;
    RETURN v_hits;
END
$$;

-- Counts one; its time, by which it can be taken back.
CREATE OR REPLACE FUNCTION dossier_lib.throttle_hit(p_scope text, p_subject text)
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
CREATE OR REPLACE FUNCTION dossier_lib.throttle_forgive(
    p_scope text, p_subject text, p_at timestamptz DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.throttle
    SET hits = CASE WHEN p_at IS NULL THEN trim_array(hits, least(1, cardinality(hits)))
                    ELSE array_remove(hits, p_at) END
    WHERE scope = p_scope AND subject = p_subject;
END
$$;

-- Seconds until there are fewer than p_most hits in the window; 0: now.
CREATE OR REPLACE FUNCTION dossier_lib.throttle_wait(
    p_hits timestamptz[], p_most int, p_window interval) RETURNS int
LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN cardinality(p_hits) < p_most OR p_most < 1 THEN 0
        ELSE greatest(1, dossier_lib.seconds_until(p_hits[cardinality(p_hits) - p_most + 1] + p_window)) END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.newest(p_hits timestamptz[], p_most int) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_hits[greatest(1, cardinality(p_hits) - p_most + 1):]
$$;

-- How many of a place still count, and so are kept: more of them slow nobody down further.
CREATE OR REPLACE FUNCTION dossier_lib.crowd_most(p_most int) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT greatest(1, p_most) * greatest(1, dossier_lib.limit_of('crowd_pause_max_seconds')
        / greatest(1, dossier_lib.limit_of('crowd_pause_seconds')))
$$;

-- Seconds until this subject may go on from a place that p_crowd have asked or failed from; 0: now. A place, an
-- address prefix, is shared by many: beyond p_most of them nobody is refused, but each waits for a turn of its
-- own, the longer the greater the crowd, which nobody else can take. turn_take() is to follow.
CREATE OR REPLACE FUNCTION dossier_lib.crowd_wait(p_crowd int, p_most int, p_subject text) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_turn timestamptz[];
BEGIN
    IF p_crowd < p_most THEN
        RETURN 0;
    END IF;
    v_turn := dossier_lib.throttle_lock('turn', p_subject, '10 minutes');
    IF v_turn = '{}' THEN
        UPDATE dossier_data.throttle SET hits = ARRAY[clock_timestamp() + make_interval(secs => least(
            dossier_lib.limit_of('crowd_pause_max_seconds'),
            dossier_lib.limit_of('crowd_pause_seconds') * (p_crowd / greatest(1, p_most))))]
        WHERE scope = 'turn' AND subject = p_subject RETURNING hits INTO v_turn;
    END IF;
    RETURN dossier_lib.seconds_until(v_turn[1]);
END
$$;

-- The turn that was waited for is over.
CREATE OR REPLACE FUNCTION dossier_lib.turn_take(p_subject text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE dossier_data.throttle SET hits = '{}' WHERE scope = 'turn' AND subject = p_subject;
END
$$;

-- Seconds until a number may get its next code, by when it got the others; 0: now.
CREATE OR REPLACE FUNCTION dossier_lib.code_send_wait(p_sends timestamptz[]) RETURNS int
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_count int := cardinality(p_sends);
    v_wait int;
BEGIN
    IF v_count = 0 THEN
        RETURN 0;
    END IF;
    v_wait := dossier_lib.seconds_until(p_sends[v_count] + make_interval(
        secs => dossier_lib.limit_of(format('code_pause_%s_seconds', least(v_count, 4)))));
    RETURN greatest(v_wait, dossier_lib.throttle_wait(
        p_sends, dossier_lib.limit_of('code_sends_per_day'), '24 hours'));
END
$$;
