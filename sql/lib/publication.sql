-- The acceptance a publication names: of the same facility, by preference of the same integrator,
-- then of the same patient.
CREATE OR REPLACE FUNCTION dossier_lib.acceptance_named(
    p_integrator uuid, p_facility text, p_external_id text, p_patient uuid)
RETURNS SETOF dossier_data.acceptance
LANGUAGE sql STABLE AS $$
    SELECT * FROM dossier_data.acceptance
    WHERE facility_id = p_facility AND external_id = p_external_id
    ORDER BY integrator_id = p_integrator DESC, patient_id = p_patient DESC LIMIT 1
$$;

-- Asked for in so many words: what was withdrawn, or replaced, comes back.
CREATE OR REPLACE FUNCTION dossier_lib.republished(p jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce((p -> 'metadata' ->> 'republish')::boolean, false)
$$;

-- What a call says, to know it again. The patient of a document never changes, and may have got another codice fiscale
-- meanwhile.
CREATE OR REPLACE FUNCTION dossier_lib.publication_call(p jsonb) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    m jsonb := p -> 'metadata';
BEGIN
    RETURN CASE WHEN dossier_lib.republished(p) THEN 'republish ' ELSE '' END || dossier_lib.digest((
        jsonb_strip_nulls(m - '{codice_fiscale,republish}'::text[]) || jsonb_build_object(
            'sha256', p -> 'receipt' -> 'sha256',
            'told_by_doctor', coalesce((m ->> 'told_by_doctor')::boolean, false),
            'issued_at', (m ->> 'issued_at')::timestamptz AT TIME ZONE 'UTC',
            'hold_until', (m ->> 'hold_until')::timestamptz AT TIME ZONE 'UTC'))::text);
END
$$;

-- Everything that needs no bytes. Null refusal: patient_id and acceptance_id are what the metadata name.
CREATE OR REPLACE FUNCTION dossier_lib.publication_check(
    p jsonb, p_old dossier_data.document,
    OUT refusal text, OUT patient_id uuid, OUT acceptance_id uuid)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_acceptance dossier_data.acceptance;
BEGIN
    SELECT t.id INTO patient_id FROM dossier_data.patient t
    WHERE t.codice_fiscale = dossier_lib.codice_fiscale_now(v_meta ->> 'codice_fiscale');
    IF v_meta ->> 'acceptance' IS NOT NULL THEN
        SELECT * INTO v_acceptance FROM dossier_lib.acceptance_named(
            v_integrator, v_meta ->> 'facility', v_meta ->> 'acceptance', patient_id);
        acceptance_id := v_acceptance.id;
    ELSE
        acceptance_id := p_old.acceptance_id;
    END IF;
    refusal := dossier_lib.integrator_refusal(p, 'facility_not_allowed',
        v_meta ->> 'facility', coalesce(p_old.facility_id, v_meta ->> 'facility'));
    refusal := CASE
        WHEN refusal IS NOT NULL THEN refusal
        WHEN dossier_lib.condition_fails(p, CASE WHEN p_old.id IS NOT NULL THEN dossier_lib.document_tag(p_old) END)
            THEN 'precondition_failed'
        WHEN patient_id IS NULL THEN 'patient_unknown'
        WHEN v_meta ->> 'acceptance' IS NOT NULL AND acceptance_id IS NULL THEN 'acceptance_unknown'
        -- what is left out stays, and the acceptance it has is of the facility it had
        WHEN v_meta ->> 'acceptance' IS NULL AND acceptance_id IS NOT NULL
            AND p_old.facility_id <> v_meta ->> 'facility'
            THEN 'acceptance_unknown'
        WHEN v_acceptance.patient_id <> patient_id THEN 'acceptance_mismatch'
        WHEN p_old.patient_id <> patient_id THEN 'document_patient_changed'
        WHEN p_old.withdrawn_at IS NOT NULL AND NOT dossier_lib.republished(p) THEN 'document_was_withdrawn'
        WHEN v_meta ->> 'class' = 'genetic' THEN 'document_genetic'
        -- other bytes are a document of today; before they are here, they may be the same
        WHEN (SELECT declined FROM dossier_lib.pickup_of(patient_id, acceptance_id, CASE WHEN p_old.id IS NOT NULL
                AND p_old.sha256 = coalesce(p -> 'receipt' ->> 'sha256', p_old.sha256)
                THEN p_old.created_at ELSE now() END))
            THEN CASE WHEN acceptance_id IS NULL THEN 'acceptance_needed' ELSE 'online_pickup_declined' END
        -- what is written anywhere else is lost with the next mount
        WHEN NOT dossier_lib.vault_is(p ->> 'vault') THEN 'storage_failed' END;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.publication_refused(p jsonb, p_refusal text, p_old dossier_data.document)
RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM dossier_lib.audit_write('integrator', (p ->> 'integrator_id')::uuid, 'document_published',
        p_refusal, p ->> 'address', patient => p_old.patient_id, object => p_old.id);
    RETURN dossier_lib.outcome(p_refusal);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.publication_answer(
    p_outcome text, p_changed text, d dossier_data.document, p_obsolete uuid[]) RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    SELECT dossier_lib.answer(p_outcome, jsonb_build_object('id', d.id, 'external_id', d.external_id,
        'version', d.version, 'sha256', d.sha256, 'size', d.size, 'media_type', d.media_type,
        'changed', p_changed, 'obsolete', to_jsonb(p_obsolete), 'tag', dossier_lib.document_tag(d))
        || dossier_lib.document_standing(d))
$$;

-- Sixty days are the most a patient was promised, whatever a caller says.
CREATE OR REPLACE FUNCTION dossier_lib.retention(p jsonb) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_lib.days(least(60, greatest(1, (p ->> 'retention_days')::int)))
$$;

-- When the facility wants it to be readable: now, at a date, or (infinity) when it is released. Not
-- before a doctor has told the patient, if that must be.
CREATE OR REPLACE FUNCTION dossier_lib.publication_start(
    p_class text, p_told_by_doctor boolean, p_hold boolean, p_hold_until timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_class = 'hiv' AND NOT p_told_by_doctor THEN 'infinity'
        WHEN p_hold_until IS NOT NULL THEN greatest(now(), p_hold_until)
        WHEN p_hold THEN 'infinity' ELSE now() END
$$;

-- The days count from when it can be read; who never releases it does not keep it for ever.
CREATE OR REPLACE FUNCTION dossier_lib.publication_end(p jsonb, p_start timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_start = 'infinity' THEN now() + dossier_lib.days(dossier_lib.limit_of('hold_days'))
        ELSE p_start + dossier_lib.retention(p) END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.publication_schedule(
    p jsonb, d dossier_data.document, p_start timestamptz) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_end timestamptz := dossier_lib.publication_end(p, p_start);
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET published_at = p_start, expires_at = v_end,
        announce = isfinite(p_start) AND (p_start > now() OR ( -- declined: when it is no longer
            SELECT declined FROM dossier_lib.pickup_of(d.patient_id, d.acceptance_id, d.created_at))),
        last_call_at = dossier_lib.last_call_next(now(), p_start, v_end)
    WHERE id = d.id RETURNING * INTO v_new;
    RETURN v_new;
END
$$;

-- Written once, as it stays: each of its indexes would have to be written again with the row. It is announced at its
-- time if that is to come; of a declined visit it would not be taken.
CREATE OR REPLACE FUNCTION dossier_lib.publication_create(
    p jsonb, p_patient uuid, p_acceptance uuid, p_call text) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_receipt jsonb := p -> 'receipt';
    v_class text := coalesce(v_meta ->> 'class', 'ordinary');
    v_told boolean := coalesce((v_meta ->> 'told_by_doctor')::boolean, false);
    v_hold boolean := coalesce((v_meta ->> 'hold')::boolean, false);
    v_hold_until timestamptz := v_meta ->> 'hold_until';
    v_start timestamptz := dossier_lib.publication_start(v_class, v_told, v_hold, v_hold_until);
    v_end timestamptz := dossier_lib.publication_end(p, v_start);
    v_new dossier_data.document;
BEGIN
    INSERT INTO dossier_data.document (integrator_id, external_id, facility_id, patient_id,
        acceptance_id, title, type, author, issued_at, class, told_by_doctor, hold, hold_until,
        media_type, size, sha256, object_id, key_id, wrapped_key, calls, changes,
        published_at, expires_at, announce, last_call_at)
    VALUES ((p ->> 'integrator_id')::uuid, p ->> 'external_id', v_meta ->> 'facility', p_patient,
        p_acceptance, v_meta ->> 'title', v_meta ->> 'type', v_meta ->> 'author',
        (v_meta ->> 'issued_at')::timestamptz, v_class, v_told, v_hold, v_hold_until,
        p ->> 'media_type', (v_receipt ->> 'size')::bigint,
        v_receipt ->> 'sha256', (v_receipt ->> 'object_id')::uuid, v_receipt ->> 'key_id',
        v_receipt ->> 'wrapped_key', ARRAY[p_call], 1,
        v_start, v_end, isfinite(v_start) AND v_start > now(), dossier_lib.last_call_next(now(), v_start, v_end))
    RETURNING * INTO v_new;
    RETURN v_new;
END
$$;

-- Its time for reading is over, or the patient has ended it.
CREATE OR REPLACE FUNCTION dossier_lib.publication_over(d dossier_data.document) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT now() >= d.expires_at OR d.purged_at IS NOT NULL OR d.deleted_at IS NOT NULL
$$;

-- Another file under the same external id. The old key is gone with this statement; the file stays for a while, for a
-- copy of the database that knows no other (document_destroyed). The same bytes
-- after a withdrawal (and republished) never go beyond the time they had.
CREATE OR REPLACE FUNCTION dossier_lib.publication_replace(
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
        ended = CASE WHEN NOT v_same AND dossier_lib.publication_over(p_old)
                AND dossier_lib.document_readable_since(p_old) IS NOT NULL
                THEN (p_old.sha256 || ended)[:100] ELSE ended END,
        created_at = CASE WHEN v_same THEN created_at ELSE now() END,
        hold = h.hold, hold_until = h.hold_until, -- what is in force of it is told by the row as it was
        -- the checks want it in the same statement; the rest of the metadata follows
        title = p -> 'metadata' ->> 'title'
    FROM dossier_lib.publication_hold(p, p_old) h
    WHERE id = p_old.id RETURNING document.* INTO v_new;
    v_new := dossier_lib.publication_describe(p, p_acceptance, v_new);
    IF v_same AND dossier_lib.document_readable_since(p_old) IS NOT NULL THEN
        RETURN v_new; -- it could be read before
    END IF;
    RETURN dossier_lib.publication_schedule(p, v_new, dossier_lib.publication_start(
        v_new.class, v_new.told_by_doctor, v_new.hold, v_new.hold_until));
END
$$;

-- The same bytes again: the file that has just been written takes the place of the old one, which may
-- be damaged or lost by now. For the patient nothing has changed.
CREATE OR REPLACE FUNCTION dossier_lib.publication_renew(
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
CREATE OR REPLACE FUNCTION dossier_lib.publication_hold(
    p jsonb, p_old dossier_data.document) RETURNS TABLE (hold boolean, hold_until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(m.hold, o.stays AND p_old.hold, false),
        CASE WHEN m.hold_until IS NULL AND o.stays AND m.hold IS NOT TRUE THEN p_old.hold_until ELSE m.hold_until END
    FROM (SELECT (p -> 'metadata' ->> 'hold')::boolean AS hold,
                 (p -> 'metadata' ->> 'hold_until')::timestamptz AS hold_until) m,
         (SELECT now() < p_old.published_at OR p_old.sha256 = p -> 'receipt' ->> 'sha256' AS stays) o
$$;

-- Title, author and the like; answers the document as it is then. A correction never loosens by silence: what
-- the metadata leave out stays as it was. What a doctor has told stays told.
CREATE OR REPLACE FUNCTION dossier_lib.publication_describe(
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
    SELECT h.hold, h.hold_until INTO v_new.hold, v_new.hold_until FROM dossier_lib.publication_hold(p, p_old) h;
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

-- What could be read proves to be what a doctor must tell first: held as if it were new. What it was held by before is
-- over.
CREATE OR REPLACE FUNCTION dossier_lib.publication_hold_again(p jsonb, d dossier_data.document)
RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_meta jsonb := p -> 'metadata';
    v_new dossier_data.document;
BEGIN
    UPDATE dossier_data.document SET hold = coalesce((v_meta ->> 'hold')::boolean, false),
        hold_until = (v_meta ->> 'hold_until')::timestamptz
    WHERE id = d.id RETURNING * INTO v_new;
    RETURN dossier_lib.publication_schedule(p, v_new, 'infinity');
END
$$;

-- The same bytes with other metadata. While nobody could read it, a hold may be lifted or moved.
CREATE OR REPLACE FUNCTION dossier_lib.publication_update(
    p jsonb, p_acceptance uuid, p_old dossier_data.document) RETURNS dossier_data.document
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_new dossier_data.document := dossier_lib.publication_describe(p, p_acceptance, p_old);
    v_read boolean := dossier_lib.document_readable_since(p_old) IS NOT NULL;
BEGIN
    IF v_read AND (v_new.class = 'hiv' AND NOT v_new.told_by_doctor)
            AND NOT (p_old.class = 'hiv' AND NOT p_old.told_by_doctor) THEN
        RETURN dossier_lib.publication_hold_again(p, v_new);
    ELSIF v_read OR (v_new.class, v_new.told_by_doctor, v_new.hold, v_new.hold_until) IS NOT DISTINCT FROM
               (p_old.class, p_old.told_by_doctor, p_old.hold, p_old.hold_until) THEN
        RETURN v_new;
    END IF;
    RETURN dossier_lib.publication_schedule(p, v_new, dossier_lib.publication_start(
        v_new.class, v_new.told_by_doctor, v_new.hold, v_new.hold_until));
END
$$;

-- What a patient could read is not taken back by a hold: that is a withdrawal.
CREATE OR REPLACE FUNCTION dossier_lib.publication_held_late(p jsonb, p_old dossier_data.document)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN p_old.sha256 = p -> 'receipt' ->> 'sha256' AND dossier_lib.document_readable_since(p_old) IS NOT NULL
        AND EXISTS (SELECT FROM dossier_lib.publication_hold(p, p_old) m
            WHERE (m.hold, m.hold_until) IS DISTINCT FROM (p_old.hold, p_old.hold_until)
              AND coalesce(m.hold_until > now(), m.hold));
END
$$;

-- p_change: one of these and no other, so that no text ever becomes SQL.
CREATE OR REPLACE FUNCTION dossier_lib.dry_run(p_change text, p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_answer dossier_data.answer;
BEGIN
    CASE p_change
        WHEN 'acceptance' THEN v_answer := dossier_lib.acceptance_apply(p);
        WHEN 'codice_fiscale' THEN v_answer := dossier_lib.codice_fiscale_change_by(p);
        WHEN 'document' THEN v_answer := dossier_lib.document_apply(p);
    END CASE;
    RAISE EXCEPTION 'dry run' USING ERRCODE = 'MDDRY';
EXCEPTION WHEN SQLSTATE 'MDDRY' THEN
    RETURN v_answer; -- variables survive, rows do not
END
$$;

-- document_publish, or without a receipt document_prepare, and the alerts that would wait to leave.
CREATE OR REPLACE FUNCTION dossier_lib.document_apply(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_answer dossier_data.answer;
BEGIN
    IF NOT p ? 'receipt' THEN
        RETURN dossier.publication_prepare(p);
    END IF;
    v_answer := dossier.publication_complete(p);
    IF v_answer.body ->> 'id' IS NOT NULL THEN
        v_answer.body := v_answer.body::jsonb || jsonb_build_object('alerts', jsonb_path_query_array(
            dossier_lib.document_alerts((v_answer.body ->> 'id')::uuid), '$[*] ? (@.state == "queued")'));
    END IF;
    RETURN v_answer;
END
$$;
