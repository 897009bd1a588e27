/* What an account may know of itself: who did what with its data, and all of the data. */
#ifndef DOSSIER_STORE_ACTIVITY_H
#define DOSSIER_STORE_ACTIVITY_H

#include "store/db.h"

/* limit 1 to 100; cursor: `next` of the page before, or NULL. "ok": activity (newest first), next
   (null at the end) · "cursor_invalid" */
apr_status_t dossier_store_activity_list(dossier_json_t **result, dossier_db_t *db,
                                         const char *account_id, int limit, const char *cursor,
                                         apr_pool_t *pool);

/* "ok": data, and documents (as in a list) whose bytes belong to it · "not_found" */
apr_status_t dossier_store_export_begin(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *address,
                                        apr_pool_t *pool);

#endif
