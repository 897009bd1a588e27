-- What the facilities' systems publish, release and withdraw.

-- Every refusal that needs no bytes.
CREATE OR REPLACE FUNCTION dossier.publication_prepare(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_old document;
    v_refusal text;
BEGIN
    SELECT * INTO v_old FROM document
    WHERE integrator_id = (p ->> 'integrator_id')::uuid AND external_id = p ->> 'external_id';
    SELECT refusal INTO v_refusal FROM publication_check(p, v_old);
    IF v_refusal IS NOT NULL THEN
        RETURN publication_refused(p, v_refusal, v_old);
    END IF;
    RETURN outcome('ok');
END
$$;

-- The bytes are in the vault. `obsolete`: objects whose files may go; `tag`: another one after each change.
CREATE OR REPLACE FUNCTION dossier.publication_complete(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    v_check := publication_check(p, v_old);
    v_refusal := v_check.refusal;
    IF v_refusal IS NULL AND v_old.id IS NOT NULL THEN
        v_same_bytes := v_old.sha256 = p -> 'receipt' ->> 'sha256';
        v_over := publication_over(v_old);
        v_spent := v_same_bytes AND v_over AND document_readable_since(v_old) IS NOT NULL;
        v_refusal := CASE
            WHEN (v_spent OR NOT v_same_bytes AND p -> 'receipt' ->> 'sha256' = ANY (v_old.ended)) AND republished(p)
                THEN 'document_ended' -- whatever is said
            WHEN publication_held_late(p, v_old) THEN 'document_was_published'
            WHEN p -> 'receipt' ->> 'sha256' = ANY (
                    v_old.ended || CASE WHEN republished(p) THEN '{}'::text[] ELSE v_old.former END)
                AND NOT v_same_bytes THEN 'document_was_replaced'
            WHEN NOT v_spent AND call_superseded(p, v_call, v_old.calls, document_tag(v_old))
                THEN 'call_superseded' END;
    END IF;
    IF v_refusal IS NOT NULL THEN
        RETURN publication_refused(p, v_refusal, v_old);
    END IF;
    IF v_old.id IS NULL THEN
        v_changed := 'created';
        v_new := publication_create(p, v_check.patient_id, v_check.acceptance_id, v_call);
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
    IF v_changed IN ('updated', 'replaced') THEN
        UPDATE document SET calls = calls_with(calls, v_call), changes = changes + 1
        WHERE id = v_new.id RETURNING * INTO v_new;
    END IF;
    IF v_changed IN ('updated', 'replaced') THEN -- it may be held now, or no longer for relatives
        PERFORM alerts_unneeded(v_new.patient_id);
    END IF;
    IF v_changed = 'updated' AND document_state_of(v_old) = 'declined' THEN -- it names another visit now
        PERFORM pickup_resume(ARRAY[v_new.id]);
        SELECT * INTO v_new FROM document WHERE id = v_new.id;
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

CREATE OR REPLACE FUNCTION dossier.publication_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
    RETURN answer('ok', jsonb_build_object('id', v_document.id,
        'external_id', v_document.external_id, 'facility', v_document.facility_id,
        'version', v_document.version, 'sha256', v_document.sha256, 'read', v_read_at IS NOT NULL,
        'read_at', rfc3339(v_read_at), 'alerts', document_alerts(v_document.id), 'tag', document_tag(v_document))
        || document_standing(v_document));
END
$$;

CREATE OR REPLACE FUNCTION dossier.publication_withdraw(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
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
            WHEN v_document.withdrawn_at IS NULL AND
                call_superseded(p, 'withdraw', v_document.calls, document_tag(v_document))
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
    RETURN answer('ok', jsonb_build_object('id', v_document.id,
        'external_id', v_document.external_id, 'state', document_state_of(v_document),
        'obsolete', to_jsonb(documents_files(ARRAY[v_document.id])), 'tag', document_tag(v_document)));
END
$$;

-- Lets a held document out; that a doctor has told the patient may be said with it. Repeating it changes nothing, nor
-- does it release what is held again since.
CREATE OR REPLACE FUNCTION dossier.publication_release(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_integrator uuid := (p ->> 'integrator_id')::uuid;
    v_old document;
    v_new document;
    v_told boolean := coalesce((p ->> 'told_by_doctor')::boolean, false);
    v_call text := CASE WHEN v_told THEN 'release told' ELSE 'release' END;
    v_changes boolean;
    v_refusal text;
BEGIN
    PERFORM lock_name(format('document:%s:%s', v_integrator, p ->> 'external_id'));
    SELECT * INTO v_old FROM document
    WHERE integrator_id = v_integrator AND external_id = p ->> 'external_id' FOR NO KEY UPDATE;
    v_told := v_told OR v_old.told_by_doctor;
    v_changes := document_state_of(v_old) = 'held' OR v_told <> v_old.told_by_doctor;
    v_refusal := coalesce(integrator_refusal(p, 'not_found', v_old.facility_id), CASE
        WHEN condition_fails(p, document_tag(v_old)) THEN 'precondition_failed'
        WHEN document_state_of(v_old) NOT IN ('held', 'declined', 'published') THEN 'document_over'
        WHEN v_changes AND call_superseded(p, v_call, v_old.calls, document_tag(v_old)) THEN 'call_superseded'
        WHEN v_old.class = 'hiv' AND NOT v_told THEN 'not_told_by_doctor' END);
    IF v_refusal IS NOT NULL THEN
        PERFORM audit_write('integrator', v_integrator, 'document_released', v_refusal, p ->> 'address',
            object => v_old.id);
        RETURN outcome(v_refusal);
    END IF;
    UPDATE document SET told_by_doctor = v_told, calls = calls_noted(calls, v_call), changes = changes + v_changes::int
    WHERE id = v_old.id RETURNING * INTO v_new;
    IF document_state_of(v_old) = 'held' THEN
        v_new := publication_schedule(p, v_new, now());
        PERFORM alert_queue(ARRAY[v_new]);
    END IF;
    IF v_changes THEN
        PERFORM audit_write('integrator', v_integrator, 'document_released', 'ok', p ->> 'address',
            patient => v_new.patient_id, object => v_new.id, facility => v_new.facility_id,
            detail => 'version ' || v_new.version);
    END IF;
    RETURN answer('ok', jsonb_build_object('id', v_new.id, 'external_id', v_new.external_id,
        'version', v_new.version, 'tag', document_tag(v_new)) || (document_standing(v_new) - 'held_until'));
END
$$;

-- What document_publish would answer, with the `alerts` that would wait to leave; without a receipt document_prepare.
CREATE OR REPLACE FUNCTION dossier.publication_dry_run(p jsonb) RETURNS dossier_data.answer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT dry_run('document', p)
$$;
