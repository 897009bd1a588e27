SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE outbox DROP CONSTRAINT outbox_template_check;
ALTER TABLE outbox ADD CONSTRAINT outbox_template_check CHECK (template IN (
    'verification_code', 'email_code', 'mobile_corrected', 'mobile_changed', 'email_changed',
    'password_changed', 'new_device', 'relative_taken_over', 'minor_handover_soon', 'minor_handover',
    'service_disabled', 'account_deleted', 'new_documents', 'last_call'));
COMMENT ON COLUMN outbox.priority IS '0: codes, 1: what a person must know of the account or a registration, 2: alerts';

CREATE TABLE password_proof (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    hit_at     timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    judged_at  timestamptz,
    is_right   boolean,
    used_at    timestamptz
);
COMMENT ON TABLE password_proof IS 'The password typed again before something that cannot be undone: counted, judged once, good for one call';
COMMENT ON COLUMN password_proof.hit_at IS 'Its entry among the hits of throttle password_again, taken back when it was right';
COMMENT ON COLUMN password_proof.is_right IS 'Null: not judged, or there was no room to look at the password';
CREATE INDEX password_proof_created ON password_proof (created_at);

COMMENT ON COLUMN throttle.scope IS 'code_send, code_wrong (per mobile), activation_wrong, password_again (per account), login (per login and address prefix), login_address (per address prefix)';

INSERT INTO throttle_limit (name, value, purpose) VALUES
    ('password_wrong_per_hour', 10, 'wrong passwords typed again inside a session, per account and hour'),
    ('password_proof_seconds', 120, 'how long a password typed again is good for the step it was asked for'),
    ('told_give_up_hours', 72, 'how long a message about an account is tried');
