SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE dossier ADD COLUMN role text CHECK (role IN ('parent', 'guardian', 'delegate')),
    ADD COLUMN of_minor boolean NOT NULL DEFAULT false,
    ADD COLUMN handover_told_at timestamptz,
    ADD CONSTRAINT dossier_role_of_relatives CHECK ((relation = 'relative') = (role IS NOT NULL));
COMMENT ON COLUMN dossier.role IS 'What the account holder is to a relative: parent of a minor, guardian, or delegate of an adult; null for oneself';
COMMENT ON COLUMN dossier.of_minor IS 'The relative was a minor when added: the permission ends on the day they turn 18';
COMMENT ON COLUMN dossier.handover_told_at IS 'When the account holder was told that this day comes near';
CREATE INDEX dossier_of_minor ON dossier (patient_id) WHERE of_minor;

ALTER TABLE consent ADD COLUMN role text CHECK (role IN ('parent', 'guardian', 'delegate'));
COMMENT ON COLUMN consent.role IS 'In what role the account holder consented for a relative; null for oneself';

CREATE TABLE setting (
    name    text PRIMARY KEY,
    enabled boolean NOT NULL
);
COMMENT ON TABLE setting IS 'What directives say and the functions go by; the watchdog writes it down';
INSERT INTO setting VALUES ('minor_handover', true);

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('handover_notice_days', 30, 'so long before a minor turns 18 the account holder is told');

-- replaced by one with other arguments
DROP FUNCTION IF EXISTS dossier_data.activation_judge(activation_code, uuid);
