-- What everything else uses. These functions run with the rights of the API function that calls them.

CREATE OR REPLACE FUNCTION dossier_lib.rfc3339(p_at timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
$$;

CREATE OR REPLACE FUNCTION dossier_lib.digest(p_text text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(p_text, 'UTF8')), 'hex')
$$;

-- What an API function says: its outcome, and the members of its answer or problem.
CREATE OR REPLACE FUNCTION dossier_lib.answer(p_outcome text, p_body json) RETURNS dossier_data.answer
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_outcome, p_body)::dossier_data.answer
$$;

CREATE OR REPLACE FUNCTION dossier_lib.answer(p_outcome text, p_body jsonb) RETURNS dossier_data.answer
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_outcome, p_body)::dossier_data.answer
$$;

CREATE OR REPLACE FUNCTION dossier_lib.outcome(p_outcome text) RETURNS dossier_data.answer
LANGUAGE sql IMMUTABLE AS $$
    SELECT ROW(p_outcome, NULL)::dossier_data.answer
$$;

-- p_limit: how many the window takes that is full for so many seconds; a pause takes one.
CREATE OR REPLACE FUNCTION dossier_lib.throttled(p_seconds int, p_limit int DEFAULT 1) RETURNS dossier_data.answer
LANGUAGE sql IMMUTABLE AS $$
    SELECT dossier_lib.answer('throttled', jsonb_build_object('retry_after', greatest(p_seconds, 1), 'limit', p_limit))
$$;

-- A limit that is not there is a defect, never "no limit".
CREATE OR REPLACE FUNCTION dossier_lib.limit_of(p_name text) RETURNS int
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_value int;
BEGIN
    SELECT value INTO STRICT v_value FROM dossier_data.throttle_limit WHERE name = p_name;
    RETURN v_value;
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.setting_enabled(p_setting text) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT enabled FROM dossier_data.setting WHERE name = p_setting);
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.seconds_until(p_at timestamptz) RETURNS int
LANGUAGE sql VOLATILE AS $$
    SELECT greatest(0, ceil(extract(epoch FROM p_at - clock_timestamp())))::int
$$;

-- Hours, not days: a day is 23 or 25 hours long twice a year, wherever the server's clock stands.
CREATE OR REPLACE FUNCTION dossier_lib.days(p_days int) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT make_interval(hours => 24 * p_days)
$$;

CREATE OR REPLACE FUNCTION dossier_lib.minutes(p_minutes int) RETURNS interval
LANGUAGE sql IMMUTABLE AS $$
    SELECT make_interval(mins => p_minutes)
$$;

-- The day it is in Rome, whatever the server's zone.
CREATE OR REPLACE FUNCTION dossier_lib.today() RETURNS date
LANGUAGE sql STABLE AS $$
    SELECT (now() AT TIME ZONE 'Europe/Rome')::date
$$;

CREATE OR REPLACE FUNCTION dossier_lib.age_of(p_birth date) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT extract(year FROM age(dossier_lib.today()::timestamp, p_birth::timestamp))::int
$$;

