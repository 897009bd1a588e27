-- What document_publish would answer, or without a receipt document_prepare, and the alerts that would wait
-- to leave. Nothing stays of it, no line of the audit either.
CREATE OR REPLACE FUNCTION dossier.document_dry_run(p jsonb) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, pg_temp AS $$
DECLARE
    v_answer jsonb;
BEGIN
    IF NOT p ? 'receipt' THEN
        v_answer := dossier.document_prepare(p);
    ELSE
        v_answer := dossier.document_publish(p);
        IF v_answer ? 'id' THEN
            v_answer := v_answer || jsonb_build_object('alerts', jsonb_path_query_array(
                document_alerts((v_answer ->> 'id')::uuid), '$[*] ? (@.state == "queued")'));
        END IF;
    END IF;
    RAISE EXCEPTION 'dry run' USING ERRCODE = 'MDDRY';
EXCEPTION WHEN SQLSTATE 'MDDRY' THEN
    RETURN v_answer; -- variables survive, rows do not
END
$$;
