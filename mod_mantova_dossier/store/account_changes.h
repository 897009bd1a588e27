/* What is done to an account after a verification code: a forgotten password, a new mobile, a new
   e-mail. Started, tried in one transaction and completed in another, as registrations are. */
#ifndef DOSSIER_STORE_ACCOUNT_CHANGES_H
#define DOSSIER_STORE_ACCOUNT_CHANGES_H

#include "store/db.h"
#include "vault/keyring.h"

#define DOSSIER_PASSWORD_RESET "password_reset"
#define DOSSIER_MOBILE_CHANGE "mobile_change"
#define DOSSIER_EMAIL_CHANGE "email_change"

typedef struct {
    const char *kind;  /* "mobile" or "email" */
    const char *login; /* in its one spelling; need not be anybody's */
    const char *device_hash;
    const char *codice_fiscale; /* NULL: not given */
    dossier_json_t *macs;       /* of a slip's activation code; NULL: none was given */
    const char *language;
    dossier_json_t *code; /* of dossier_store_code_make() */
    const char *address;
} dossier_password_reset_t;

/* "ok": id, expires_at, resend_after (seconds), the same whether an account has that login or not ·
   "throttled": retry_after */
apr_status_t dossier_store_password_reset_start(dossier_json_t **result, dossier_db_t *db,
                                                const dossier_password_reset_t *reset,
                                                apr_pool_t *pool);

typedef struct {
    const char *account_id;
    const char *kind;      /* DOSSIER_MOBILE_CHANGE or DOSSIER_EMAIL_CHANGE */
    const char *recipient; /* the new mobile or e-mail, in its one spelling */
    const char *proof;     /* of dossier_portal_password_again() */
    dossier_json_t *code;
    const char *address;
} dossier_contact_change_t;

/* "ok": id, expires_at, resend_after, the same whether a code leaves or not · "password_required" ·
   "contact_unchanged" · "throttled": retry_after */
apr_status_t dossier_store_contact_change_start(dossier_json_t **result, dossier_db_t *db,
                                                const dossier_contact_change_t *change,
                                                apr_pool_t *pool);

/* One change as its caller names it. */
typedef struct {
    const char *id;
    const char *kind;
    const char *account_id; /* NULL: a forgotten password, nobody has said who it is */
    const char *address;
} dossier_account_change_t;

/* The new code voids the old one. "ok": expires_at, resend_after · "not_found" · "throttled" ·
   "change_closed" */
apr_status_t dossier_store_account_change_resend(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_account_change_t *change,
                                                 dossier_json_t *code, apr_pool_t *pool);

/* Counts a try before anything is compared, unless the ring lacks the code's key. "ok": code_id,
   key_id, person (the profile, null when the login is nobody's) · "not_found" · "code_expired" ·
   "code_locked" · "code_used" */
apr_status_t dossier_store_account_change_try(dossier_json_t **result, dossier_db_t *db,
                                              const dossier_account_change_t *change,
                                              const dossier_keyring_t *keyring, apr_pool_t *pool);

typedef struct {
    const dossier_account_change_t *change;
    const char *code_id;
    const char *mac; /* of the digits that were typed */
} dossier_change_proof_t;

/* device: who proves it is known by it from now on (dossier_store_session_new(), without a token).
   personal: the new password is made of the person's own data. password_hash NULL: only looks
   whether the code is right, before the work of hashing; the same proof is then good once more.
   "ok": every session is closed ·
   "code_wrong": tries_left · "code_expired" · "code_used" · and, only when the code was right,
   "password_personal" (the code stays good) */
apr_status_t dossier_store_password_reset_complete(dossier_json_t **result, dossier_db_t *db,
                                                   const dossier_change_proof_t *proof,
                                                   const char *password_hash, int personal,
                                                   dossier_json_t *device, apr_pool_t *pool);

/* The session goes on under token_hash. "ok": profile · "code_wrong": tries_left · "code_expired" ·
   "code_used" · and, only when the code was right, "mobile_taken", "email_taken" */
apr_status_t dossier_store_contact_change_complete(dossier_json_t **result, dossier_db_t *db,
                                                   const dossier_change_proof_t *proof,
                                                   const char *session_id, const char *token_hash,
                                                   apr_pool_t *pool);

#endif
