-- What an account sees of the audit: its own lines, and what facilities did with its patients' data.

CREATE OR REPLACE FUNCTION dossier.activity_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_account uuid := (p ->> 'account_id')::uuid;
    v_limit int := least(100, greatest(1, coalesce((p ->> 'limit')::int, 50)));
    v_below bigint := 9223372036854775807;
BEGIN
    IF p ->> 'cursor' !~ '^[1-9][0-9]{0,17}$' THEN
        RETURN outcome('cursor_invalid');
    END IF;
    v_below := coalesce((p ->> 'cursor')::bigint, v_below);
    RETURN answer('ok', (
        SELECT json_build_object('next', CASE WHEN count(*) > v_limit THEN
                (min(l.id) FILTER (WHERE l.n <= v_limit))::text END,
            'activity', coalesce(json_agg(l.told ORDER BY l.n) FILTER (WHERE l.n <= v_limit), '[]'))
        FROM (SELECT a.id, a.told, row_number() OVER (ORDER BY a.id DESC) AS n
              FROM activity_told(v_account, v_below, v_limit + 1) a) l));
END
$$;
