-- What a change would answer, and nothing stays of it, no line of the audit either.

-- p_change: one of these and no other, so that no text ever becomes SQL.
CREATE OR REPLACE FUNCTION dossier_data.dry_run(p_change text, p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_answer jsonb;
BEGIN
    CASE p_change
        WHEN 'acceptance' THEN v_answer := dossier_data.acceptance_apply(p);
        WHEN 'codice_fiscale' THEN v_answer := dossier_data.codice_fiscale_change_by(p);
        WHEN 'document' THEN v_answer := dossier_data.document_apply(p);
    END CASE;
    RAISE EXCEPTION 'dry run' USING ERRCODE = 'MDDRY';
EXCEPTION WHEN SQLSTATE 'MDDRY' THEN
    RETURN v_answer; -- variables survive, rows do not
END
$$;

-- document_publish, or without a receipt document_prepare, and the alerts that would wait to leave.
CREATE OR REPLACE FUNCTION dossier_data.document_apply(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_answer jsonb;
BEGIN
    IF NOT p ? 'receipt' THEN
        RETURN dossier.document_prepare(p);
    END IF;
    v_answer := dossier.document_publish(p);
    IF v_answer ? 'id' THEN
        v_answer := v_answer || jsonb_build_object('alerts', jsonb_path_query_array(
            dossier_data.document_alerts((v_answer ->> 'id')::uuid), '$[*] ? (@.state == "queued")'));
    END IF;
    RETURN v_answer;
END
$$;

CREATE OR REPLACE FUNCTION dossier.document_dry_run(p jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
    SELECT dry_run('document', p)
$$;
