-- What a dossier shows. What it does not show although it is there does not exist for whoever looks: no list, count,
-- alert, activity or export is any different.
--
-- A rule that many rows are held against is a function that PostgreSQL writes into the statement that asks, and plans
-- with it; what is not asked for is not worked out. So it stays with one that returns rows as long as it is one SELECT
-- in LANGUAGE sql, STABLE, neither STRICT nor SECURITY DEFINER nor with a SET; with one that returns a value as long as it
-- has no subquery besides. tests/sql/inlined.sql holds that none of them is ever called.

-- Whether the dossier is still its account's. handover_on: the day on which the permission ends because the relative comes
-- of age, also before the watchdog has come by; null: it does not. The setting is asked last, by a call: as a subquery it
-- would be made ready by every statement, and next to none comes to it.
CREATE OR REPLACE FUNCTION dossier_lib.handover_of(s dossier_data.dossier)
RETURNS TABLE (kept boolean, handover_on date)
LANGUAGE sql STABLE AS $$
    SELECT (s.of_minor AND s.adult_on <= dossier_lib.today() AND dossier_lib.setting_enabled('minor_handover')) IS NOT TRUE,
        CASE WHEN s.of_minor AND dossier_lib.setting_enabled('minor_handover') THEN s.adult_on END
$$;

CREATE OR REPLACE FUNCTION dossier_lib.dossiers_kept() RETURNS SETOF dossier_data.dossier
LANGUAGE sql STABLE AS $$
    SELECT s.* FROM dossier_data.dossier s CROSS JOIN LATERAL dossier_lib.handover_of(s) o WHERE o.kept
$$;

-- Whether the desk hands over what was sent then: the visit it names is declined. What names none may belong to any visit
-- of the patient's that was registered before it, or soon after it, and not long before.
CREATE OR REPLACE FUNCTION dossier_lib.pickup_of(p_patient uuid, p_acceptance uuid, p_sent_at timestamptz)
RETURNS TABLE (declined boolean)
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT FROM dossier_data.acceptance a
        WHERE a.patient_id = p_patient AND NOT a.online_pickup
          AND CASE WHEN p_acceptance IS NULL THEN p_sent_at > a.created_at - dossier_lib.days(7)
                                              AND p_sent_at < a.created_at + dossier_lib.days(365)
              ELSE a.id = p_acceptance END)
$$;

-- Every document in every dossier of its patient, and what the dossier makes of it.
-- kept_from: held, of a protected class and this is not the patient, or hidden by the patient.
-- withheld: that, or declined. hidden: taken out of sight from this dossier. What the patient hides stays so for a later
-- account of the patient's; what a relative's account hides, the patient never misses.
-- visible: it can be read now. refusal: why it cannot; what is withheld or hidden does not exist, whatever became of it.
-- unread: the account has not read this version. told: what it sees of it.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_documents()
RETURNS TABLE (account_id uuid, patient_id uuid, relation text, document dossier_data.document, kept_from boolean,
    withheld boolean, hidden boolean, visible boolean, refusal text, unread boolean, told json)
LANGUAGE sql STABLE AS $$
    SELECT s.account_id, s.patient_id, s.relation, d, v.kept_from, v.kept_from OR p.declined, v.hidden,
        w.refusal IS NULL AND dossier_lib.document_there(d) AND NOT v.kept_from AND NOT p.declined AND NOT v.hidden,
        CASE WHEN w.refusal IS NOT NULL THEN w.refusal
            WHEN v.kept_from OR p.declined OR v.hidden THEN 'not_found'
            ELSE dossier_lib.document_ended(d) END AS refusal,
        r.unread, t.told
    FROM dossier_data.dossier s
    JOIN dossier_data.document d ON d.patient_id = s.patient_id
    LEFT JOIN dossier_data.facility f ON f.id = d.facility_id
    CROSS JOIN LATERAL dossier_lib.pickup_of(d.patient_id, d.acceptance_id, d.created_at) p
    CROSS JOIN LATERAL dossier_lib.handover_of(s) o
    CROSS JOIN LATERAL (SELECT dossier_lib.dossier_refusal_of(s.state, o.kept) AS refusal) w
    CROSS JOIN LATERAL (SELECT
        dossier_lib.document_held(d) OR s.relation <> 'self' AND (d.class <> 'ordinary'
            OR EXISTS (SELECT FROM dossier_data.document_hidden h WHERE h.document_id = d.id AND h.by_patient))
            AS kept_from,
        EXISTS (SELECT FROM dossier_data.document_hidden h WHERE h.document_id = d.id
            AND CASE s.relation WHEN 'self' THEN h.by_patient ELSE h.account_id = s.account_id END) AS hidden) v
    CROSS JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM dossier_data.document_reading r WHERE r.document_id = d.id
        AND r.account_id = s.account_id AND r.version = d.version) AS unread) r
    CROSS JOIN LATERAL dossier_lib.document_told(d, f.name, r.unread) t
$$;

-- Every visit in every dossier of its patient. refusal: why the dossier cannot be looked into. shown: a relative's account
-- sees the visits it was at the desk for, by its number or its slip, save those that the patient has declined.
CREATE OR REPLACE FUNCTION dossier_lib.dossier_acceptances()
RETURNS TABLE (account_id uuid, patient_id uuid, acceptance dossier_data.acceptance, refusal text, shown boolean, told json)
LANGUAGE sql STABLE AS $$
    SELECT s.account_id, s.patient_id, a,
        dossier_lib.dossier_refusal_of(s.state, o.kept),
        s.relation = 'self' OR NOT a.declined_by_patient AND (
            EXISTS (SELECT FROM dossier_data.account c WHERE c.id = s.account_id AND c.mobile = a.mobile)
            OR EXISTS (SELECT FROM dossier_data.activation_code k
                       WHERE k.acceptance_id = a.id AND k.used_by = s.account_id)),
        dossier_lib.acceptance_json(a, f.name)
    FROM dossier_data.dossier s
    JOIN dossier_data.acceptance a ON a.patient_id = s.patient_id
    LEFT JOIN dossier_data.facility f ON f.id = a.facility_id
    CROSS JOIN LATERAL dossier_lib.handover_of(s) o
$$;

-- Lines of the audit that would tell an account of what its dossiers do not show. That an id led to nothing is told of
-- none: it may have been one of those. p_line_account: whose line it is, if an account's.
CREATE OR REPLACE FUNCTION dossier_lib.audit_concealed(
    p_action text, p_outcome text, p_line_account uuid, p_object uuid, p_account uuid)
RETURNS TABLE (concealed boolean)
LANGUAGE sql STABLE AS $$
    SELECT p_action IN ('document_hidden', 'document_shown', 'hidden_documents_listed')
        OR (p_action LIKE 'document\_%' AND p_outcome = 'not_found')
        OR EXISTS (SELECT FROM dossier_lib.dossier_documents() v WHERE v.account_id = p_account
            AND (v.document).id = coalesce((SELECT n.subject FROM dossier_data.audit_alias n WHERE n.alias = p_object),
                p_object)
            AND (v.withheld OR v.hidden))
        OR (p_line_account IS NULL AND EXISTS (SELECT FROM dossier_lib.dossier_acceptances() c
            WHERE c.account_id = p_account AND (c.acceptance).id = p_object AND NOT c.shown))
$$;
