-- A correction counts although other visits still name the old number, unless the desk has named it since; and where the
-- number has been noted for somebody else, a later visit of the holder's says nothing of who holds it.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE OR REPLACE VIEW account_mobile AS
SELECT a.id AS account_id, a.patient_id,
    -- by a correction; that the person gives another number at another visit takes nothing back
    EXISTS (
        SELECT FROM acceptance c WHERE c.patient_id = a.patient_id AND c.mobile <> a.mobile
          AND a.mobile = ANY (c.mobiles_former)
          AND c.mobile_corrected_at > greatest(a.mobile_proved_at, own.named_at)) AS given_up,
    EXISTS (
        SELECT FROM acceptance c WHERE c.mobile = a.mobile AND c.updated_at > a.mobile_proved_at
          AND NOT EXISTS (SELECT FROM dossier d WHERE d.account_id = a.id AND d.patient_id = c.patient_id)) AS passed_on
FROM account a
CROSS JOIN LATERAL (SELECT max(greatest(created_at, mobile_corrected_at)) AS named_at FROM acceptance
                    WHERE patient_id = a.patient_id AND mobile = a.mobile) own;

-- Whoever wipes destroys what the dossier could show, and nothing else.
ALTER TABLE destroyed_object
    ADD COLUMN readable boolean NOT NULL DEFAULT true,
    ADD COLUMN class text NOT NULL DEFAULT 'ordinary';
COMMENT ON COLUMN destroyed_object.readable IS 'The patient could read it, when it gave way to another';
COMMENT ON COLUMN destroyed_object.class IS 'The document''s, then';
