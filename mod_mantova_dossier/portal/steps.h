/* Steps that several handlers of the portal share. */
#ifndef DOSSIER_PORTAL_STEPS_H
#define DOSSIER_PORTAL_STEPS_H

#include "http/call.h"

/* How often a document may be replaced by a newer version while somebody opens it: each time the
   newer one is opened instead. */
#define DOSSIER_PORTAL_LOOKS 5

/* The path's {…} as an id. NULL: answered as not_found. */
const char *dossier_portal_id(int *rc, dossier_exchange_t *x);

/* Who asks, and the path's {…} as the argument `name`. NULL: answered as not_found. */
dossier_json_t *dossier_portal_arguments(int *rc, dossier_exchange_t *x, const char *name);

/* A member that is an object, NULL otherwise: its own shape then has nothing to check. */
dossier_json_t *dossier_portal_object(const dossier_json_t *body, const char *name);

/* {"notice", "version"}: consent is to one version of the notice `kind`. */
void dossier_portal_consent_check(dossier_fields_t *fields, dossier_json_t *consent,
                                  const char *kind);

/* What was typed as a login, in the spelling of accounts: the arguments `kind` ("mobile" or
   "email") and `login`. What cannot be a login becomes one that no account has, and goes the same
   way as any other. */
void dossier_portal_login_spelling(dossier_json_t *arguments, const char *typed, apr_pool_t *pool);

/* {"token_hash", "device_hash", "user_agent"}: a session about to be born inside a function;
   token_hash NULL: its device alone. */
dossier_json_t *dossier_portal_session_argument(dossier_exchange_t *x, const char *token_hash);

/* The call of a function that opens the session which is its argument `session`, and the answer:
   the cookie and {"account": …}. */
int dossier_portal_session_start(dossier_exchange_t *x, const dossier_function_t *function,
                                 dossier_json_t *arguments, int status);

/* dossier_call() of a function after which the caller's session goes on under a new token
   (`token_hash`), whose cookie the answer carries. */
int dossier_portal_session_renew(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                                 const dossier_function_t *function, dossier_json_t *arguments);

/* A function closed it: 204, and the browser drops cookie and copies. */
int dossier_portal_session_gone(dossier_exchange_t *x);

#endif
