/*
 * Login state: the module is a store of mod_session. The token travels in the cookie
 * __Host-dossier, its SHA-256 stands in the database. A session row is born inside the SQL function
 * that allows it; mod_session loads it for each request and, before the headers leave, has the
 * cookie sent.
 */
#ifndef DOSSIER_HTTP_SESSION_H
#define DOSSIER_HTTP_SESSION_H

#include "http/exchange.h"

/* In the hook pre_config. */
int dossier_session_register_hooks(apr_pool_t *log);

/* A fresh token for a session about to be opened; its hash goes to the SQL function as
 * `token_hash`. */
typedef struct {
    const char *token;
    const char *token_hash;
} dossier_session_token_t;

dossier_session_token_t dossier_session_token(apr_pool_t *pool);

/* SHA-256 of the token by which this browser is known again, in a cookie of its own that outlives
   sessions and opens nothing; a browser without one gets one when it adopts a session. */
const char *dossier_session_device(dossier_exchange_t *x);

/* The answer carries the cookie of the device alone: no session was opened. */
void dossier_session_keep_device(dossier_exchange_t *x);

/* The function opened it: the answer carries the cookie. */
void dossier_session_adopt(dossier_exchange_t *x, const dossier_session_token_t *token);
/* The function closed it: the answer removes the cookie. */
void dossier_session_drop(dossier_exchange_t *x);

/* Who the cookie says: fills account_id, session_id and consents_due, or leaves them NULL.
 * APR_SUCCESS or db_call's status. */
apr_status_t dossier_session_load(dossier_exchange_t *x);

#endif
