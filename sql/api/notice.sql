-- What everybody may read: the notices, and what the operator tells.

CREATE OR REPLACE FUNCTION dossier.notice_get(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
DECLARE
    v_notice notice;
    v_texts jsonb;
BEGIN
    SELECT * INTO v_notice FROM notice
    WHERE kind = p ->> 'kind' AND published_at <= now()
      AND version = coalesce(p ->> 'version', notice_current(p ->> 'kind'));
    IF NOT FOUND THEN
        RETURN outcome('not_found');
    END IF;
    SELECT jsonb_object_agg(language, jsonb_build_object('title', title, 'body', body))
    INTO v_texts FROM notice_text WHERE kind = v_notice.kind AND version = v_notice.version;
    RETURN answer('ok', jsonb_build_object('kind', v_notice.kind, 'version', v_notice.version,
        'published_at', rfc3339(v_notice.published_at), 'it', v_texts -> 'it', 'en', v_texts -> 'en'));
END
$$;

-- What one site shows: what holds for all first.
CREATE OR REPLACE FUNCTION dossier.banner_list(p jsonb) RETURNS dossier_data.answer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    RETURN (SELECT answer('ok', jsonb_build_object('banners', coalesce(jsonb_agg(
            jsonb_build_object('it', text_it, 'en', text_en, 'ends_at', rfc3339(ends_at))
            ORDER BY facility_id NULLS FIRST), '[]')))
        FROM banner
        WHERE ends_at > now() AND (facility_id IS NULL OR facility_id = p ->> 'facility'));
END
$$;
