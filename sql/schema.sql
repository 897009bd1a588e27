-- Written by tools/schema.sh (make schema) with PostgreSQL 15: what tables/, migrations/ and triggers.sql come to.

CREATE SCHEMA dossier_data;
COMMENT ON SCHEMA dossier_data IS 'Tables; closed to the web server';

CREATE TYPE dossier_data.answer AS (
	outcome text,
	body json
);
COMMENT ON TYPE dossier_data.answer IS 'What an API function says';
COMMENT ON COLUMN dossier_data.answer.outcome IS 'ok, created, or the name of a problem';
COMMENT ON COLUMN dossier_data.answer.body IS 'The members of the answer or the problem; null: none';

CREATE DOMAIN dossier_data.asked_by AS text
	CONSTRAINT asked_by_check CHECK ((VALUE = ANY (ARRAY['anyone'::text, 'pair'::text, 'proved'::text])));
COMMENT ON DOMAIN dossier_data.asked_by IS 'Who asks for a code. anyone: knows a login; pair: knows a codice fiscale and a mobile or e-mail with it; proved: showed a slip''s activation code, came with a known device or is logged in';

CREATE TYPE dossier_data.code_flow AS (
	id uuid,
	kind text,
	channel text,
	recipient text,
	language text,
	account_id uuid,
	facility_id text,
	deliverable boolean,
	subject text,
	closed_at timestamp with time zone,
	expires_at timestamp with time zone,
	asked_by text
);

CREATE TABLE dossier_data.acceptance (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    integrator_id uuid NOT NULL,
    external_id text NOT NULL,
    facility_id text NOT NULL,
    patient_id uuid NOT NULL,
    mobile text NOT NULL,
    mobiles_former text[] DEFAULT '{}'::text[] NOT NULL,
    mobile_corrected_at timestamp with time zone,
    email text,
    first_name text NOT NULL,
    last_name text NOT NULL,
    birth_date date,
    birth_place text,
    sex text,
    online_pickup boolean DEFAULT true NOT NULL,
    online_pickup_desk boolean DEFAULT true NOT NULL,
    declined_by_patient boolean DEFAULT false NOT NULL,
    calls text[] DEFAULT '{}'::text[] NOT NULL,
    changes integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT acceptance_check CHECK ((NOT (online_pickup AND declined_by_patient))),
    CONSTRAINT acceptance_sex_check CHECK ((sex = ANY (ARRAY['M'::text, 'F'::text])))
);
COMMENT ON TABLE dossier_data.acceptance IS 'A visit registered at the desk, with the data exactly as the desk gave them';
COMMENT ON COLUMN dossier_data.acceptance.external_id IS 'The integrator''s own number of it';
COMMENT ON COLUMN dossier_data.acceptance.mobile IS 'E.164; verification codes leave only to a number that an acceptance holds';
COMMENT ON COLUMN dossier_data.acceptance.mobiles_former IS 'What stood there before the desk corrected it, the newest first';
COMMENT ON COLUMN dossier_data.acceptance.mobile_corrected_at IS 'When it was corrected last';
COMMENT ON COLUMN dossier_data.acceptance.online_pickup IS 'In force: whether the reports of this visit may be online. The last word counts, the desk''s or the patient''s';
COMMENT ON COLUMN dossier_data.acceptance.online_pickup_desk IS 'What the desk said last: its system repeating that does not overrule the patient';
COMMENT ON COLUMN dossier_data.acceptance.declined_by_patient IS 'The patient said no, from the own dossier: a relative''s account is not shown the visit, and cannot say yes';
COMMENT ON COLUMN dossier_data.acceptance.calls IS 'As of a document';
COMMENT ON COLUMN dossier_data.acceptance.changes IS 'As of a document';

CREATE TABLE dossier_data.account_change (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    kind text NOT NULL,
    account_id uuid,
    recipient text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    asked_by dossier_data.asked_by DEFAULT 'anyone'::text NOT NULL,
    mobile_alone boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT account_change_kind_check CHECK ((kind = ANY (ARRAY['password_reset'::text, 'mobile_change'::text, 'email_change'::text]))),
    CONSTRAINT account_change_language_check CHECK ((language = ANY (ARRAY['it'::text, 'en'::text])))
);
COMMENT ON TABLE dossier_data.account_change IS 'What waits for a verification code before it is done to an account; the same rows whether the login exists or not';
COMMENT ON COLUMN dossier_data.account_change.account_id IS 'Null: a forgotten password of a login that no account has';
COMMENT ON COLUMN dossier_data.account_change.recipient IS 'Where the codes go: the account''s mobile, or the mobile or e-mail that is to become the account''s';
COMMENT ON COLUMN dossier_data.account_change.subject IS 'Whose codes are counted: digest of the login as typed, with the codice fiscale and the slip if they were shown; of the known device; of account and recipient in a session';
COMMENT ON COLUMN dossier_data.account_change.mobile_alone IS 'A forgotten password, asked for by the mobile and nothing else that strangers do not know';
COMMENT ON COLUMN dossier_data.account_change.expires_at IS 'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN dossier_data.account_change.closed_at IS 'The right code was given, or another change took its place';

CREATE TABLE dossier_data.registration (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    codice_fiscale text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    birth_date date,
    birth_place text,
    mobile text NOT NULL,
    email text,
    language text NOT NULL,
    notice_version text NOT NULL,
    password_hash text,
    subject text NOT NULL,
    asked_by dossier_data.asked_by DEFAULT 'pair'::text NOT NULL,
    address text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    account_id uuid,
    CONSTRAINT registration_language_check CHECK ((language = ANY (ARRAY['it'::text, 'en'::text])))
);
COMMENT ON TABLE dossier_data.registration IS 'Somebody who asks for an account; the same rows whether an acceptance matches or not';
COMMENT ON COLUMN dossier_data.registration.password_hash IS 'Wiped when the registration is closed';
COMMENT ON COLUMN dossier_data.registration.subject IS 'Whose codes are counted: digest of codice fiscale and mobile, and of the slip if one was shown';
COMMENT ON COLUMN dossier_data.registration.expires_at IS 'Until when a new code may be asked for; each code has its own, shorter time';
COMMENT ON COLUMN dossier_data.registration.closed_at IS 'The right code was given; account_id says what came of it (null: a number, person or e-mail was taken)';

CREATE TABLE dossier_data.dossier (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    relation text NOT NULL,
    role text,
    state text DEFAULT 'inactive'::text NOT NULL,
    of_minor boolean DEFAULT false NOT NULL,
    adult_on date,
    handover_told_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    activated_at timestamp with time zone,
    CONSTRAINT dossier_relation_check CHECK ((relation = ANY (ARRAY['self'::text, 'relative'::text]))),
    CONSTRAINT dossier_role_check CHECK ((role = ANY (ARRAY['parent'::text, 'guardian'::text, 'delegate'::text]))),
    CONSTRAINT dossier_role_of_relatives CHECK (((relation = 'relative'::text) = (role IS NOT NULL))),
    CONSTRAINT dossier_state_check CHECK ((state = ANY (ARRAY['inactive'::text, 'active'::text, 'disabled'::text])))
);
COMMENT ON TABLE dossier_data.dossier IS 'One patient''s documents as seen from one account: the row is the permission';
COMMENT ON COLUMN dossier_data.dossier.role IS 'What the account holder is to a relative: parent of a minor, guardian, or delegate of an adult; null for oneself';
COMMENT ON COLUMN dossier_data.dossier.state IS 'inactive: no activation code yet; disabled: switched off by the account holder';
COMMENT ON COLUMN dossier_data.dossier.of_minor IS 'The relative was a minor when added, by the day of birth that is known now; kept by triggers. The permission ends on the day they turn 18';
COMMENT ON COLUMN dossier_data.dossier.adult_on IS 'Where of_minor: the 18th birthday, as the patient''s row has it; kept by triggers';
COMMENT ON COLUMN dossier_data.dossier.handover_told_at IS 'When the account holder was told that this day comes near';

