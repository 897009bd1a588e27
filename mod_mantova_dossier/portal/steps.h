/* Steps that several handlers of the portal share. */
#ifndef DOSSIER_PORTAL_STEPS_H
#define DOSSIER_PORTAL_STEPS_H

#include "http/call.h"
#include "http/session.h"
#include "http/workers.h"

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

/* What was typed as a login, in the spelling of accounts; *kind is "mobile" or "email". What cannot
   be a login becomes one that no account has, and goes the same way as any other. */
const char *dossier_portal_login_spelling(const char **kind, const char *typed, apr_pool_t *pool);

/* Argon2id in one of the host's places (caller, who: http/workers.h). NULL: answered as busy. */
const char *dossier_portal_password_hash(int *rc, dossier_exchange_t *x, const char *password,
                                         dossier_worker_caller_t caller, const char *who);

/* The `session` argument of the functions that open one. */
dossier_json_t *dossier_portal_session_argument(dossier_exchange_t *x,
                                                const dossier_session_token_t *token);

/* The function opened the session: the cookie, and {"account": …}. */
int dossier_portal_session_answer(dossier_exchange_t *x, const dossier_session_token_t *token,
                                  dossier_json_t *result, int status);

/* The function closed it: 204, and the browser drops cookie and copies. */
int dossier_portal_session_gone(dossier_exchange_t *x);

#endif
