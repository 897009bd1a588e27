/*
 * Login state: the module is a store of mod_session. The token travels in the cookie
 * __Host-dossier, its SHA-256 stands in the database. A session row is born inside the SQL function
 * that allows it, and is judged by the statement that does what a request asks for; before the headers leave,
 * mod_session has the cookie sent.
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

/* The exchange is that of the session its cookie names, which the next call of the database judges (dossier_db_in_session):
 * it fills in account_id and session_id. shown: the account whose screen the page shows, or NULL; while_due: also while a
 * consent is due. APR_NOTFOUND: there is no such cookie; APR_ENOTIMPL: no mod_session here. */
apr_status_t dossier_session_expect(dossier_exchange_t *x, const char *shown, int while_due);

/* Judges it now, unless a call has done so. 0: it does not stand, and *rc is what the handler returns. Whoever answers
   without a call begins with it. */
int dossier_session_settle(int *rc, dossier_exchange_t *x);

#endif
