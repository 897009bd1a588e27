-- What the audit calls a patient, document or acceptance in the lines of this account; anything else by
-- its id. The patients and documents of the hospital outlive an account: if they were named by their own
-- ids, its lines, which nobody may change, would say for ever whose account it was. The aliases are deleted with it.
CREATE OR REPLACE FUNCTION dossier_lib.audit_name(p_account uuid, p_subject uuid) RETURNS uuid
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_alias uuid;
BEGIN
    IF p_account IS NULL OR p_subject IS NULL THEN
        RETURN p_subject;
    END IF;
    SELECT alias INTO v_alias FROM dossier_data.audit_alias
    WHERE account_id = p_account AND subject = p_subject;
    IF v_alias IS NULL AND NOT (EXISTS (SELECT FROM dossier_data.patient WHERE id = p_subject)
            OR EXISTS (SELECT FROM dossier_data.document WHERE id = p_subject)
            OR EXISTS (SELECT FROM dossier_data.acceptance WHERE id = p_subject)) THEN
        RETURN p_subject;
    ELSIF v_alias IS NULL THEN
        INSERT INTO dossier_data.audit_alias (account_id, subject)
        SELECT id, p_subject FROM dossier_data.account WHERE id = p_account FOR KEY SHARE
        ON CONFLICT (account_id, subject) DO UPDATE SET subject = excluded.subject
        RETURNING alias INTO v_alias;
    END IF;
    RETURN coalesce(v_alias, gen_random_uuid()); -- deleted meanwhile
END
$$;

-- The other way: what such a name stands for while the account is there.
CREATE OR REPLACE FUNCTION dossier_lib.audit_subject(p_name uuid) RETURNS uuid
LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT subject FROM dossier_data.audit_alias WHERE alias = p_name), p_name)
$$;

-- Counts by the hour. Nobody waits here, however many are refused at once.
CREATE OR REPLACE FUNCTION dossier_lib.audit_count(p_action text, p_outcome text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_hour timestamptz := date_trunc('hour', clock_timestamp());
BEGIN
    UPDATE dossier_data.audit_count SET count = count + 1 WHERE id = (
        SELECT id FROM dossier_data.audit_count WHERE hour = v_hour AND action = p_action AND outcome = p_outcome
        LIMIT 1 FOR UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO dossier_data.audit_count (hour, action, outcome, count) VALUES (v_hour, p_action, p_outcome, 1);
    END IF;
END
$$;

-- What anyone may cause as often as they like: everything about nobody's account and nothing of a patient's
-- (p_object), and what is refused without bound. Codes that somebody asks for, and wrong codes and passwords
-- of somebody, are bounded by what counts them, and so are their lines.
CREATE OR REPLACE FUNCTION dossier_lib.audit_countless(p_actor_kind text, p_outcome text, p_account uuid, p_object uuid)
RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT p_actor_kind = 'anyone' AND (p_account IS NULL AND p_object IS NULL OR p_outcome IN ('unauthenticated',
        'throttled', 'not_found', 'code_locked', 'code_expired', 'code_used', 'registration_closed', 'change_closed'))
$$;

-- Actor: an account or integrator by id; anyone (p_actor_id null) who has not said who it is. What anyone could fill
-- the audit with is counted instead.
CREATE OR REPLACE FUNCTION dossier_lib.audit_write(
    p_actor_kind text, p_actor_id uuid, p_action text, p_outcome text, p_address text,
    account uuid DEFAULT NULL, patient uuid DEFAULT NULL, object uuid DEFAULT NULL,
    facility text DEFAULT NULL, detail text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_account uuid := coalesce(account, CASE p_actor_kind WHEN 'account' THEN p_actor_id END);
BEGIN
    IF dossier_lib.audit_countless(p_actor_kind, p_outcome, v_account, object) THEN
        PERFORM dossier_lib.audit_count(p_action, p_outcome);
        RETURN;
    END IF;
    INSERT INTO dossier_data.audit (actor_kind, actor_id, action, outcome, address,
                                    account_id, patient_id, object_id, facility_id, detail)
    VALUES (p_actor_kind, p_actor_id, p_action, p_outcome, p_address, v_account,
            dossier_lib.audit_name(v_account, patient), dossier_lib.audit_name(v_account, object),
            facility, detail);
END
$$;

-- Hours that are over, summed up: one line for each kind.
CREATE OR REPLACE FUNCTION dossier_lib.audit_counts_write() RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    v_sum record;
BEGIN
    FOR v_sum IN
        WITH over AS (
            DELETE FROM dossier_data.audit_count WHERE id = ANY (ARRAY(
                SELECT id FROM dossier_data.audit_count WHERE hour < date_trunc('hour', clock_timestamp())
                FOR UPDATE SKIP LOCKED)) -- who still counts is waited for the next time
            RETURNING *)
        SELECT hour, action, outcome, sum(count) AS count FROM over GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    LOOP
        PERFORM dossier_lib.audit_write('system', NULL, v_sum.action, v_sum.outcome, NULL,
            detail => format('%s times in the hour from %s', v_sum.count, dossier_lib.rfc3339(v_sum.hour)));
    END LOOP;
END
$$;

-- Lines go with their seal, after the months the law asks at least, and in no other way.
CREATE OR REPLACE FUNCTION dossier_lib.audit_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.at < now() - interval '24 months'
                AND EXISTS (SELECT FROM audit_seal WHERE removed_at IS NOT NULL AND OLD.id <@ lines) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.audit_seal_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = dossier_data, dossier_lib, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN
        IF OLD.removed_at IS NOT NULL THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'UPDATE' THEN
        IF OLD.removed_at IS NULL AND OLD.newest_at < now() - interval '24 months'
                AND to_jsonb(NEW) - 'removed_at' = to_jsonb(OLD) - 'removed_at' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the seals of the audit are append-only' USING ERRCODE = 'insufficient_privilege';
END
$$;
