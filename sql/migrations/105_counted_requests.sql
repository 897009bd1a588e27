-- What nobody can be named for is counted whatever became of it, not only when it was refused.
SET LOCAL search_path = dossier_data, pg_temp;

DROP FUNCTION IF EXISTS audit_countless(text, text, uuid); -- takes one more argument

COMMENT ON TABLE audit_count IS 'How often anyone asked for something in vain this hour. As many rows of a kind as were counted at the same time, so that none waits for another; when the hour is over they become one line of the audit';
