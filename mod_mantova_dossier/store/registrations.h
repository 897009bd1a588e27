/* Registrations: started uniformly, tried in one transaction and completed in another. */
#ifndef DOSSIER_STORE_REGISTRATIONS_H
#define DOSSIER_STORE_REGISTRATIONS_H

#include "store/db.h"
#include "vault/keyring.h"

typedef struct {
    dossier_json_t
        *profile; /* codice_fiscale, names, birth_date, birth_place, mobile, email, language */
    dossier_json_t *consent; /* notice, version */
    const char *password_hash;
    dossier_json_t *macs; /* of the slip's activation code; NULL: none was given */
    dossier_json_t *code; /* of dossier_store_code_make() */
    const char *address;
} dossier_registration_t;

/* Whether it may be started now; counts nothing. "ok": proved (by a slip) · "notice_outdated":
   current · "throttled": retry_after */
apr_status_t dossier_store_registration_look(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_registration_t *registration,
                                             apr_pool_t *pool);

/* "ok": id, expires_at, resend_after (seconds), the same whether an acceptance matches or not ·
   "notice_outdated": current · "throttled": retry_after */
apr_status_t dossier_store_registration_start(dossier_json_t **result, dossier_db_t *db,
                                              const dossier_registration_t *registration,
                                              apr_pool_t *pool);

/* The new code voids the old one. "ok": expires_at, resend_after · "not_found" · "throttled" ·
   "registration_closed" */
apr_status_t dossier_store_registration_resend(dossier_json_t **result, dossier_db_t *db,
                                               const char *id, dossier_json_t *code,
                                               const char *address, apr_pool_t *pool);

/* Counts a try before anything is compared, unless the ring lacks the code's key. "ok": code_id,
   key_id · "not_found" · "code_expired" · "code_locked" · "code_used" */
apr_status_t dossier_store_registration_try(dossier_json_t **result, dossier_db_t *db,
                                            const char *id, const char *address,
                                            const dossier_keyring_t *keyring, apr_pool_t *pool);

typedef struct {
    const char *id;
    const char *code_id;
    const char *mac;         /* of the digits that were typed */
    dossier_json_t *session; /* of dossier_store_session_new() */
    const char *address;
} dossier_registration_proof_t;

/* "created": account, session_id · "code_wrong": tries_left · "code_expired" · "code_used" · and,
   only when the code was right, "mobile_taken", "patient_taken" */
apr_status_t dossier_store_registration_complete(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_registration_proof_t *proof,
                                                 apr_pool_t *pool);

#endif