-- What a client cannot change at will: the address in IPv4, the first 64 bits in IPv6.
CREATE OR REPLACE FUNCTION dossier_lib.address_prefix(p_address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_address inet;
BEGIN
    v_address := regexp_replace(p_address, '^::ffff:(\d+\.\d+\.\d+\.\d+)$', '\1', 'i')::inet;
    RETURN CASE family(v_address) WHEN 4 THEN host(v_address)
        WHEN 6 THEN network(set_masklen(v_address, 64))::text ELSE 'unknown' END;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN 'unknown';
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.notice_current(p_kind text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT version FROM dossier_data.notice WHERE kind = p_kind AND published_at <= now()
    ORDER BY published_at DESC, version DESC LIMIT 1
$$;

-- Null: the consent is to the current version of that notice. Else the refusal.
CREATE OR REPLACE FUNCTION dossier_lib.consent_refusal(p_consent jsonb, p_kind text) RETURNS dossier_data.answer
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN p_consent ->> 'notice' IS NOT DISTINCT FROM p_kind
                 AND p_consent ->> 'version' IS NOT DISTINCT FROM c.version THEN NULL
        ELSE dossier_lib.answer('notice_outdated', jsonb_build_object('current', c.version)) END
    FROM (SELECT dossier_lib.notice_current(p_kind) AS version) c
$$;

-- What the patient is known by now who was known by this once.
CREATE OR REPLACE FUNCTION dossier_lib.codice_fiscale_now(p_codice_fiscale text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT t.codice_fiscale FROM dossier_data.former_codice_fiscale f
        JOIN dossier_data.patient t ON t.id = f.patient_id WHERE f.codice_fiscale = p_codice_fiscale), p_codice_fiscale);
END
$$;

-- Parallel calls about one thing stand in a line, whether its row exists yet or not. Always the
-- first lock of a transaction.
CREATE OR REPLACE FUNCTION dossier_lib.lock_name(p_name text) RETURNS void
LANGUAGE sql VOLATILE AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('mantova-dossier:' || p_name, 0))
$$;

-- "Firefox, Windows": what a person knows a device by. Null: none that is known here.
CREATE OR REPLACE FUNCTION dossier_lib.device_named(p_user_agent text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT nullif(concat_ws(', ', b.name, o.name), '')
    FROM (SELECT CASE WHEN p_user_agent ~ 'Edg(e|A|iOS)?/' THEN 'Edge'
            WHEN p_user_agent ~ 'OPR/' THEN 'Opera'
            WHEN p_user_agent ~ 'SamsungBrowser/' THEN 'Samsung Internet'
            WHEN p_user_agent ~ '(Firefox|FxiOS)/' THEN 'Firefox'
            WHEN p_user_agent ~ '(Chrome|CriOS)/' THEN 'Chrome'
            WHEN p_user_agent ~ 'Safari/' THEN 'Safari' END AS name) b,
         (SELECT CASE WHEN p_user_agent ~ 'iPhone' THEN 'iPhone' WHEN p_user_agent ~ 'iPad' THEN 'iPad'
            WHEN p_user_agent ~ 'Android' THEN 'Android' WHEN p_user_agent ~ 'Windows' THEN 'Windows'
            WHEN p_user_agent ~ 'Mac OS X' THEN 'Mac' WHEN p_user_agent ~ 'Linux' THEN 'Linux' END AS name) o
$$;

-- That, or what the browser says of itself. Null: it did not say.
CREATE OR REPLACE FUNCTION dossier_lib.device_of(p_user_agent text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(dossier_lib.device_named(p_user_agent), nullif(btrim(left(p_user_agent, 60)), ''))
$$;

-- If-Match and If-None-Match of hospital systems: a call that comes late, or knows not what has happened since, changes
-- nothing. What they know a state by:
CREATE OR REPLACE FUNCTION dossier_lib.tag_of(p_state jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT left(dossier_lib.digest(p_state::text), 32)
$$;

-- p_list as in the header: "*", or tags in quotes. A null tag: there is none.
CREATE OR REPLACE FUNCTION dossier_lib.tag_among(p_tag text, p_list text) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_tag IS NOT NULL AND (btrim(p_list) = '*'
        OR '"' || p_tag || '"' = ANY (regexp_split_to_array(btrim(p_list), '\s*,\s*')))
$$;

-- Whether the call's condition fails. A weak tag is as good where only another one is wanted (RFC 9110, 13.1).
CREATE OR REPLACE FUNCTION dossier_lib.condition_fails(p jsonb, p_tag text) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (p ->> 'if_match' IS NOT NULL AND NOT dossier_lib.tag_among(p_tag, p ->> 'if_match'))
        OR (p ->> 'if_none_match' IS NOT NULL
            AND dossier_lib.tag_among(p_tag, replace(p ->> 'if_none_match', 'W/', '')));
END
$$;
