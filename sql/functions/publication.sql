-- The acceptance a publication names: of the same facility, by preference of the same integrator,
-- then of the same patient.
CREATE OR REPLACE FUNCTION dossier_data.acceptance_named(
    p_integrator uuid, p_facility text, p_external_id text, p_patient uuid)
RETURNS dossier_data.acceptance
LANGUAGE sql STABLE AS $$
    SELECT * FROM dossier_data.acceptance
    WHERE facility_id = p_facility AND external_id = p_external_id
    ORDER BY integrator_id = p_integrator DESC, patient_id = p_patient DESC LIMIT 1
$$;

-- Asked for in so many words: what was withdrawn, or replaced, comes back.
CREATE OR REPLACE FUNCTION dossier_data.republished(p jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((p -> 'metadata' ->> 'republish')::boolean, false)
$$;

-- What a call says, to know it again. The patient of a document never changes, and may have got another codice fiscale meanwhile.
CREATE OR REPLACE FUNCTION dossier_data.publication_call(p jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN dossier_data.republished(p) THEN 'republish ' ELSE '' END || dossier_data.digest((
        jsonb_strip_nulls(m - '{codice_fiscale,republish}'::text[]) || jsonb_build_object(
            'sha256', p -> 'receipt' -> 'sha256',
            'told_by_doctor', coalesce((m ->> 'told_by_doctor')::boolean, false),
            'issued_at', (m ->> 'issued_at')::timestamptz AT TIME ZONE 'UTC',
            'hold_until', (m ->> 'hold_until')::timestamptz AT TIME ZONE 'UTC'))::text)
    FROM (SELECT p -> 'metadata' AS m) v
$$;

-- Everything that needs no bytes. Null refusal: patient_id and acceptance_id are what the metadata name.
CREATE OR REPLACE FUNCTION dossier_data.publication_check(
    p jsonb, p_old dossier_data.document,
    OUT refusal text, OUT patient_id uuid, OUT acceptance_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_acceptance dossier_data.acceptance;
BEGIN
    SELECT t.id INTO patient_id FROM dossier_data.patient t
    WHERE t.codice_fiscale = dossier_data.codice_fiscale_now(v_meta ->> 'codice_fiscale');
    IF v_meta ->> 'acceptance' IS NOT NULL THEN
        v_acceptance := dossier_data.acceptance_named(
            v_integrator, v_meta ->> 'facility', v_meta ->> 'acceptance', patient_id);
        acceptance_id := v_acceptance.id;
    ELSE
        acceptance_id := p_old.acceptance_id;
    END IF;
    refusal := dossier_data.integrator_refusal(p, 'facility_not_allowed',
        v_meta ->> 'facility', coalesce(p_old.facility_id, v_meta ->> 'facility'));
    refusal := CASE
        WHEN refusal IS NOT NULL THEN refusal
        WHEN dossier_data.condition_fails(p, CASE WHEN p_old.id IS NOT NULL THEN dossier_data.document_tag(p_old) END)
            THEN 'precondition_failed'
        WHEN patient_id IS NULL THEN 'patient_unknown'
        WHEN v_meta ->> 'acceptance' IS NOT NULL AND acceptance_id IS NULL THEN 'acceptance_unknown'
        -- what is left out stays, and the acceptance it has is of the facility it had
        WHEN v_meta ->> 'acceptance' IS NULL AND acceptance_id IS NOT NULL AND p_old.facility_id <> v_meta ->> 'facility'
            THEN 'acceptance_unknown'
        WHEN v_acceptance.patient_id <> patient_id THEN 'acceptance_mismatch'
        WHEN p_old.patient_id <> patient_id THEN 'document_patient_changed'
        WHEN p_old.withdrawn_at IS NOT NULL AND NOT dossier_data.republished(p) THEN 'document_was_withdrawn'
        WHEN v_meta ->> 'class' = 'genetic' THEN 'document_genetic'
        -- other bytes are a document of today; before they are here, they may be the same
        WHEN dossier_data.pickup_declined(patient_id, acceptance_id, CASE WHEN p_old.id IS NOT NULL
                AND p_old.sha256 = coalesce(p -> 'receipt' ->> 'sha256', p_old.sha256) THEN p_old.created_at ELSE now() END)
            THEN CASE WHEN acceptance_id IS NULL THEN 'acceptance_needed' ELSE 'online_pickup_declined' END
        -- what is written anywhere else is lost with the next mount
        WHEN NOT dossier_data.vault_is(p ->> 'vault') THEN 'storage_failed' END;
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.publication_refused(p jsonb, p_refusal text, p_old dossier_data.document)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_data.audit_write('integrator', (p ->> 'integrator_id')::uuid, 'document_published',
        p_refusal, p ->> 'address', patient => p_old.patient_id, object => p_old.id);
    RETURN dossier_data.outcome(p_refusal);
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_prepare(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_old document;
    v_refusal text;
BEGIN
    SELECT * INTO v_old FROM document
    WHERE integrator_id = (p ->> 'integrator_id')::uuid AND external_id = p ->> 'external_id';
    v_refusal := (publication_check(p, v_old)).refusal;
    IF v_refusal IS NOT NULL THEN
        RETURN publication_refused(p, v_refusal, v_old);
    END IF;
    RETURN outcome('ok');
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.publication_answer(
    p_outcome text, p_changed text, d dossier_data.document, p_obsolete uuid[]) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('outcome', p_outcome, 'id', d.id, 'external_id', d.external_id,
        'version', d.version, 'state', dossier_data.document_state_of(d), 'sha256', d.sha256,
        'size', d.size, 'media_type', d.media_type,
        'changed', p_changed, 'obsolete', to_jsonb(p_obsolete), 'tag', dossier_data.document_tag(d))
        || dossier_data.document_times(d)
$$;

-- Sixty days are the most a patient was promised, whatever a caller says.
CREATE OR REPLACE FUNCTION dossier_data.retention(p jsonb) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_data.days(least(60, greatest(1, (p ->> 'retention_days')::int)))
$$;

-- When the facility wants it to be readable: now, at a date, or (infinity) when it is released. Not
-- before a doctor has told the patient, if that must be.
CREATE OR REPLACE FUNCTION dossier_data.publication_start(d dossier_data.document) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN d.class = 'hiv' AND NOT d.told_by_doctor THEN 'infinity'
        WHEN d.hold_until IS NOT NULL THEN greatest(now(), d.hold_until)
        WHEN d.hold THEN 'infinity' ELSE now() END
$$;

-- The days count from when it can be read; who never releases it does not keep it for ever.
CREATE OR REPLACE FUNCTION dossier_data.publication_schedule(
    p jsonb, d dossier_data.document, p_start timestamptz) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_end timestamptz := CASE WHEN p_start = 'infinity'
        THEN now() + dossier_data.days(dossier_data.limit_of('hold_days'))
        ELSE p_start + dossier_data.retention(p) END;
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET published_at = p_start, expires_at = v_end,
        announce = isfinite(p_start) AND (p_start > now()
            OR dossier_data.pickup_declined(d.patient_id, d.acceptance_id, d.created_at)), -- when it is no longer
        last_call_at = dossier_data.last_call_next(now(), p_start, v_end)
    WHERE id = d.id RETURNING * INTO v_new;
    RETURN v_new;
END
$$;

CREATE OR REPLACE FUNCTION dossier_data.publication_create(
    p jsonb, p_patient uuid, p_acceptance uuid) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_receipt jsonb := p -> 'receipt';
    v_new dossier_data.document;
BEGIN
    INSERT INTO dossier_data.document (integrator_id, external_id, facility_id, patient_id,
        acceptance_id, title, type, author, issued_at, class, told_by_doctor, hold, hold_until,
        media_type, size, sha256, object_id, key_id, wrapped_key, published_at, expires_at)
    VALUES ((p ->> 'integrator_id')::uuid, p ->> 'external_id', v_meta ->> 'facility', p_patient,
        p_acceptance, v_meta ->> 'title', v_meta ->> 'type', v_meta ->> 'author',
        (v_meta ->> 'issued_at')::timestamptz, coalesce(v_meta ->> 'class', 'ordinary'),
        coalesce((v_meta ->> 'told_by_doctor')::boolean, false),
        coalesce((v_meta ->> 'hold')::boolean, false), (v_meta ->> 'hold_until')::timestamptz,
        p ->> 'media_type', (v_receipt ->> 'size')::bigint,
        v_receipt ->> 'sha256', (v_receipt ->> 'object_id')::uuid, v_receipt ->> 'key_id',
        v_receipt ->> 'wrapped_key', now(), now())
    RETURNING * INTO v_new;
    RETURN dossier_data.publication_schedule(p, v_new, dossier_data.publication_start(v_new));
END
$$;

-- Its time for reading is over, or the patient has ended it.
CREATE OR REPLACE FUNCTION dossier_data.publication_over(d dossier_data.document) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT now() >= d.expires_at OR d.purged_at IS NOT NULL OR d.deleted_at IS NOT NULL
$$;

-- Another file under the same external id. The old key is gone with this statement; the file stays for a while, for a
-- copy of the database that knows no other (document_destroyed). The same bytes
-- after a withdrawal (and republished) never go beyond the time they had.
CREATE OR REPLACE FUNCTION dossier_data.publication_replace(
    p jsonb, p_acceptance uuid, p_old dossier_data.document) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_receipt jsonb := p -> 'receipt';
    v_same boolean := p_old.sha256 = v_receipt ->> 'sha256';
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET version = version + 1, corrected = corrected OR NOT v_same,
        media_type = p ->> 'media_type', size = (v_receipt ->> 'size')::bigint,
        sha256 = v_receipt ->> 'sha256', object_id = (v_receipt ->> 'object_id')::uuid,
        key_id = v_receipt ->> 'key_id', wrapped_key = v_receipt ->> 'wrapped_key',
        published_at = now(), withdrawn_at = NULL, deleted_at = NULL, purged_at = NULL,
        told_by_doctor = told_by_doctor AND v_same, -- of other bytes it must be said again
        former = CASE WHEN v_same THEN former
            ELSE (p_old.sha256 || array_remove(former, p_old.sha256))[:100] END,
        ended = CASE WHEN NOT v_same AND dossier_data.publication_over(p_old)
                AND dossier_data.document_readable_since(p_old) IS NOT NULL THEN (p_old.sha256 || ended)[:100] ELSE ended END,
        created_at = CASE WHEN v_same THEN created_at ELSE now() END,
        hold = h.hold, hold_until = h.hold_until, -- what is in force of it is told by the row as it was
        -- the checks want it in the same statement; the rest of the metadata follows
        title = p -> 'metadata' ->> 'title'
    FROM dossier_data.publication_hold(p, p_old) h
    WHERE id = p_old.id RETURNING document.* INTO v_new;
    v_new := dossier_data.publication_describe(p, p_acceptance, v_new);
    IF v_same AND dossier_data.document_readable_since(p_old) IS NOT NULL THEN
        RETURN v_new; -- it could be read before
    END IF;
    RETURN dossier_data.publication_schedule(p, v_new, dossier_data.publication_start(v_new));
END
$$;

-- The same bytes again: the file that has just been written takes the place of the old one, which may
-- be damaged or lost by now. For the patient nothing has changed.
CREATE OR REPLACE FUNCTION dossier_data.publication_renew(
    p jsonb, p_old dossier_data.document) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_receipt jsonb := p -> 'receipt';
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET object_id = (v_receipt ->> 'object_id')::uuid,
        key_id = v_receipt ->> 'key_id', wrapped_key = v_receipt ->> 'wrapped_key'
    WHERE id = p_old.id RETURNING * INTO v_new;
    RETURN v_new;
END
$$;

-- The hold as the metadata say it. What they leave out stays: while nobody can read the document, and of the same
-- bytes for good. Held without a date is until the release.
CREATE OR REPLACE FUNCTION dossier_data.publication_hold(
    p jsonb, p_old dossier_data.document, OUT hold boolean, OUT hold_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(m.hold, o.stays AND p_old.hold, false),
        CASE WHEN m.hold_until IS NULL AND o.stays AND m.hold IS NOT TRUE THEN p_old.hold_until ELSE m.hold_until END
    FROM (SELECT (p -> 'metadata' ->> 'hold')::boolean AS hold,
                 (p -> 'metadata' ->> 'hold_until')::timestamptz AS hold_until) m,
         (SELECT now() < p_old.published_at OR p_old.sha256 = p -> 'receipt' ->> 'sha256' AS stays) o
$$;

-- Title, author and the like; answers the document as it is then. A correction never loosens by silence: what
-- the metadata leave out stays as it was. What a doctor has told stays told.
CREATE OR REPLACE FUNCTION dossier_data.publication_describe(
    p jsonb, p_acceptance uuid, p_old dossier_data.document) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_new dossier_data.document := p_old;
BEGIN
    v_new.facility_id := v_meta ->> 'facility';
    v_new.acceptance_id := p_acceptance;
    v_new.title := v_meta ->> 'title';
    v_new.type := v_meta ->> 'type';
    v_new.author := coalesce(v_meta ->> 'author', p_old.author);
    v_new.issued_at := (v_meta ->> 'issued_at')::timestamptz;
    v_new.class := coalesce(v_meta ->> 'class', p_old.class);
    v_new.told_by_doctor := p_old.told_by_doctor OR coalesce((v_meta ->> 'told_by_doctor')::boolean, false);
    SELECT h.hold, h.hold_until INTO v_new.hold, v_new.hold_until FROM dossier_data.publication_hold(p, p_old) h;
    IF v_new IS DISTINCT FROM p_old THEN
        UPDATE dossier_data.document SET facility_id = v_new.facility_id,
            acceptance_id = v_new.acceptance_id, title = v_new.title, type = v_new.type,
            author = v_new.author, issued_at = v_new.issued_at, class = v_new.class,
            told_by_doctor = v_new.told_by_doctor, hold = v_new.hold, hold_until = v_new.hold_until
        WHERE id = p_old.id;
    END IF;
    RETURN v_new;
END
$$;

-- What could be read proves to be what a doctor must tell first: held as if it were new. What it was held by before is over.
CREATE OR REPLACE FUNCTION dossier_data.publication_hold_again(p jsonb, d dossier_data.document)
RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET hold = coalesce((v_meta ->> 'hold')::boolean, false),
        hold_until = (v_meta ->> 'hold_until')::timestamptz
    WHERE id = d.id RETURNING * INTO v_new;
    RETURN dossier_data.publication_schedule(p, v_new, 'infinity');
END
$$;

-- The same bytes with other metadata. While nobody could read it, a hold may be lifted or moved.
CREATE OR REPLACE FUNCTION dossier_data.publication_update(
    p jsonb, p_acceptance uuid, p_old dossier_data.document) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_new dossier_data.document := dossier_data.publication_describe(p, p_acceptance, p_old);
    v_read boolean := dossier_data.document_readable_since(p_old) IS NOT NULL;
BEGIN
    IF v_read AND (v_new.class = 'hiv' AND NOT v_new.told_by_doctor)
            AND NOT (p_old.class = 'hiv' AND NOT p_old.told_by_doctor) THEN
        RETURN dossier_data.publication_hold_again(p, v_new);
    ELSIF v_read OR (v_new.class, v_new.told_by_doctor, v_new.hold, v_new.hold_until) IS NOT DISTINCT FROM
               (p_old.class, p_old.told_by_doctor, p_old.hold, p_old.hold_until) THEN
        RETURN v_new;
    END IF;
    RETURN dossier_data.publication_schedule(p, v_new, dossier_data.publication_start(v_new));
END
$$;

-- What a patient could read is not taken back by a hold: that is a withdrawal.
CREATE OR REPLACE FUNCTION dossier_data.publication_held_late(p jsonb, p_old dossier_data.document)
RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT coalesce(p_old.sha256 = p -> 'receipt' ->> 'sha256' AND dossier_data.document_readable_since(p_old) IS NOT NULL
        AND (m.hold, m.hold_until) IS DISTINCT FROM (p_old.hold, p_old.hold_until)
        AND coalesce(m.hold_until > now(), m.hold), false)
    FROM dossier_data.publication_hold(p, p_old) m
$$;

CREATE OR REPLACE FUNCTION dossier.document_publish(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_object uuid := (p -> 'receipt' ->> 'object_id')::uuid;
    v_old document;
    v_new document;
    v_same document;
    v_same_bytes boolean;
    v_over boolean;
    v_spent boolean;
    v_call text := publication_call(p);
    v_check record;
    v_refusal text;
    v_changed text;
    v_obsolete uuid[] := '{}';
BEGIN
    PERFORM lock_name(format('document:%s:%s', v_integrator, p ->> 'external_id'));
    PERFORM codice_fiscale_hold(p -> 'metadata' ->> 'codice_fiscale');
    SELECT * INTO v_old FROM document
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id' FOR NO KEY UPDATE;
    IF v_old.object_id = v_object THEN
        -- the same call once more after its answer was lost; its file may go only if its key has gone
        RETURN publication_answer(CASE v_old.version WHEN 1 THEN 'created' ELSE 'ok' END,
            CASE v_old.version WHEN 1 THEN 'created' ELSE 'replaced' END, v_old,
            CASE WHEN v_old.wrapped_key IS NULL THEN ARRAY[v_object] ELSE '{}' END);
    END IF;
    v_same_bytes := v_old.sha256 = p -> 'receipt' ->> 'sha256';
    v_over := publication_over(v_old);
    v_spent := v_same_bytes AND v_over AND document_readable_since(v_old) IS NOT NULL;
    v_check := publication_check(p, v_old);
    v_refusal := coalesce(v_check.refusal,
        CASE WHEN (v_spent OR NOT v_same_bytes AND p -> 'receipt' ->> 'sha256' = ANY (v_old.ended)) AND republished(p)
                 THEN 'document_ended' -- whatever is said
             WHEN publication_held_late(p, v_old) THEN 'document_was_published'
             WHEN p -> 'receipt' ->> 'sha256' = ANY (v_old.ended || CASE WHEN republished(p) THEN '{}'::text[] ELSE v_old.former END)
                 AND NOT v_same_bytes THEN 'document_was_replaced'
             WHEN NOT v_spent AND call_superseded(p, v_call, v_old.calls, document_tag(v_old)) THEN 'call_superseded' END);
    IF v_refusal IS NOT NULL THEN
        RETURN publication_refused(p, v_refusal, v_old);
    END IF;
    IF v_old.id IS NULL THEN
        v_changed := 'created';
        v_new := publication_create(p, v_check.patient_id, v_check.acceptance_id);
    ELSIF v_spent THEN
        v_changed := 'unchanged'; -- the same bytes never bring back what expired or the patient deleted
        v_new := v_old;
        v_obsolete := ARRAY[v_object];
    ELSIF v_same_bytes AND NOT v_over AND v_old.withdrawn_at IS NULL THEN
        v_same := publication_renew(p, v_old);
        v_new := publication_update(p, v_check.acceptance_id, v_same);
        v_changed := CASE WHEN v_new IS DISTINCT FROM v_same THEN 'updated' ELSE 'unchanged' END;
        v_obsolete := document_files_thin(v_old.id, v_old.object_id);
    ELSE
        v_changed := 'replaced';
        v_new := publication_replace(p, v_check.acceptance_id, v_old);
    END IF;
    IF v_changed <> 'unchanged' THEN
        UPDATE document SET calls = calls_with(calls, v_call), changes = changes + 1
        WHERE id = v_new.id RETURNING * INTO v_new;
    END IF;
    IF v_changed = 'updated' AND document_state_of(v_old) = 'declined' THEN -- it names another visit now
        PERFORM pickup_resume(ARRAY[v_new.id]);
        SELECT * INTO v_new FROM document WHERE id = v_new.id;
    END IF;
    IF v_changed IN ('updated', 'replaced') THEN -- it may be held now, or no longer for relatives
        PERFORM alerts_unneeded(v_new.patient_id);
    END IF;
    IF v_changed IN ('created', 'replaced') OR v_new.published_at < v_old.published_at THEN
        PERFORM alert_queue(ARRAY[v_new]);
    END IF;
    PERFORM audit_write('integrator', v_integrator, 'document_published', v_changed, p ->> 'address',
        patient => v_new.patient_id, object => v_new.id, facility => v_new.facility_id,
        detail => 'version ' || v_new.version);
    RETURN publication_answer(CASE v_changed WHEN 'created' THEN 'created' ELSE 'ok' END,
        v_changed, v_new, v_obsolete);
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_state(p jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_document document;
    v_refusal text;
    v_read_at timestamptz;
BEGIN
    SELECT * INTO v_document FROM document
    WHERE integrator_id = (p ->> 'integrator_id')::uuid AND external_id = p ->> 'external_id';
    v_refusal := integrator_refusal(p, 'not_found', v_document.facility_id);
    IF v_refusal IS NOT NULL THEN
        RETURN outcome(v_refusal);
    END IF;
    SELECT min(first_at) INTO v_read_at FROM document_reading
    WHERE document_id = v_document.id AND version = v_document.version;
    RETURN jsonb_build_object('outcome', 'ok', 'id', v_document.id,
        'external_id', v_document.external_id, 'facility', v_document.facility_id,
        'version', v_document.version, 'state', document_state_of(v_document),
        'sha256', v_document.sha256, 'read', v_read_at IS NOT NULL,
        'read_at', rfc3339(v_read_at), 'alerts', document_alerts(v_document.id), 'tag', document_tag(v_document))
        || document_times(v_document);
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_withdraw(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_document document;
    v_refusal text;
BEGIN
    PERFORM lock_name(format('document:%s:%s', v_integrator, p ->> 'external_id'));
    SELECT * INTO v_document FROM document
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id' FOR NO KEY UPDATE;
    v_refusal := coalesce(integrator_refusal(p, 'not_found', v_document.facility_id),
        CASE WHEN condition_fails(p, document_tag(v_document)) THEN 'precondition_failed'
            WHEN v_document.withdrawn_at IS NULL AND call_superseded(p, 'withdraw', v_document.calls, document_tag(v_document))
                THEN 'call_superseded' END);
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('integrator', v_integrator, 'document_withdrawn', v_refusal,
            p ->> 'address', object => v_document.id);
        RETURN outcome(v_refusal);
    END IF;
    IF v_document.withdrawn_at IS NULL THEN
        UPDATE document SET withdrawn_at = now(), wrapped_key = NULL, calls = calls_with(calls, 'withdraw'),
            announce = false, -- and what nobody could read never was, for the patient
            published_at = coalesce(document_readable_since(v_document), 'infinity')
        WHERE id = v_document.id
        RETURNING * INTO v_document;
        PERFORM alerts_unneeded(v_document.patient_id);
        PERFORM audit_write('integrator', v_integrator, 'document_withdrawn', 'ok', p ->> 'address',
            patient => v_document.patient_id, object => v_document.id,
            facility => v_document.facility_id, detail => 'version ' || v_document.version);
    END IF;
    -- also when it was withdrawn before: removing the file again does no harm
    RETURN jsonb_build_object('outcome', 'ok', 'id', v_document.id,
        'external_id', v_document.external_id, 'state', document_state_of(v_document),
        'obsolete', to_jsonb(documents_files(ARRAY[v_document.id])), 'tag', document_tag(v_document));
END
$$;
