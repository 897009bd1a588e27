-- What an account sees of the audit: its own lines, and what facilities did with its patients' data.

CREATE OR REPLACE FUNCTION dossier.activity_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_limit int := least(100, greatest(1, coalesce((p ->> 'limit')::int, 50)));
    v_lines audit[];
    v_next text;
BEGIN
    IF p ->> 'cursor' !~ '^[1-9][0-9]{0,17}$' THEN
        RETURN outcome('cursor_invalid');
    END IF;
    v_lines := ARRAY(SELECT a FROM activity_lines(v_account,
        coalesce((p ->> 'cursor')::bigint, 9223372036854775807), v_limit + 1) a);
    IF cardinality(v_lines) > v_limit THEN
        v_lines := v_lines[:v_limit];
        v_next := v_lines[v_limit].id::text;
    END IF;
    RETURN answer('ok', jsonb_build_object('next', v_next, 'activity', (
        SELECT coalesce(jsonb_agg(activity_json(a, v_account) ORDER BY a.id DESC), '[]')
        FROM unnest(v_lines) a)));
END
$$;
