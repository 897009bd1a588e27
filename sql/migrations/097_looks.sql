-- Codes are looked at before they are counted: these functions take one more argument.
SET LOCAL search_path = dossier_data, pg_temp;

DROP FUNCTION IF EXISTS code_address_wait(text, text);
DROP FUNCTION IF EXISTS code_send_count(text, text, text);
