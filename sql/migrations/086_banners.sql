-- What the operator tells everybody on every screen, for a while.
SET LOCAL search_path = dossier_data, pg_temp;

CREATE TABLE banner (
    facility_id text REFERENCES facility,
    text_it     text NOT NULL,
    text_en     text NOT NULL,
    ends_at     timestamptz NOT NULL,
    set_at      timestamptz NOT NULL DEFAULT now(),
    UNIQUE NULLS NOT DISTINCT (facility_id)
);
COMMENT ON TABLE banner IS 'What the operator tells everybody on every screen until ends_at: one for all facilities, and one for each';
COMMENT ON COLUMN banner.facility_id IS 'On whose site it is shown; null: on all';
