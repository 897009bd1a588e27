/* Accounts and the two halves of a login: counted before the password is looked at, opened after.
 */
#ifndef DOSSIER_STORE_ACCOUNTS_H
#define DOSSIER_STORE_ACCOUNTS_H

#include "store/db.h"

/* A session about to be born inside a function: {"token_hash", "device_hash", "user_agent"}. */
dossier_json_t *dossier_store_session_new(const char *token_hash, const char *device_hash,
                                          const char *user_agent, apr_pool_t *pool);

/* kind "mobile" or "email", login in its one spelling. "ok": attempt, account_id and password_hash
   (null for an unknown login), known_device · "throttled": retry_after */
apr_status_t dossier_store_login_begin(dossier_json_t **result, dossier_db_t *db, const char *kind,
                                       const char *login, const char *device_hash,
                                       const char *address, apr_pool_t *pool);

typedef enum {
    DOSSIER_LOGIN_WRONG,
    DOSSIER_LOGIN_RIGHT,
    DOSSIER_LOGIN_NOT_JUDGED /* no room or memory to look at the password: gives the attempt back */
} dossier_login_verdict_t;

typedef struct {
    const char *attempt;
    dossier_login_verdict_t verdict;
    const char *rehash;      /* the password under today's parameters; NULL: keep the stored one */
    dossier_json_t *session; /* of dossier_store_session_new() */
    const char *address;
} dossier_login_t;

/* "ok": account, session_id · "login_failed" */
apr_status_t dossier_store_login_finish(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_login_t *login, apr_pool_t *pool);

/* The password typed again inside a session. "ok": proof, password_hash · "throttled": retry_after
 */
apr_status_t dossier_store_password_begin(dossier_json_t **result, dossier_db_t *db,
                                          const char *account_id, const char *address,
                                          apr_pool_t *pool);

/* "ok": the proof is good for one step · "password_wrong" */
apr_status_t dossier_store_password_finish(dossier_json_t **result, dossier_db_t *db,
                                           const char *account_id, const char *proof,
                                           dossier_login_verdict_t verdict, const char *address,
                                           apr_pool_t *pool);

/* "ok": account{id, first_name, last_name, mobile, email, language,
   consents_due} · "not_found" */
apr_status_t dossier_store_account_get(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *session_id,
                                       const char *address, apr_pool_t *pool);

#endif