CREATE TABLE dossier_data.account (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    patient_id uuid NOT NULL,
    mobile text NOT NULL,
    mobile_proved_at timestamp with time zone DEFAULT now() NOT NULL,
    email text,
    email_proved_at timestamp with time zone,
    first_name text NOT NULL,
    last_name text NOT NULL,
    birth_date date,
    birth_place text,
    password_hash text NOT NULL,
    password_set_at timestamp with time zone DEFAULT now() NOT NULL,
    language text NOT NULL,
    alert_sms boolean DEFAULT true NOT NULL,
    alert_mail boolean DEFAULT true NOT NULL,
    alert_last_call boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT account_language_check CHECK ((language = ANY (ARRAY['it'::text, 'en'::text])))
);
COMMENT ON TABLE dossier_data.account IS 'A login; its own patient is the account holder';
COMMENT ON COLUMN dossier_data.account.mobile_proved_at IS 'When a code sent to the mobile was right, or the operator moved the account to it';
COMMENT ON COLUMN dossier_data.account.email IS 'In lower case; also a login, hence unique';
COMMENT ON COLUMN dossier_data.account.email_proved_at IS 'When a code sent to the e-mail was right. Null: only written down, and whoever proves it takes it';
COMMENT ON COLUMN dossier_data.account.first_name IS 'As the person wrote it in the profile; so are the other data of the person here';
COMMENT ON COLUMN dossier_data.account.password_hash IS 'Argon2id, made outside the database';
COMMENT ON COLUMN dossier_data.account.password_set_at IS 'Which password it is: what was begun or proved with another one fails';
COMMENT ON COLUMN dossier_data.account.alert_sms IS 'Whether new documents are announced by SMS; alert_mail: by e-mail, when there is one';
COMMENT ON COLUMN dossier_data.account.alert_last_call IS 'Whether documents never opened are called to mind before they vanish';

CREATE TABLE dossier_data.activation_code (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    acceptance_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    key_id text NOT NULL,
    mac text NOT NULL,
    sealed text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    used_by uuid,
    CONSTRAINT activation_code_sealed_while_open CHECK (((sealed IS NULL) OR ((used_at IS NULL) AND (revoked_at IS NULL))))
);
COMMENT ON TABLE dossier_data.activation_code IS 'What is printed on a pick-up slip, as a MAC; opens one patient''s dossier once';
COMMENT ON COLUMN dossier_data.activation_code.mac IS 'HMAC-SHA-256 over the codice fiscale and the 13 characters, under key key_id of the web server''s ring';
COMMENT ON COLUMN dossier_data.activation_code.sealed IS 'The code itself, sealed by the web server for this MAC, so that the slip can be printed again; wiped when the code is used, revoked or expired';
COMMENT ON COLUMN dossier_data.activation_code.revoked_at IS 'Replaced by a new code (slip lost)';
COMMENT ON COLUMN dossier_data.activation_code.used_by IS 'Null again when that account is deleted; used_at stays';

CREATE TABLE dossier_data.audit (
    id bigint NOT NULL,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    action text NOT NULL,
    outcome text NOT NULL,
    account_id uuid,
    patient_id uuid,
    object_id uuid,
    facility_id text,
    address text,
    detail text,
    CONSTRAINT audit_actor_kind_check CHECK ((actor_kind = ANY (ARRAY['anyone'::text, 'account'::text, 'integrator'::text, 'system'::text, 'operator'::text])))
);
COMMENT ON TABLE dossier_data.audit IS 'Who did what, and what was refused; append-only. Ids only: no codes, numbers, names. No foreign keys, so that it outlives what it names';
COMMENT ON COLUMN dossier_data.audit.txid IS 'For sealing: batches below the snapshot''s xmin are complete';
COMMENT ON COLUMN dossier_data.audit.outcome IS 'ok, or the name of the refusal';
COMMENT ON COLUMN dossier_data.audit.account_id IS 'The account concerned, whoever acted';
COMMENT ON COLUMN dossier_data.audit.patient_id IS 'In a line with an account_id an alias (audit_alias), since the hospital''s patients outlive accounts';
COMMENT ON COLUMN dossier_data.audit.object_id IS 'What the action was about: document, acceptance, registration, session, integrator; documents and acceptances by an alias where there is an account_id';
COMMENT ON COLUMN dossier_data.audit.detail IS 'A version of a notice or document, or how often in which hour; nothing of a person';

CREATE TABLE dossier_data.document (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    integrator_id uuid NOT NULL,
    external_id text NOT NULL,
    facility_id text NOT NULL,
    patient_id uuid NOT NULL,
    acceptance_id uuid,
    title text,
    type text NOT NULL,
    author text,
    issued_at timestamp with time zone NOT NULL,
    class text DEFAULT 'ordinary'::text NOT NULL,
    told_by_doctor boolean DEFAULT false NOT NULL,
    hold boolean DEFAULT false NOT NULL,
    hold_until timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    corrected boolean DEFAULT false NOT NULL,
    media_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,
    former text[] DEFAULT '{}'::text[] NOT NULL,
    ended text[] DEFAULT '{}'::text[] NOT NULL,
    object_id uuid NOT NULL,
    key_id text NOT NULL,
    wrapped_key text,
    calls text[] DEFAULT '{}'::text[] NOT NULL,
    changes integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    published_at timestamp with time zone NOT NULL,
    announce boolean DEFAULT false NOT NULL,
    last_call_at timestamp with time zone,
    expires_at timestamp with time zone NOT NULL,
    withdrawn_at timestamp with time zone,
    deleted_at timestamp with time zone,
    purged_at timestamp with time zone,
    CONSTRAINT document_class_check CHECK ((class = ANY (ARRAY['ordinary'::text, 'hiv'::text, 'abortion'::text, 'sexual_violence'::text, 'substances'::text, 'anonymous_birth'::text, 'family_counselling'::text]))),
    CONSTRAINT document_key_or_end CHECK (((wrapped_key IS NOT NULL) OR (withdrawn_at IS NOT NULL) OR (deleted_at IS NOT NULL) OR (purged_at IS NOT NULL))),
    CONSTRAINT document_size_check CHECK ((size >= 0)),
    CONSTRAINT document_title_or_end CHECK (((title IS NOT NULL) OR (deleted_at IS NOT NULL) OR (purged_at IS NOT NULL)))
);
COMMENT ON TABLE dossier_data.document IS 'What a facility published; the bytes are in the vault. Past its time the row stays as a tombstone for the desk';
COMMENT ON COLUMN dossier_data.document.id IS 'The same through all versions, so that the patient''s address of it stays';
COMMENT ON COLUMN dossier_data.document.class IS 'All but ordinary is visible to the patient alone; genetic reports are never taken';
COMMENT ON COLUMN dossier_data.document.told_by_doctor IS 'The facility states that a doctor has told the patient: an HIV report is invisible without it';
COMMENT ON COLUMN dossier_data.document.hold IS 'As the facility asked, until it releases the document; hold_until: until then. In force is published_at';
COMMENT ON COLUMN dossier_data.document.version IS 'Counts the files, not the corrections of title or author';
COMMENT ON COLUMN dossier_data.document.corrected IS 'Other bytes than those first published stand behind it';
COMMENT ON COLUMN dossier_data.document.sha256 IS 'Of the plaintext. Kept for good: the same bytes never bring an expired document back';
COMMENT ON COLUMN dossier_data.document.former IS 'SHA-256 of the files that others have replaced, the latest hundred: sent again they do not come back unless that is asked';
COMMENT ON COLUMN dossier_data.document.ended IS 'SHA-256 of former files that expired or that the patient deleted, the latest hundred: they never come back';
COMMENT ON COLUMN dossier_data.document.object_id IS 'The file''s name in the vault; a new one for each version';
COMMENT ON COLUMN dossier_data.document.wrapped_key IS 'The document''s key under key key_id of the ring. Null: destroyed, and the file is noise';
COMMENT ON COLUMN dossier_data.document.calls IS 'Digests of the calls that changed it, the latest hundred: first the one in force (empty: none), then those that came before';
COMMENT ON COLUMN dossier_data.document.changes IS 'How many calls have changed it, so that no tag of it is ever one it had before';
COMMENT ON COLUMN dossier_data.document.created_at IS 'When these bytes came: a repetition of them is of the same day';
COMMENT ON COLUMN dossier_data.document.published_at IS 'Readable from then on; infinity: held until it is released';
COMMENT ON COLUMN dossier_data.document.announce IS 'To be announced when published_at comes';
COMMENT ON COLUMN dossier_data.document.last_call_at IS 'When whoever has not opened it is told that it is about to vanish; null: no more';
COMMENT ON COLUMN dossier_data.document.expires_at IS 'Readable strictly before it';
COMMENT ON COLUMN dossier_data.document.deleted_at IS 'By the patient, who cannot take it back: the key was destroyed with it';

