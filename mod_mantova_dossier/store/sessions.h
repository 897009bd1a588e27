/* Sessions as rows: found by the token's SHA-256, never by the token. */
#ifndef DOSSIER_STORE_SESSIONS_H
#define DOSSIER_STORE_SESSIONS_H

#include "store/db.h"

/* "ok": session_id, account_id, language, consents_due · "unauthenticated" */
apr_status_t dossier_store_session_load(dossier_json_t **result, dossier_db_t *db,
                                        const char *token_hash, const char *address,
                                        apr_pool_t *pool);
/* "ok", also when it was closed before */
apr_status_t dossier_store_session_close(dossier_json_t **result, dossier_db_t *db,
                                         const char *session_id, const char *account_id,
                                         const char *address, apr_pool_t *pool);

/* Those of the account that their tokens still open. "ok": sessions[{id, current, device,
   created_at, last_seen_at}], session_id's first */
apr_status_t dossier_store_session_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *session_id,
                                        const char *address, apr_pool_t *pool);

/* Closes `ended`; NULL: all of the account but session_id. "ok" · "not_found" */
apr_status_t dossier_store_session_end(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *session_id,
                                       const char *ended, const char *address, apr_pool_t *pool);

#endif
