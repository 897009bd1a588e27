-- A number changes hands: what the desk has corrected since, or noted for somebody else, is no proof of an account.
SET LOCAL search_path = dossier_data, pg_temp;

ALTER TABLE account ADD COLUMN mobile_proved_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN account.mobile_proved_at IS 'When a code sent to the mobile was right, or the operator moved the account to it';

UPDATE account a SET mobile_proved_at = coalesce((
    SELECT max(at) FROM audit WHERE account_id = a.id AND outcome = 'ok'
        AND (action = 'mobile_change_completed' OR action = 'mobile_corrected' AND actor_kind = 'operator')), created_at);

ALTER TABLE acceptance
    ADD COLUMN mobiles_former text[] NOT NULL DEFAULT '{}',
    ADD COLUMN mobile_corrected_at timestamptz;
COMMENT ON COLUMN acceptance.mobiles_former IS 'What stood there before the desk corrected it, the newest first';
COMMENT ON COLUMN acceptance.mobile_corrected_at IS 'When it was corrected last';

-- Whoever registered had an acceptance with that number: where none holds it today, the desk has corrected it.
UPDATE acceptance c SET mobiles_former = ARRAY[a.mobile], mobile_corrected_at = c.updated_at
FROM account a
WHERE a.patient_id = c.patient_id AND a.mobile_proved_at = a.created_at AND c.updated_at > c.created_at
  AND c.updated_at > a.created_at
  AND NOT EXISTS (SELECT FROM acceptance o WHERE o.patient_id = a.patient_id AND o.mobile = a.mobile);

ALTER TABLE account_change ADD COLUMN mobile_alone boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN account_change.mobile_alone IS 'A forgotten password, asked for by the mobile and nothing else that strangers do not know';

CREATE VIEW account_mobile AS
SELECT a.id AS account_id, a.patient_id,
    -- by a correction; that the person gives another number at another visit takes nothing back
    own.named_at IS NULL AND EXISTS (
        SELECT FROM acceptance c WHERE c.patient_id = a.patient_id
          AND a.mobile = ANY (c.mobiles_former) AND c.mobile_corrected_at > a.mobile_proved_at) AS given_up,
    EXISTS (
        SELECT FROM acceptance c WHERE c.mobile = a.mobile
          AND c.updated_at > greatest(a.mobile_proved_at, own.named_at)
          AND NOT EXISTS (SELECT FROM dossier d WHERE d.account_id = a.id AND d.patient_id = c.patient_id)) AS passed_on
FROM account a
CROSS JOIN LATERAL (SELECT max(created_at) AS named_at FROM acceptance
                    WHERE patient_id = a.patient_id AND mobile = a.mobile) own;
COMMENT ON VIEW account_mobile IS 'What the desks say of an account''s mobile. given_up: no longer its holder''s; passed_on: noted since for somebody whom the account does not keep';
