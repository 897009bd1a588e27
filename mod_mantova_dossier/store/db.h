/*
 * One call, one SQL function, one transaction. Every function of the schema `dossier` takes one
 * jsonb and answers with an outcome and, mostly, a JSON object. Connections come from mod_dbd's pool and go back
 * at the end of each call, so that none is held while a document streams or a password is hashed.
 */
#ifndef DOSSIER_STORE_DB_H
#define DOSSIER_STORE_DB_H

#include <apr_pools.h>

#include <errno.h>

#include "base/json.h"
#include "store/functions.h"

typedef struct dossier_db_t dossier_db_t;

/* `server` is httpd's server_rec, kept opaque here. Cheap: takes no connection. */
dossier_db_t *dossier_db_make(void *server, apr_pool_t *pool);

/* After configuration: looks up mod_dbd. APR_ENOTIMPL when mod_dbd is not loaded. */
apr_status_t dossier_db_init(void);

/* This process ends: calls on their way are broken off, and none is begun. To be called before
   mod_dbd's pool of connections is destroyed; waits until none is missing there. */
void dossier_db_end(void);

/* A standby, or default_transaction_read_only: nothing happened. */
#define DOSSIER_DB_READ_ONLY APR_FROM_OS_ERROR(EROFS)

/* What a function said. */
typedef struct {
    const char *outcome;
    const char *body; /* text of a JSON object; NULL: none */
} dossier_db_answer_t;

/*
 * SELECT outcome, body FROM dossier.<function>($1::jsonb), a row of dossier_fn; the texts are as they came.
 * APR_SUCCESS: it ran and committed. APR_ECONNREFUSED: no connection, nothing ran.
 * APR_ECONNABORTED: the connection was lost meanwhile, or nothing came of it for 15 s; it may have
 * run. DOSSIER_DB_READ_ONLY: also on a new connection.
 * APR_TIMEUP: statement or lock timeout, nothing happened. APR_EGENERAL: the function failed (a
 * defect); one log line with its SQLSTATE, never with values.
 */
apr_status_t dossier_db_ask(dossier_db_answer_t *answer, dossier_db_t *db,
                            const dossier_function_t *function, dossier_json_t *arguments,
                            apr_pool_t *pool);

/*
 * The next call is made in a session: `judge` (session_load) is asked first, in the same statement (sql/in_session.sql).
 * Where it says "ok", the call runs with the members of its answer among the arguments, and `stands` is told of them before
 * the call's answer is handed out. Else the call does not run, and what the judge said is the answer.
 */
typedef void dossier_db_stands_t(void *context, const char *session);
void dossier_db_in_session(dossier_db_t *db, const dossier_function_t *judge,
                           dossier_json_t *arguments, dossier_db_stands_t *stands, void *context);

/* Asks the judge alone, if no call has done so: what it says, or "ok". */
apr_status_t dossier_db_judge(dossier_db_answer_t *answer, dossier_db_t *db, apr_pool_t *pool);

/* Judged once, the session is judged again with each further call: a body that comes slowly, or a hash, leaves time for it to end. */
void dossier_db_stay_in_session(dossier_db_t *db);

/* The same as one object: the members of the body, and `outcome`. */
apr_status_t dossier_db_call(dossier_json_t **result, dossier_db_t *db,
                             const dossier_function_t *function, dossier_json_t *arguments,
                             apr_pool_t *pool);

int dossier_db_outcome_is(const dossier_json_t *result, const char *outcome);

#endif
