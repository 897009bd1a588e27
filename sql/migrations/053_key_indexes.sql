-- Which keys of the key file rows still need is asked with every scrape of the metrics.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE INDEX document_key ON document (key_id) INCLUDE (size, expires_at) WHERE wrapped_key IS NOT NULL;
CREATE INDEX activation_code_key ON activation_code (expires_at) INCLUDE (key_id)
    WHERE used_at IS NULL AND revoked_at IS NULL;
CREATE INDEX outbox_sealed ON outbox (give_up_at) INCLUDE (sealed) WHERE sealed IS NOT NULL;
