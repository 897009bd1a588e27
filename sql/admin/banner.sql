-- What the operator tells everybody on every screen. A mistake of the operator's is an error with what to do.

-- Takes the place of the one that the facility (null: all of them) had before.
CREATE OR REPLACE FUNCTION dossier_admin.banner_put(
    text_it text, text_en text, ends_at timestamptz, facility text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    PERFORM banner_check(banner_put.text_it);
    PERFORM banner_check(banner_put.text_en);
    IF banner_put.ends_at IS NULL OR banner_put.ends_at <= now() OR banner_put.ends_at > now() + interval '31 days' THEN
        RAISE EXCEPTION 'say until when the banner holds: a time to come, at most 31 days ahead';
    ELSIF NOT EXISTS (SELECT FROM facility f WHERE banner_put.facility IS NULL OR f.id = banner_put.facility) THEN
        RAISE EXCEPTION 'no facility "%": mantova-dossier facility add registers it', banner_put.facility;
    END IF;
    INSERT INTO banner AS b (facility_id, text_it, text_en, ends_at)
    VALUES (banner_put.facility, btrim(banner_put.text_it), btrim(banner_put.text_en),
        date_trunc('second', banner_put.ends_at)) -- as it is told
    ON CONFLICT ON CONSTRAINT banner_facility_id_key DO UPDATE
        SET text_it = excluded.text_it, text_en = excluded.text_en, ends_at = excluded.ends_at, set_at = now();
    PERFORM audit_write('operator', NULL, 'banner_put', 'ok', NULL, facility => banner_put.facility,
        detail => 'until ' || rfc3339(banner_put.ends_at));
END
$$;

-- p_facility null: the one for all facilities. One that has ended is gone already.
CREATE OR REPLACE FUNCTION dossier_admin.banner_remove(facility text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    DELETE FROM banner b WHERE b.facility_id IS NOT DISTINCT FROM banner_remove.facility AND b.ends_at > now();
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no banner is shown for %', coalesce(banner_remove.facility, 'all facilities');
    END IF;
    PERFORM audit_write('operator', NULL, 'banner_removed', 'ok', NULL, facility => banner_remove.facility);
END
$$;

-- Those that are shown now.
CREATE OR REPLACE FUNCTION dossier_admin.banners()
RETURNS TABLE (facility text, text_it text, text_en text, ends_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = dossier_data, dossier_lib, pg_temp AS $$
    SELECT coalesce(b.facility_id, '(all)'), b.text_it, b.text_en, b.ends_at
    FROM banner b WHERE b.ends_at > now() ORDER BY b.facility_id NULLS FIRST
$$;
