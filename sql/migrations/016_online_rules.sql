-- What may be online, when, and for whom: holds, protected classes, hiding, on-line pick-up, last calls.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE acceptance
    ADD COLUMN online_pickup boolean NOT NULL DEFAULT true,
    ADD COLUMN online_pickup_desk boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN acceptance.online_pickup IS 'In force: whether the reports of this visit may be online. The last word counts, the desk''s or the patient''s';
COMMENT ON COLUMN acceptance.online_pickup_desk IS 'What the desk said last: its system repeating that does not overrule the patient';

ALTER TABLE document
    ADD COLUMN class text NOT NULL DEFAULT 'ordinary' CHECK (class IN ('ordinary', 'hiv', 'abortion',
        'sexual_violence', 'substances', 'anonymous_birth', 'family_counselling')),
    ADD COLUMN told_by_doctor boolean NOT NULL DEFAULT false,
    ADD COLUMN hold boolean NOT NULL DEFAULT false,
    ADD COLUMN hold_until timestamptz,
    ADD COLUMN announce boolean NOT NULL DEFAULT false,
    ADD COLUMN last_call_at timestamptz;
COMMENT ON COLUMN document.class IS 'All but ordinary is visible to the patient alone; genetic reports are never taken';
COMMENT ON COLUMN document.told_by_doctor IS 'The facility states that a doctor has told the patient: an HIV report is invisible without it';
COMMENT ON COLUMN document.hold IS 'As the facility asked, until it releases the document; hold_until: until then. In force is published_at';
COMMENT ON COLUMN document.published_at IS 'Readable from then on; infinity: held until it is released';
COMMENT ON COLUMN document.announce IS 'To be announced when published_at comes';
COMMENT ON COLUMN document.last_call_at IS 'When whoever has not opened it is told that it is about to vanish; null: no more';
CREATE INDEX document_announce ON document (published_at) WHERE announce;
CREATE INDEX document_last_call ON document (last_call_at) WHERE last_call_at IS NOT NULL;

CREATE TABLE document_hidden (
    document_id uuid NOT NULL REFERENCES document ON DELETE CASCADE,
    account_id  uuid REFERENCES account ON DELETE SET NULL,
    by_patient  boolean NOT NULL,
    hidden_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (document_id, account_id)
);
COMMENT ON TABLE document_hidden IS 'Documents taken out of sight (oscuramento), and nobody is told that there are any';
COMMENT ON COLUMN document_hidden.account_id IS 'Who did it; null when that account is deleted: what the patient has hidden stays so';
COMMENT ON COLUMN document_hidden.by_patient IS 'By the patient: out of everybody''s sight; by a relative''s account: out of its own';

ALTER TABLE account ADD COLUMN IF NOT EXISTS alert_last_call boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN account.alert_last_call IS 'Whether documents never opened are called to mind before they vanish';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('hold_days', 180, 'how long a document waits for its release before it is destroyed'),
    ('last_call_pause_hours', 12, 'one last call speaks for all documents that vanish about then');

-- replaced by one that knows which document it announces
DROP FUNCTION IF EXISTS dossier_data.alert_queue(uuid, text);
