-- What the watchdog calls: announcing documents, handing dossiers over, purging, sealing the audit.

-- Documents whose hold has ended by its date, and those due for a last call. True when there may be more.
CREATE OR REPLACE FUNCTION dossier.publication_announce(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_new document[];
    v_ending document[];
BEGIN
    WITH due AS (
        SELECT d.id FROM document d WHERE d.announce AND d.published_at <= now()
          -- what is declined is announced when it can be read
          AND NOT (SELECT declined FROM pickup_of(d.patient_id, d.acceptance_id, d.created_at))
        ORDER BY d.published_at LIMIT v_limit FOR UPDATE SKIP LOCKED
    ), told AS (
        UPDATE document d SET announce = false FROM due WHERE d.id = due.id RETURNING d AS whole
    ) SELECT array_agg(whole) INTO v_new FROM told;
    WITH due AS (
        SELECT id FROM document WHERE last_call_at <= now()
        ORDER BY last_call_at LIMIT v_limit FOR UPDATE SKIP LOCKED
    ), told AS (
        UPDATE document d SET last_call_at = last_call_next(now(), published_at, expires_at)
        FROM due WHERE d.id = due.id RETURNING d AS whole
    ) SELECT array_agg(whole) INTO v_ending FROM told;
    PERFORM alert_queue(v_new);
    PERFORM last_call_queue(v_ending);
    RETURN answer('ok', jsonb_build_object('more', coalesce(greatest(cardinality(v_new), cardinality(v_ending)), 0) >= v_limit));
END
$$;

-- What DossierMinorHandover says, and then what is due.
CREATE OR REPLACE FUNCTION dossier.relative_handover(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_enabled boolean := (p ->> 'enabled')::boolean;
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_most int := 0;
BEGIN
    UPDATE setting SET enabled = v_enabled WHERE name = 'minor_handover' AND enabled <> v_enabled;
    IF v_enabled THEN
        v_most := greatest(handovers_end(v_limit), handovers_announce(v_limit));
    END IF;
    RETURN answer('ok', jsonb_build_object('more', v_most >= v_limit));
END
$$;

-- The keys of at most `limit` expired documents (`objects`: whose files are noise now), and stale rows. True `more`: at
-- once again.
CREATE OR REPLACE FUNCTION dossier.purge(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_days int := coalesce((p ->> 'quarantine_days')::int, 90);
    v_objects uuid[] := documents_purge(v_limit) || replaced_purge(v_limit, v_days);
    v_more boolean := traces_purge(v_limit);
BEGIN
    v_more := slips_purge(v_limit) OR v_more;
    v_more := destroyed_purge(v_limit, v_days) OR v_more;
    PERFORM audit_counts_write();
    v_more := throttle_purge(v_limit) OR v_more;
    RETURN answer('ok', jsonb_build_object('objects', to_jsonb(v_objects),
        'more', v_more OR cardinality(v_objects) >= v_limit));
END
$$;

-- One batch: sealed, and what is past its time removed. p_limit: lines at most.
CREATE OR REPLACE FUNCTION dossier.audit_seal(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_limit int := least(10000, greatest(1, (p ->> 'limit')::int));
    v_months int := least(120, greatest(24, (p ->> 'months')::int));
    v_seal audit_seal;
    v_removed int;
BEGIN
    PERFORM lock_name('audit_seal');
    v_seal := audit_seal_make(v_limit);
    v_removed := audit_remove(v_months, 5);
    RETURN answer('ok', jsonb_build_object('number', v_seal.number, 'hash', v_seal.hash,
        'more', coalesce(v_seal.count >= v_limit, false) OR v_removed = 5));
END
$$;
