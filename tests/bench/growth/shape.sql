-- The shape of what is loaded, in one place: which document is whose, and when. All by arithmetic from a number, so
-- that no row has to be looked up for another.
--
-- 720 days, 12 windows of 60. Each patient has ten documents of five visits within one window; each hundredth patient of
-- the last one has been coming since the first day. So a twelfth of the documents can be read, and the others
-- are tombstones, as the purge leaves them. Of ten patients six have an account (the sixth has not used the slip yet),
-- one is a child in the account of the first. Rows stand in the order of time, as they would have come.
CREATE SCHEMA growth;

-- Patients of one window
CREATE TABLE growth.size AS SELECT greatest(1, :documents / 120) | 1 AS m, greatest(3000, :documents / 500) AS traces;
CREATE FUNCTION growth.m() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT m FROM growth.size $$;
CREATE FUNCTION growth.traces() RETURNS bigint LANGUAGE sql IMMUTABLE AS $$ SELECT traces FROM growth.size $$;

-- What does not grow with the years: as many rows as there are hospitals, systems, keys, notices, settings
CREATE FUNCTION growth.grows() RETURNS SETOF oid LANGUAGE sql STABLE AS $$
    SELECT oid FROM pg_class WHERE relnamespace = 'dossier_data'::regnamespace AND relkind = 'r'
      AND relname NOT IN ('audit_count', 'banner', 'facility', 'integrator', 'integrator_facility', 'integrator_key',
          'key_check', 'migration', 'notice', 'notice_text', 'setting', 'sms_budget', 'sms_prefix', 'throttle_limit', 'vault', 'vault_counted')
$$;

-- Number n of something
CREATE FUNCTION growth.id(p_what text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(p_what || n)::uuid $$;
CREATE FUNCTION growth.sha(p_what text, n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(sha256((p_what || n)::bytea), 'hex')
$$;

-- Document n (from 0) came then; the last one now.
CREATE FUNCTION growth.came(n bigint, m bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT now() - (120 * m - 1 - n) * (interval '60 days' / (10 * m))
$$;

-- All documents: window w, patient q of it, the k-th of ten; patient p, acceptance a
CREATE FUNCTION growth.documents() RETURNS TABLE (n bigint, w bigint, q bigint, k bigint, p bigint, a bigint)
LANGUAGE sql STABLE AS $$
    SELECT n, w, q, k, CASE WHEN q % 100 = 0 THEN 11 ELSE w END * m + q, (5 * w + k / 2) * m + q
    FROM growth.size, generate_series(0, 120 * m - 1) n,
        LATERAL (SELECT n / (10 * m) AS w, n % m AS q, n % (10 * m) / m AS k) d
$$;

CREATE FUNCTION growth.account(q bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT q % 10 < 6 $$;
CREATE FUNCTION growth.reads(q bigint, n bigint) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT q % 10 < 5 AND n % 10 < 7 $$;
CREATE FUNCTION growth.mobile(p bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '+39' || 3200000000 + p $$;
CREATE FUNCTION growth.codice_fiscale(p bigint, q bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT 'GRW' || chr(65 + (p / 676000 % 26)::int) || chr(65 + (p / 26000 % 26)::int) || chr(65 + (p / 1000 % 26)::int)
        || CASE WHEN q % 10 = 6 THEN '15' ELSE '80' END || 'A01E' || lpad((p % 1000)::text, 3, '0') || 'X'
$$;

INSERT INTO dossier_data.facility (id, name) SELECT 'hospital-' || i, 'Ospedale ' || i FROM generate_series(1, 4) i;
INSERT INTO dossier_data.integrator (id, name) VALUES (growth.id('system', 1), 'LIS');
INSERT INTO dossier_data.integrator_key (integrator_id, name, key_hash) VALUES (growth.id('system', 1), 'first', growth.sha('key', 1));
INSERT INTO dossier_data.integrator_facility SELECT growth.id('system', 1), 'hospital-' || i FROM generate_series(1, 4) i;
