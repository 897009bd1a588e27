-- A code leads to the site where it was asked for, whichever facility's desk noted the number.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE verification_code ADD COLUMN site_url text;
COMMENT ON COLUMN verification_code.site_url IS 'DossierPublicUrl of the site where its registration or change goes on, which the message names; null in codes of earlier versions';
