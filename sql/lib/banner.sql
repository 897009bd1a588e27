-- What the operator tells everybody on every screen. A mistake of the operator's is an error with what to do.

CREATE OR REPLACE FUNCTION dossier_lib.banner_check(p_text text) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_text IS NULL OR length(btrim(p_text)) NOT BETWEEN 1 AND 300 OR p_text ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION 'a banner is one line of 1 to 300 characters, in Italian and in English';
    ELSIF p_text ~ '<[[:alpha:]/!]' THEN
        RAISE EXCEPTION 'a banner is plain text: tags would be read out as they stand';
    END IF;
END
$$;