CREATE TABLE dossier_data.audit_seal (
    number bigint NOT NULL,
    lines int8multirange NOT NULL,
    count integer NOT NULL,
    newest_at timestamp with time zone NOT NULL,
    below xid8,
    above xid8,
    cluster text,
    root text NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL,
    sealed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    removed_at timestamp with time zone,
    CONSTRAINT audit_seal_count_check CHECK ((count > 0)),
    CONSTRAINT audit_seal_hash_check CHECK ((hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT audit_seal_previous_check CHECK ((previous ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT audit_seal_root_check CHECK ((root ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE dossier_data.audit_seal IS 'Batches of audit lines, each hashed together with the seal before it; numbered from 1 without a gap';
COMMENT ON COLUMN dossier_data.audit_seal.lines IS 'The ids of its lines. Ids are taken in another order than they are committed, so batches may interlock';
COMMENT ON COLUMN dossier_data.audit_seal.below IS 'Every line of a transaction below it is in this seal or an earlier one; null where a batch that caught up was too large to say so';
COMMENT ON COLUMN dossier_data.audit_seal.above IS 'No transaction from it on had begun when the lines were gathered; null in seals of earlier versions, as cluster';
COMMENT ON COLUMN dossier_data.audit_seal.cluster IS 'Whose transactions below and above are: in a copy restored elsewhere they begin again';
COMMENT ON COLUMN dossier_data.audit_seal.root IS 'SHA-256 over the SHA-256 of each line, by id';
COMMENT ON COLUMN dossier_data.audit_seal.previous IS 'Hash of the seal before; zeros in the first';
COMMENT ON COLUMN dossier_data.audit_seal.hash IS 'SHA-256 over everything else but removed_at, and but above and cluster where they are null';
COMMENT ON COLUMN dossier_data.audit_seal.removed_at IS 'Its lines were past their months. The last such seal stays, and the chain begins with it';

CREATE TABLE dossier_data.patient (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    codice_fiscale text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    birth_date date,
    birth_place text,
    sex text,
    independent_at timestamp with time zone,
    calls text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT patient_sex_check CHECK ((sex = ANY (ARRAY['M'::text, 'F'::text])))
);
COMMENT ON TABLE dossier_data.patient IS 'A person with a codice fiscale, as the latest acceptance describes it; may or may not have an account';
COMMENT ON COLUMN dossier_data.patient.independent_at IS 'When the patient last opened the own dossier, also if that account has been deleted since';
COMMENT ON COLUMN dossier_data.patient.calls IS 'Digests of the changes of codice fiscale that were taken, as of a document';

CREATE TABLE dossier_data.login_attempt (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid,
    password_set_at timestamp with time zone,
    login_hash text NOT NULL,
    prefix text NOT NULL,
    anywhere text,
    cost interval NOT NULL,
    hit_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone
);
COMMENT ON TABLE dossier_data.login_attempt IS 'A login between counting it and judging its password; finished once';
COMMENT ON COLUMN dossier_data.login_attempt.account_id IS 'Null: no such login, which the web server learns but its client does not';
COMMENT ON COLUMN dossier_data.login_attempt.password_set_at IS 'The account''s, when its hash was read: with another one the attempt has failed. Null: no such login';
COMMENT ON COLUMN dossier_data.login_attempt.login_hash IS 'What was counted: the login with the address prefix, or the known device';
COMMENT ON COLUMN dossier_data.login_attempt.prefix IS 'The address prefix, counted too unless the device is known';
COMMENT ON COLUMN dossier_data.login_attempt.anywhere IS 'The login, counted over all addresses; null: from a known device';
COMMENT ON COLUMN dossier_data.login_attempt.cost IS 'What it added to the throttle of (login, address), to be taken back if it was right';
COMMENT ON COLUMN dossier_data.login_attempt.hit_at IS 'Its entry among the hits of each throttle it was counted in';

CREATE TABLE dossier_data.outbox (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    channel text NOT NULL,
    recipient text NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    priority integer NOT NULL,
    account_id uuid,
    registration_id uuid,
    facility_id text,
    device text,
    code_id uuid,
    asked_by dossier_data.asked_by,
    sealed text,
    state text DEFAULT 'queued'::text NOT NULL,
    gathering boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    due_at timestamp with time zone NOT NULL,
    not_before timestamp with time zone NOT NULL,
    give_up_at timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    claimed_by text,
    claimed_at timestamp with time zone,
    ended_at timestamp with time zone,
    provider_id text,
    receipt text,
    receipt_at timestamp with time zone,
    CONSTRAINT outbox_channel_check CHECK ((channel = ANY (ARRAY['sms'::text, 'mail'::text]))),
    CONSTRAINT outbox_check CHECK (((sealed IS NULL) OR (state = 'queued'::text))),
    CONSTRAINT outbox_check1 CHECK (((state = 'queued'::text) = (ended_at IS NULL))),
    CONSTRAINT outbox_language_check CHECK ((language = ANY (ARRAY['it'::text, 'en'::text]))),
    CONSTRAINT outbox_receipt_check CHECK ((receipt = ANY (ARRAY['delivered'::text, 'undelivered'::text]))),
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'cancelled'::text]))),
    CONSTRAINT outbox_template_check CHECK ((template = ANY (ARRAY['verification_code'::text, 'email_code'::text, 'mobile_corrected'::text, 'mobile_changed'::text, 'email_changed'::text, 'password_changed'::text, 'new_device'::text, 'relative_taken_over'::text, 'minor_handover_soon'::text, 'minor_handover'::text, 'service_disabled'::text, 'account_deleted'::text, 'codice_fiscale_changed'::text, 'new_documents'::text, 'last_call'::text])))
);
COMMENT ON TABLE dossier_data.outbox IS 'Messages on their way out, queued in the transaction that gave cause to them';
COMMENT ON COLUMN dossier_data.outbox.priority IS '0: codes, 1: what a person must know of the account or a registration, 2: alerts';
COMMENT ON COLUMN dossier_data.outbox.facility_id IS 'Whose web site the text names: that of the acceptance or document that gave cause to it';
COMMENT ON COLUMN dossier_data.outbox.device IS 'Browser and system of a new device, of the few that are known by name: never what a browser says of itself';
COMMENT ON COLUMN dossier_data.outbox.asked_by IS 'Of a code: who asked for it, as in its flow. The caps of a number and an account count each kind of asking by itself, and hold no code of one who is proved';
COMMENT ON COLUMN dossier_data.outbox.sealed IS 'The digits, sealed by the web server for this code_id; wiped when the message has ended';
COMMENT ON COLUMN dossier_data.outbox.state IS 'cancelled: what it was about was over before it left';
COMMENT ON COLUMN dossier_data.outbox.gathering IS 'An alert that still waits: more documents need no second one';
COMMENT ON COLUMN dossier_data.outbox.due_at IS 'When it was to leave first; not_before moves with each retry';
COMMENT ON COLUMN dossier_data.outbox.tries IS 'Tries that have ended';
COMMENT ON COLUMN dossier_data.outbox.claimed_at IS 'By worker claimed_by; a claim grown old is free again';
COMMENT ON COLUMN dossier_data.outbox.receipt IS 'What the provider said of the message after it had taken it';

CREATE TABLE dossier_data.vault_counted (
    single boolean DEFAULT true NOT NULL,
    counted_at timestamp with time zone NOT NULL,
    documents bigint NOT NULL,
    bytes bigint NOT NULL,
    keys jsonb NOT NULL,
    CONSTRAINT vault_counted_single_check CHECK (single)
);
COMMENT ON TABLE dossier_data.vault_counted IS 'At most one row: what a watchdog counted last, for the metrics of a portal with many documents';
COMMENT ON COLUMN dossier_data.vault_counted.documents IS 'Documents whose key is there; bytes: their size together';
COMMENT ON COLUMN dossier_data.vault_counted.keys IS 'Of each key that rows need, how many';

CREATE VIEW dossier_data.account_mobile AS
 SELECT a.id AS account_id,
    a.patient_id,
    (EXISTS ( SELECT
           FROM dossier_data.acceptance c
          WHERE ((c.patient_id = a.patient_id) AND (c.mobile <> a.mobile) AND (a.mobile = ANY (c.mobiles_former)) AND (c.mobile_corrected_at > GREATEST(a.mobile_proved_at, own.named_at))))) AS given_up,
    (EXISTS ( SELECT
           FROM dossier_data.acceptance c
          WHERE ((c.mobile = a.mobile) AND (c.updated_at > a.mobile_proved_at) AND (NOT (EXISTS ( SELECT
                   FROM dossier_data.dossier d
                  WHERE ((d.account_id = a.id) AND (d.patient_id = c.patient_id)))))))) AS passed_on
   FROM (dossier_data.account a
     CROSS JOIN LATERAL ( SELECT max(GREATEST(acceptance.created_at, acceptance.mobile_corrected_at)) AS named_at
           FROM dossier_data.acceptance
          WHERE ((acceptance.patient_id = a.patient_id) AND (acceptance.mobile = a.mobile))) own);
COMMENT ON VIEW dossier_data.account_mobile IS 'What the desks say of an account''s mobile. given_up: no longer its holder''s; passed_on: noted since for somebody whom the account does not keep';

CREATE TABLE dossier_data.audit_alias (
    alias uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    subject uuid NOT NULL
);
COMMENT ON TABLE dossier_data.audit_alias IS 'What the audit calls a patient, document or acceptance in the lines of one account. Deleted with it: the lines stay as they were written, and lead to nobody';
COMMENT ON COLUMN dossier_data.audit_alias.subject IS 'Id of a patient, document or acceptance';

CREATE TABLE dossier_data.audit_count (
    id bigint NOT NULL,
    hour timestamp with time zone NOT NULL,
    action text NOT NULL,
    outcome text NOT NULL,
    count bigint NOT NULL
)
WITH (fillfactor='50');
COMMENT ON TABLE dossier_data.audit_count IS 'How often anyone asked for something in vain this hour. As many rows of a kind as were counted at the same time, so that none waits for another; when the hour is over they become one line of the audit';

ALTER TABLE dossier_data.audit_count ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dossier_data.audit_count_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE dossier_data.audit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dossier_data.audit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE dossier_data.banner (
    facility_id text,
    text_it text NOT NULL,
    text_en text NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    set_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.banner IS 'What the operator tells everybody on every screen until ends_at: one for all facilities, and one for each';
COMMENT ON COLUMN dossier_data.banner.facility_id IS 'On whose site it is shown; null: on all';

CREATE TABLE dossier_data.consent (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    patient_id uuid NOT NULL,
    kind text NOT NULL,
    version text NOT NULL,
    role text,
    given_at timestamp with time zone DEFAULT now() NOT NULL,
    address text,
    withdrawn_at timestamp with time zone,
    withdrawn_address text,
    unlinked_at timestamp with time zone,
    CONSTRAINT consent_role_check CHECK ((role = ANY (ARRAY['parent'::text, 'guardian'::text, 'delegate'::text])))
);
COMMENT ON TABLE dossier_data.consent IS 'Who agreed to which version of which notice, for which patient, when';
COMMENT ON COLUMN dossier_data.consent.account_id IS 'No foreign key: once the account is deleted it is a random id that names no row';
COMMENT ON COLUMN dossier_data.consent.patient_id IS 'As account_id; from the deletion on what the audit calls the patient (audit_alias), which then names nobody either';
COMMENT ON COLUMN dossier_data.consent.role IS 'In what role the account holder consented for a relative; null for oneself';
COMMENT ON COLUMN dossier_data.consent.withdrawn_at IS 'Null: it stands. Giving it again is a new row';
COMMENT ON COLUMN dossier_data.consent.unlinked_at IS 'When the account was deleted; the row is kept as proof for a while after';

CREATE TABLE dossier_data.destroyed_object (
    object_id uuid NOT NULL,
    document_id uuid,
    class text DEFAULT 'ordinary'::text NOT NULL,
    why text NOT NULL,
    same boolean DEFAULT false NOT NULL,
    readable boolean DEFAULT true NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    told boolean DEFAULT false NOT NULL,
    CONSTRAINT destroyed_object_why_check CHECK ((why = ANY (ARRAY['deleted'::text, 'withdrawn'::text, 'replaced'::text, 'expired'::text])))
);
COMMENT ON TABLE dossier_data.destroyed_object IS 'Files whose key is gone on purpose: those that were replaced stay for DossierQuarantineDays, the others may go; and a database restored from an older copy is told';
COMMENT ON COLUMN dossier_data.destroyed_object.document_id IS 'Whose file it was: with the document all that it ever had goes. Null: from before this was noted';
COMMENT ON COLUMN dossier_data.destroyed_object.class IS 'The document''s, then';
COMMENT ON COLUMN dossier_data.destroyed_object.same IS 'Replaced by a file with the same bytes';
COMMENT ON COLUMN dossier_data.destroyed_object.readable IS 'The patient could read it, when it gave way to another';
COMMENT ON COLUMN dossier_data.destroyed_object.told IS 'The vault has it in its own list';

CREATE TABLE dossier_data.device (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    token_hash text NOT NULL,
    user_agent text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT device_token_hash_check CHECK ((token_hash ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE dossier_data.device IS 'A browser that an account has logged in with; a login from another one is told by mail';
COMMENT ON COLUMN dossier_data.device.token_hash IS 'SHA-256 of a cookie that outlives sessions and opens nothing';
COMMENT ON COLUMN dossier_data.device.user_agent IS 'As it named itself at the last login';

CREATE TABLE dossier_data.document_hidden (
    document_id uuid NOT NULL,
    account_id uuid,
    by_patient boolean NOT NULL,
    hidden_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.document_hidden IS 'Documents taken out of sight (oscuramento), and nobody is told that there are any';
COMMENT ON COLUMN dossier_data.document_hidden.account_id IS 'Who did it; null when that account is deleted: what the patient has hidden stays so';
COMMENT ON COLUMN dossier_data.document_hidden.by_patient IS 'By the patient: out of everybody''s sight; by a relative''s account: out of its own';

CREATE TABLE dossier_data.document_reading (
    document_id uuid NOT NULL,
    account_id uuid NOT NULL,
    version integer NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    last_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.document_reading IS 'Which version an account has read; a document is new to an account while it has no row for the current one';
COMMENT ON COLUMN dossier_data.document_reading.account_id IS 'No foreign key: a random id, another one in each row, once the account is deleted';

CREATE TABLE dossier_data.early_receipt (
    provider_id text NOT NULL,
    receipt text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.early_receipt IS 'Receipts of messages whose provider''s id is not known yet: some providers are quicker than our own report';

CREATE TABLE dossier_data.facility (
    id text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT facility_id_check CHECK ((id ~ '^[A-Za-z0-9][A-Za-z0-9._~:-]{0,63}$'::text)),
    CONSTRAINT facility_name_check CHECK ((name <> ''::text))
);
COMMENT ON TABLE dossier_data.facility IS 'A hospital or clinic of the group';
COMMENT ON COLUMN dossier_data.facility.id IS 'The name used in configuration and by integrators, for example san-pellegrino';

CREATE TABLE dossier_data.former_codice_fiscale (
    codice_fiscale text NOT NULL,
    patient_id uuid NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.former_codice_fiscale IS 'What a patient was known by before; whoever still says it means this patient. No patient has it as its current one';

CREATE TABLE dossier_data.integrator (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);
COMMENT ON TABLE dossier_data.integrator IS 'A hospital system that calls the integration endpoints: acceptances, documents and their external ids are its own';
COMMENT ON COLUMN dossier_data.integrator.revoked_at IS 'The whole system, with all of its keys';

CREATE TABLE dossier_data.integrator_facility (
    integrator_id uuid NOT NULL,
    facility_id text NOT NULL
);
COMMENT ON TABLE dossier_data.integrator_facility IS 'The facilities an integrator may write for';

CREATE TABLE dossier_data.integrator_key (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    integrator_id uuid NOT NULL,
    name text NOT NULL,
    key_hash text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT integrator_key_key_hash_check CHECK ((key_hash ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE dossier_data.integrator_key IS 'The keys of a hospital system: a new one is added, the system changes over to it, the old one ends';
COMMENT ON COLUMN dossier_data.integrator_key.name IS 'What the operator knows it by';
COMMENT ON COLUMN dossier_data.integrator_key.key_hash IS 'SHA-256 of the key, hex; the key itself is nowhere';
COMMENT ON COLUMN dossier_data.integrator_key.expires_at IS 'Good strictly before it; null: until it is revoked';
COMMENT ON COLUMN dossier_data.integrator_key.last_used_at IS 'To the minute; null: never';

CREATE TABLE dossier_data.key_check (
    key_id text NOT NULL,
    canary text NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.key_check IS 'Keys of the key file that have fitted the vault: which other one comes with the same id is refused';
COMMENT ON COLUMN dossier_data.key_check.canary IS 'What only this key makes, and what tells nothing about it: as in the vault''s file keys/<id>.canary';

CREATE TABLE dossier_data.migration (
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT migration_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
COMMENT ON TABLE dossier_data.migration IS 'What sql/migrate.sh has applied: each file of tables/ and migrations/ once, the functions and the triggers again whenever they change';
COMMENT ON COLUMN dossier_data.migration.name IS 'Path below sql/, such as tables/03_patient.sql; functions: all of them';

CREATE TABLE dossier_data.notice (
    kind text NOT NULL,
    version text NOT NULL,
    published_at timestamp with time zone NOT NULL,
    CONSTRAINT notice_kind_check CHECK ((kind = ANY (ARRAY['portal'::text, 'dossier'::text])))
);
COMMENT ON TABLE dossier_data.notice IS 'Versions of the privacy notices; the latest published_at not in the future is the current one';

CREATE TABLE dossier_data.notice_text (
    kind text NOT NULL,
    version text NOT NULL,
    language text NOT NULL,
    title text NOT NULL,
    body text NOT NULL,
    CONSTRAINT notice_text_language_check CHECK ((language = ANY (ARRAY['it'::text, 'en'::text])))
);
COMMENT ON TABLE dossier_data.notice_text IS 'What a notice says; plain text, empty lines part paragraphs. Never changed once published: consents point at it';

CREATE TABLE dossier_data.outbox_document (
    outbox_id uuid NOT NULL,
    document_id uuid NOT NULL
);
COMMENT ON TABLE dossier_data.outbox_document IS 'Which documents an alert announces';

CREATE TABLE dossier_data.outbox_try (
    id bigint NOT NULL,
    outbox_id uuid NOT NULL,
    worker text NOT NULL,
    began_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    provider_id text,
    error text,
    CONSTRAINT outbox_try_outcome_check CHECK ((outcome = ANY (ARRAY['sent'::text, 'retry'::text, 'failed'::text, 'lost'::text])))
);
COMMENT ON TABLE dossier_data.outbox_try IS 'Each try to send a message';
COMMENT ON COLUMN dossier_data.outbox_try.outcome IS 'lost: the worker never reported, and another took over';
COMMENT ON COLUMN dossier_data.outbox_try.error IS 'A class of errors, nothing of the message';

ALTER TABLE dossier_data.outbox_try ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME dossier_data.outbox_try_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE dossier_data.password_proof (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    account_id uuid NOT NULL,
    password_set_at timestamp with time zone,
    hit_at timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    judged_at timestamp with time zone,
    is_right boolean,
    used_at timestamp with time zone
);
COMMENT ON TABLE dossier_data.password_proof IS 'The password typed again before something that cannot be undone: counted, judged once, good for one call';
COMMENT ON COLUMN dossier_data.password_proof.password_set_at IS 'The account''s, when its hash was read: with another one it proves nothing';
COMMENT ON COLUMN dossier_data.password_proof.hit_at IS 'Its entry among the hits of throttle password_again, taken back when it was right';
COMMENT ON COLUMN dossier_data.password_proof.is_right IS 'Null: not judged, or there was no room to look at the password';

CREATE TABLE dossier_data.session (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    token_hash text NOT NULL,
    account_id uuid NOT NULL,
    user_agent text,
    address text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone
);
COMMENT ON TABLE dossier_data.session IS 'A login on one device; closed rows stay a while so that a late request cannot bring one back';
COMMENT ON COLUMN dossier_data.session.token_hash IS 'SHA-256 of the cookie''s token, hex';

CREATE TABLE dossier_data.setting (
    name text NOT NULL,
    enabled boolean NOT NULL
);
COMMENT ON TABLE dossier_data.setting IS 'What directives say and the functions go by; the watchdog writes it down';

CREATE TABLE dossier_data.sms_budget (
    period text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    used integer NOT NULL,
    CONSTRAINT sms_budget_period_check CHECK ((period = ANY (ARRAY['day'::text, 'hour'::text, 'minute'::text])))
);
COMMENT ON TABLE dossier_data.sms_budget IS 'SMS handed to workers in the running minute, hour and day, over all nodes';

CREATE TABLE dossier_data.sms_prefix (
    prefix text NOT NULL,
    CONSTRAINT sms_prefix_prefix_check CHECK ((prefix ~ '^\+[1-9][0-9]{0,6}$'::text))
);
COMMENT ON TABLE dossier_data.sms_prefix IS 'Numbers that SMS may go to begin with one of these; keeps premium destinations out. DossierSmsPrefixes, where it is given, is written here when a web server starts';

CREATE TABLE dossier_data.throttle (
    scope text NOT NULL,
    subject text NOT NULL,
    hits timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    tat timestamp with time zone,
    touched_at timestamp with time zone DEFAULT now() NOT NULL
);
COMMENT ON TABLE dossier_data.throttle IS 'What was counted lately per number, account or address; the row is also the lock that puts parallel tries in a line';
COMMENT ON COLUMN dossier_data.throttle.scope IS 'code_send, code_wrong (per subject of a flow), activation_wrong, password_again, contact_change (per account), login (per login and address prefix, or known device), login_anywhere (per login), login_address, code_address (per address prefix), turn (per what is slowed down where many ask), key_ended (per integrator key)';
COMMENT ON COLUMN dossier_data.throttle.subject IS 'SHA-256 of the number, login or address; an account id as it is';
COMMENT ON COLUMN dossier_data.throttle.hits IS 'When, oldest first; what has left the window is dropped at the next use. turn: when it is';
COMMENT ON COLUMN dossier_data.throttle.tat IS 'Theoretical arrival time of the GCRA; only for scope login';

CREATE TABLE dossier_data.throttle_limit (
    name text NOT NULL,
    value integer NOT NULL,
    purpose text NOT NULL,
    CONSTRAINT throttle_limit_value_check CHECK ((value >= 0))
);
COMMENT ON TABLE dossier_data.throttle_limit IS 'Every limit in force. A change holds from the next request on';

CREATE TABLE dossier_data.vault (
    single boolean DEFAULT true NOT NULL,
    id uuid,
    accepted_at timestamp with time zone,
    without_documents boolean DEFAULT false NOT NULL,
    sweep_allowed boolean DEFAULT false NOT NULL,
    CONSTRAINT vault_single_check CHECK (single)
);
COMMENT ON TABLE dossier_data.vault IS 'One row: the vault whose files the documents are';
COMMENT ON COLUMN dossier_data.vault.id IS 'As in the vault''s own file vault.id; null until the first start, which makes both';
COMMENT ON COLUMN dossier_data.vault.accepted_at IS 'The operator''s word: the directory that httpd finds next is the vault, and this database is its newest';
COMMENT ON COLUMN dossier_data.vault.without_documents IS 'accepted_at holds also for a directory that has none of the newest documents'' files';
COMMENT ON COLUMN dossier_data.vault.sweep_allowed IS 'The operator''s word: the next sweep may set aside any number of files';

CREATE TABLE dossier_data.verification_code (
    id uuid NOT NULL,
    registration_id uuid,
    account_change_id uuid,
    flow_id uuid GENERATED ALWAYS AS (COALESCE(registration_id, account_change_id)) STORED NOT NULL,
    key_id text NOT NULL,
    mac text NOT NULL,
    deliverable boolean NOT NULL,
    site_url text,
    tries integer DEFAULT 0 NOT NULL,
    compared integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    voided_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT verification_code_check CHECK ((num_nonnulls(registration_id, account_change_id) = 1))
);
COMMENT ON TABLE dossier_data.verification_code IS 'Six digits by SMS or e-mail, as a MAC; the newest code of a registration or change voids the others';
COMMENT ON COLUMN dossier_data.verification_code.flow_id IS 'The registration or change it belongs to, and the only one it is good for';
COMMENT ON COLUMN dossier_data.verification_code.deliverable IS 'It was sent. If not (no acceptance holds that number, no such login), no digits are ever right';
COMMENT ON COLUMN dossier_data.verification_code.site_url IS 'DossierPublicUrl of the site where its registration or change goes on, which the message names; null in codes of earlier versions';
COMMENT ON COLUMN dossier_data.verification_code.tries IS 'Counted before anything is compared; compared never passes it';

ALTER TABLE ONLY dossier_data.acceptance
    ADD CONSTRAINT acceptance_integrator_id_external_id_key UNIQUE (integrator_id, external_id);

ALTER TABLE ONLY dossier_data.acceptance
    ADD CONSTRAINT acceptance_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.account_change
    ADD CONSTRAINT account_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.account
    ADD CONSTRAINT account_email_key UNIQUE (email);

ALTER TABLE ONLY dossier_data.account
    ADD CONSTRAINT account_mobile_key UNIQUE (mobile);

ALTER TABLE ONLY dossier_data.account
    ADD CONSTRAINT account_patient_key UNIQUE (patient_id);

ALTER TABLE ONLY dossier_data.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.activation_code
    ADD CONSTRAINT activation_code_key_id_mac_key UNIQUE (key_id, mac);

ALTER TABLE ONLY dossier_data.activation_code
    ADD CONSTRAINT activation_code_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.audit_alias
    ADD CONSTRAINT audit_alias_account_id_subject_key UNIQUE (account_id, subject);

ALTER TABLE ONLY dossier_data.audit_alias
    ADD CONSTRAINT audit_alias_pkey PRIMARY KEY (alias);

ALTER TABLE ONLY dossier_data.audit_count
    ADD CONSTRAINT audit_count_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.audit_seal
    ADD CONSTRAINT audit_seal_hash_key UNIQUE (hash);

ALTER TABLE ONLY dossier_data.audit_seal
    ADD CONSTRAINT audit_seal_pkey PRIMARY KEY (number);

ALTER TABLE ONLY dossier_data.banner
    ADD CONSTRAINT banner_facility_id_key UNIQUE NULLS NOT DISTINCT (facility_id);

ALTER TABLE ONLY dossier_data.consent
    ADD CONSTRAINT consent_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.destroyed_object
    ADD CONSTRAINT destroyed_object_pkey PRIMARY KEY (object_id);

ALTER TABLE ONLY dossier_data.device
    ADD CONSTRAINT device_account_id_token_hash_key UNIQUE (account_id, token_hash);

ALTER TABLE ONLY dossier_data.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.document_hidden
    ADD CONSTRAINT document_hidden_document_id_account_id_key UNIQUE (document_id, account_id);

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_integrator_id_external_id_key UNIQUE (integrator_id, external_id);

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_object_id_key UNIQUE (object_id);

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.document_reading
    ADD CONSTRAINT document_reading_pkey PRIMARY KEY (document_id, account_id, version);

ALTER TABLE ONLY dossier_data.dossier
    ADD CONSTRAINT dossier_account_id_patient_id_key UNIQUE (account_id, patient_id);

ALTER TABLE ONLY dossier_data.dossier
    ADD CONSTRAINT dossier_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.early_receipt
    ADD CONSTRAINT early_receipt_pkey PRIMARY KEY (provider_id);

ALTER TABLE ONLY dossier_data.facility
    ADD CONSTRAINT facility_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.former_codice_fiscale
    ADD CONSTRAINT former_codice_fiscale_pkey PRIMARY KEY (codice_fiscale);

ALTER TABLE ONLY dossier_data.integrator_facility
    ADD CONSTRAINT integrator_facility_pkey PRIMARY KEY (integrator_id, facility_id);

ALTER TABLE ONLY dossier_data.integrator_key
    ADD CONSTRAINT integrator_key_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY dossier_data.integrator_key
    ADD CONSTRAINT integrator_key_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.integrator
    ADD CONSTRAINT integrator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.key_check
    ADD CONSTRAINT key_check_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY dossier_data.login_attempt
    ADD CONSTRAINT login_attempt_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.migration
    ADD CONSTRAINT migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY dossier_data.notice
    ADD CONSTRAINT notice_pkey PRIMARY KEY (kind, version);

ALTER TABLE ONLY dossier_data.notice_text
    ADD CONSTRAINT notice_text_pkey PRIMARY KEY (kind, version, language);

ALTER TABLE ONLY dossier_data.outbox_document
    ADD CONSTRAINT outbox_document_pkey PRIMARY KEY (document_id, outbox_id);

ALTER TABLE ONLY dossier_data.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.outbox_try
    ADD CONSTRAINT outbox_try_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.password_proof
    ADD CONSTRAINT password_proof_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.patient
    ADD CONSTRAINT patient_codice_fiscale_key UNIQUE (codice_fiscale);

ALTER TABLE ONLY dossier_data.patient
    ADD CONSTRAINT patient_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.registration
    ADD CONSTRAINT registration_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.session
    ADD CONSTRAINT session_pkey PRIMARY KEY (id);

ALTER TABLE ONLY dossier_data.session
    ADD CONSTRAINT session_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY dossier_data.setting
    ADD CONSTRAINT setting_pkey PRIMARY KEY (name);

ALTER TABLE ONLY dossier_data.sms_budget
    ADD CONSTRAINT sms_budget_pkey PRIMARY KEY (period);

ALTER TABLE ONLY dossier_data.sms_prefix
    ADD CONSTRAINT sms_prefix_pkey PRIMARY KEY (prefix);

ALTER TABLE ONLY dossier_data.throttle_limit
    ADD CONSTRAINT throttle_limit_pkey PRIMARY KEY (name);

ALTER TABLE ONLY dossier_data.throttle
    ADD CONSTRAINT throttle_pkey PRIMARY KEY (scope, subject);

ALTER TABLE ONLY dossier_data.vault_counted
    ADD CONSTRAINT vault_counted_pkey PRIMARY KEY (single);

ALTER TABLE ONLY dossier_data.vault
    ADD CONSTRAINT vault_pkey PRIMARY KEY (single);

ALTER TABLE ONLY dossier_data.verification_code
    ADD CONSTRAINT verification_code_pkey PRIMARY KEY (id);

CREATE INDEX acceptance_declined ON dossier_data.acceptance USING btree (patient_id) WHERE (NOT online_pickup);

CREATE INDEX acceptance_facility ON dossier_data.acceptance USING btree (facility_id, external_id);

CREATE INDEX acceptance_mobile ON dossier_data.acceptance USING btree (mobile);

CREATE INDEX acceptance_patient ON dossier_data.acceptance USING btree (patient_id, mobile);

CREATE INDEX account_change_account ON dossier_data.account_change USING btree (account_id, kind);

CREATE INDEX account_change_expiry ON dossier_data.account_change USING btree (expires_at);

CREATE INDEX activation_code_acceptance ON dossier_data.activation_code USING btree (acceptance_id, created_at);

CREATE INDEX activation_code_key ON dossier_data.activation_code USING btree (expires_at) INCLUDE (key_id) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));

CREATE INDEX activation_code_of_key ON dossier_data.activation_code USING btree (key_id, expires_at) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));

CREATE UNIQUE INDEX activation_code_one_open ON dossier_data.activation_code USING btree (acceptance_id) WHERE ((used_at IS NULL) AND (revoked_at IS NULL));

CREATE INDEX activation_code_patient ON dossier_data.activation_code USING btree (patient_id);

CREATE INDEX activation_code_sealed ON dossier_data.activation_code USING btree (expires_at) WHERE (sealed IS NOT NULL);

CREATE INDEX activation_code_used_by ON dossier_data.activation_code USING btree (used_by) WHERE (used_by IS NOT NULL);

CREATE INDEX audit_account ON dossier_data.audit USING btree (account_id, id) WHERE (account_id IS NOT NULL);

CREATE INDEX audit_alias_subject ON dossier_data.audit_alias USING btree (subject);

CREATE INDEX audit_count_kind ON dossier_data.audit_count USING btree (hour, action, outcome);

CREATE INDEX audit_patient ON dossier_data.audit USING btree (patient_id, id) WHERE ((account_id IS NULL) AND (patient_id IS NOT NULL));

CREATE INDEX audit_seal_lines ON dossier_data.audit_seal USING gist (lines);

CREATE INDEX audit_seal_removed ON dossier_data.audit_seal USING btree (number) WHERE (removed_at IS NOT NULL);

CREATE INDEX audit_seal_time ON dossier_data.audit_seal USING btree (sealed_at);

CREATE INDEX audit_txid ON dossier_data.audit USING btree (txid);

CREATE INDEX consent_account ON dossier_data.consent USING btree (account_id);

CREATE INDEX consent_unlinked ON dossier_data.consent USING btree (unlinked_at) WHERE (unlinked_at IS NOT NULL);

CREATE INDEX destroyed_object_at ON dossier_data.destroyed_object USING btree (at);

CREATE INDEX destroyed_object_document ON dossier_data.destroyed_object USING btree (document_id);

CREATE INDEX destroyed_object_replaced ON dossier_data.destroyed_object USING btree (at) WHERE (why = 'replaced'::text);

CREATE INDEX destroyed_object_untold ON dossier_data.destroyed_object USING btree (at) WHERE ((NOT told) AND (why = ANY (ARRAY['deleted'::text, 'withdrawn'::text])));

CREATE INDEX device_seen ON dossier_data.device USING btree (last_seen_at);

CREATE INDEX document_acceptance ON dossier_data.document USING btree (acceptance_id) WHERE (acceptance_id IS NOT NULL);

CREATE INDEX document_announce ON dossier_data.document USING btree (published_at) WHERE announce;

CREATE INDEX document_hidden_account ON dossier_data.document_hidden USING btree (account_id);

CREATE INDEX document_key ON dossier_data.document USING btree (key_id) INCLUDE (size, expires_at) WHERE (wrapped_key IS NOT NULL);

CREATE INDEX document_last_call ON dossier_data.document USING btree (last_call_at) WHERE (last_call_at IS NOT NULL);

CREATE INDEX document_newest ON dossier_data.document USING btree (created_at) WHERE (wrapped_key IS NOT NULL);

CREATE INDEX document_patient ON dossier_data.document USING btree (patient_id, published_at DESC, id DESC);

CREATE INDEX document_patient_unpurged ON dossier_data.document USING btree (patient_id, published_at DESC, id DESC) WHERE (purged_at IS NULL);

CREATE INDEX document_reading_account ON dossier_data.document_reading USING btree (account_id);

CREATE INDEX document_unpurged ON dossier_data.document USING btree (expires_at) WHERE (purged_at IS NULL);

CREATE INDEX dossier_adult_on ON dossier_data.dossier USING btree (adult_on) WHERE of_minor;

CREATE UNIQUE INDEX dossier_one_self ON dossier_data.dossier USING btree (account_id) WHERE (relation = 'self'::text);

CREATE INDEX dossier_patient ON dossier_data.dossier USING btree (patient_id);

CREATE INDEX early_receipt_at ON dossier_data.early_receipt USING btree (at);

CREATE INDEX former_codice_fiscale_patient ON dossier_data.former_codice_fiscale USING btree (patient_id);

CREATE INDEX integrator_key_integrator ON dossier_data.integrator_key USING btree (integrator_id);

CREATE INDEX login_attempt_account ON dossier_data.login_attempt USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX login_attempt_created ON dossier_data.login_attempt USING btree (created_at);

CREATE INDEX outbox_account ON dossier_data.outbox USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX outbox_account_ended ON dossier_data.outbox USING btree (account_id, ended_at) WHERE (account_id IS NOT NULL);

CREATE INDEX outbox_code ON dossier_data.outbox USING btree (code_id) WHERE ((state = 'queued'::text) AND (code_id IS NOT NULL));

CREATE INDEX outbox_document_outbox ON dossier_data.outbox_document USING btree (outbox_id);

CREATE INDEX outbox_due ON dossier_data.outbox USING btree (due_at) WHERE (state = 'queued'::text);

CREATE INDEX outbox_ended ON dossier_data.outbox USING btree (ended_at) WHERE (state <> 'queued'::text);

CREATE INDEX outbox_failed ON dossier_data.outbox USING btree (ended_at) WHERE (state = 'failed'::text);

CREATE INDEX outbox_giving_up ON dossier_data.outbox USING btree (give_up_at) WHERE (state = 'queued'::text);

CREATE INDEX outbox_number_ended ON dossier_data.outbox USING btree (recipient, ended_at) WHERE (channel = 'sms'::text);

CREATE UNIQUE INDEX outbox_one_alert ON dossier_data.outbox USING btree (account_id, channel) WHERE gathering;

CREATE INDEX outbox_provider ON dossier_data.outbox USING btree (provider_id) WHERE (provider_id IS NOT NULL);

CREATE INDEX outbox_registration ON dossier_data.outbox USING btree (registration_id) WHERE (registration_id IS NOT NULL);

CREATE INDEX outbox_sealed ON dossier_data.outbox USING btree (give_up_at) INCLUDE (sealed) WHERE (sealed IS NOT NULL);

CREATE INDEX outbox_try_outbox ON dossier_data.outbox_try USING btree (outbox_id);

CREATE INDEX outbox_waiting ON dossier_data.outbox USING btree (channel, priority, not_before) WHERE (state = 'queued'::text);

CREATE INDEX password_proof_account ON dossier_data.password_proof USING btree (account_id);

CREATE INDEX password_proof_created ON dossier_data.password_proof USING btree (created_at);

CREATE INDEX registration_account ON dossier_data.registration USING btree (account_id) WHERE (account_id IS NOT NULL);

CREATE INDEX registration_expiry ON dossier_data.registration USING btree (expires_at);

CREATE INDEX registration_person ON dossier_data.registration USING btree (codice_fiscale, created_at) WHERE (closed_at IS NULL);

CREATE INDEX session_account ON dossier_data.session USING btree (account_id);

CREATE INDEX session_created ON dossier_data.session USING btree (created_at);

CREATE INDEX throttle_short ON dossier_data.throttle USING btree (touched_at) WHERE (scope = ANY (ARRAY['login'::text, 'login_address'::text, 'code_address'::text, 'turn'::text]));

CREATE INDEX throttle_subject ON dossier_data.throttle USING btree (subject);

CREATE INDEX throttle_touched ON dossier_data.throttle USING btree (touched_at);

CREATE INDEX verification_code_change ON dossier_data.verification_code USING btree (account_change_id) WHERE (account_change_id IS NOT NULL);

CREATE INDEX verification_code_flow ON dossier_data.verification_code USING btree (flow_id);

CREATE UNIQUE INDEX verification_code_one_open ON dossier_data.verification_code USING btree (flow_id) WHERE ((voided_at IS NULL) AND (used_at IS NULL));

CREATE INDEX verification_code_registration ON dossier_data.verification_code USING btree (registration_id) WHERE (registration_id IS NOT NULL);

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON dossier_data.audit FOR EACH ROW EXECUTE FUNCTION dossier_lib.audit_refuse_change();

ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_append_only;

CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON dossier_data.audit FOR EACH STATEMENT EXECUTE FUNCTION dossier_lib.audit_refuse_change();

ALTER TABLE dossier_data.audit ENABLE ALWAYS TRIGGER audit_never_emptied;

CREATE TRIGGER audit_seal_append_only BEFORE DELETE OR UPDATE ON dossier_data.audit_seal FOR EACH ROW EXECUTE FUNCTION dossier_lib.audit_seal_refuse_change();

ALTER TABLE dossier_data.audit_seal ENABLE ALWAYS TRIGGER audit_seal_append_only;

CREATE TRIGGER audit_seal_never_emptied BEFORE TRUNCATE ON dossier_data.audit_seal FOR EACH STATEMENT EXECUTE FUNCTION dossier_lib.audit_seal_refuse_change();

ALTER TABLE dossier_data.audit_seal ENABLE ALWAYS TRIGGER audit_seal_never_emptied;

CREATE TRIGGER document_removed AFTER DELETE ON dossier_data.document FOR EACH ROW WHEN ((old.wrapped_key IS NOT NULL)) EXECUTE FUNCTION dossier_lib.document_destroyed();

CREATE TRIGGER document_replaced AFTER UPDATE OF object_id, wrapped_key ON dossier_data.document FOR EACH ROW WHEN (((old.wrapped_key IS NOT NULL) AND ((new.wrapped_key IS NULL) OR (new.object_id <> old.object_id)))) EXECUTE FUNCTION dossier_lib.document_destroyed();

CREATE TRIGGER dossier_adult_on BEFORE INSERT OR UPDATE OF of_minor, patient_id ON dossier_data.dossier FOR EACH ROW EXECUTE FUNCTION dossier_lib.dossier_adult_on();

CREATE TRIGGER patient_adult_on AFTER UPDATE OF birth_date, codice_fiscale ON dossier_data.patient FOR EACH ROW WHEN (((old.birth_date IS DISTINCT FROM new.birth_date) OR (old.codice_fiscale IS DISTINCT FROM new.codice_fiscale))) EXECUTE FUNCTION dossier_lib.patient_adult_on();

ALTER TABLE ONLY dossier_data.acceptance
    ADD CONSTRAINT acceptance_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES dossier_data.facility(id);

ALTER TABLE ONLY dossier_data.acceptance
    ADD CONSTRAINT acceptance_integrator_id_fkey FOREIGN KEY (integrator_id) REFERENCES dossier_data.integrator(id);

ALTER TABLE ONLY dossier_data.acceptance
    ADD CONSTRAINT acceptance_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.account_change
    ADD CONSTRAINT account_change_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.account
    ADD CONSTRAINT account_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.activation_code
    ADD CONSTRAINT activation_code_acceptance_id_fkey FOREIGN KEY (acceptance_id) REFERENCES dossier_data.acceptance(id);

ALTER TABLE ONLY dossier_data.activation_code
    ADD CONSTRAINT activation_code_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.activation_code
    ADD CONSTRAINT activation_code_used_by_fkey FOREIGN KEY (used_by) REFERENCES dossier_data.account(id) ON DELETE SET NULL;

ALTER TABLE ONLY dossier_data.audit_alias
    ADD CONSTRAINT audit_alias_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.banner
    ADD CONSTRAINT banner_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES dossier_data.facility(id);

ALTER TABLE ONLY dossier_data.consent
    ADD CONSTRAINT consent_kind_version_fkey FOREIGN KEY (kind, version) REFERENCES dossier_data.notice(kind, version);

ALTER TABLE ONLY dossier_data.device
    ADD CONSTRAINT device_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_acceptance_id_fkey FOREIGN KEY (acceptance_id) REFERENCES dossier_data.acceptance(id);

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES dossier_data.facility(id);

ALTER TABLE ONLY dossier_data.document_hidden
    ADD CONSTRAINT document_hidden_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE SET NULL;

ALTER TABLE ONLY dossier_data.document_hidden
    ADD CONSTRAINT document_hidden_document_id_fkey FOREIGN KEY (document_id) REFERENCES dossier_data.document(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_integrator_id_fkey FOREIGN KEY (integrator_id) REFERENCES dossier_data.integrator(id);

ALTER TABLE ONLY dossier_data.document
    ADD CONSTRAINT document_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.document_reading
    ADD CONSTRAINT document_reading_document_id_fkey FOREIGN KEY (document_id) REFERENCES dossier_data.document(id);

ALTER TABLE ONLY dossier_data.dossier
    ADD CONSTRAINT dossier_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.dossier
    ADD CONSTRAINT dossier_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.former_codice_fiscale
    ADD CONSTRAINT former_codice_fiscale_patient_id_fkey FOREIGN KEY (patient_id) REFERENCES dossier_data.patient(id);

ALTER TABLE ONLY dossier_data.integrator_facility
    ADD CONSTRAINT integrator_facility_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES dossier_data.facility(id);

ALTER TABLE ONLY dossier_data.integrator_facility
    ADD CONSTRAINT integrator_facility_integrator_id_fkey FOREIGN KEY (integrator_id) REFERENCES dossier_data.integrator(id);

ALTER TABLE ONLY dossier_data.integrator_key
    ADD CONSTRAINT integrator_key_integrator_id_fkey FOREIGN KEY (integrator_id) REFERENCES dossier_data.integrator(id);

ALTER TABLE ONLY dossier_data.login_attempt
    ADD CONSTRAINT login_attempt_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.notice_text
    ADD CONSTRAINT notice_text_kind_version_fkey FOREIGN KEY (kind, version) REFERENCES dossier_data.notice(kind, version);

ALTER TABLE ONLY dossier_data.outbox
    ADD CONSTRAINT outbox_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.outbox_document
    ADD CONSTRAINT outbox_document_document_id_fkey FOREIGN KEY (document_id) REFERENCES dossier_data.document(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.outbox_document
    ADD CONSTRAINT outbox_document_outbox_id_fkey FOREIGN KEY (outbox_id) REFERENCES dossier_data.outbox(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.outbox
    ADD CONSTRAINT outbox_facility_id_fkey FOREIGN KEY (facility_id) REFERENCES dossier_data.facility(id);

ALTER TABLE ONLY dossier_data.outbox
    ADD CONSTRAINT outbox_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES dossier_data.registration(id) ON DELETE SET NULL;

ALTER TABLE ONLY dossier_data.outbox_try
    ADD CONSTRAINT outbox_try_outbox_id_fkey FOREIGN KEY (outbox_id) REFERENCES dossier_data.outbox(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.password_proof
    ADD CONSTRAINT password_proof_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.registration
    ADD CONSTRAINT registration_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.session
    ADD CONSTRAINT session_account_id_fkey FOREIGN KEY (account_id) REFERENCES dossier_data.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.verification_code
    ADD CONSTRAINT verification_code_account_change_id_fkey FOREIGN KEY (account_change_id) REFERENCES dossier_data.account_change(id) ON DELETE CASCADE;

ALTER TABLE ONLY dossier_data.verification_code
    ADD CONSTRAINT verification_code_registration_id_fkey FOREIGN KEY (registration_id) REFERENCES dossier_data.registration(id) ON DELETE CASCADE;
