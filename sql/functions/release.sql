-- Lets a held document out; that a doctor has told the patient may be said with it. Repeating it changes nothing, nor
-- does it release what is held anew since.
CREATE OR REPLACE FUNCTION dossier.document_release(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
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
    RETURN jsonb_build_object('outcome', 'ok', 'id', v_new.id, 'external_id', v_new.external_id,
        'version', v_new.version, 'state', document_state_of(v_new),
        'tag', document_tag(v_new)) || (document_times(v_new) - 'held_until');
END
$$;
