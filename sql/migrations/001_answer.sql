-- What an API function answers has two parts, so that the members can leave as they are.
CREATE TYPE dossier_data.answer AS (
    outcome text,
    body    json
);
COMMENT ON TYPE dossier_data.answer IS 'What an API function says';
COMMENT ON COLUMN dossier_data.answer.outcome IS 'ok, created, or the name of a problem';
COMMENT ON COLUMN dossier_data.answer.body IS 'The members of the answer or the problem; null: none';
COMMENT ON SCHEMA dossier IS 'The API: one function per request, dossier.<name>(jsonb) returns an answer';
