/* One call of the database as a handler makes it: who asks is filled in, the handler adds the rest. */
#ifndef DOSSIER_HTTP_CALL_H
#define DOSSIER_HTTP_CALL_H

#include "http/exchange.h"
#include "store/functions.h"

/* Who asks, as far as the route's access class says it: account_id, session_id, integrator_id,
   key_id; and address. A handler adds its own. */
dossier_json_t *dossier_call_arguments(dossier_exchange_t *x);

/* 1 when the call ran and its outcome is "ok" or "created". Otherwise 0: the problem is answered,
   and *rc is what the handler returns. */
int dossier_call_succeeded(int *rc, dossier_exchange_t *x, apr_status_t status,
                           dossier_json_t *result);

/* The call, and dossier_call_succeeded(). */
int dossier_call(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                 const dossier_function_t *function, dossier_json_t *arguments);

/* For most handlers: the call, and what came of it as the answer: `status` with the body as it came from
   PostgreSQL, or its problem. Not for a function whose answer has a `tag`, which becomes a header. */
int dossier_call_answer(dossier_exchange_t *x, const dossier_function_t *function,
                        dossier_json_t *arguments, int status);

#endif
