-- Refusals that nobody can be named for: counted, not kept line by line.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE audit_count (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hour    timestamptz NOT NULL,
    action  text NOT NULL,
    outcome text NOT NULL,
    count   bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE audit_count IS 'How often anyone was refused something this hour. As many rows of a kind as were counted at the same time, so that none waits for another; when the hour is over they become one line of the audit';
CREATE INDEX audit_count_kind ON audit_count (hour, action, outcome);

COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per subject of a flow), activation_wrong, password_again, contact_change (per account), login (per login and address prefix, or known device), login_anywhere (per login), login_address, code_address (per address prefix), turn (per what is slowed down where many ask), key_ended (per integrator key)';
COMMENT ON COLUMN audit.detail IS 'A version of a notice or document, or how often in which hour; nothing of a person';
