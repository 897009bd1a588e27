/* What is to be announced, what has expired, and the audit's seals. */
#ifndef DOSSIER_STORE_HOUSEKEEPING_H
#define DOSSIER_STORE_HOUSEKEEPING_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "store/db.h"

/* Destroys the keys of at most `limit` expired documents and removes stale rows. *objects: object
   ids (const char *) whose file has become noise; *more: 1 when there is more to do at once. What
   was destroyed is remembered for `quarantine_days`. */
apr_status_t dossier_store_purge(apr_array_header_t **objects, int *more, dossier_db_t *db,
                                 int limit, int quarantine_days, apr_pool_t *pool);

/* Announces at most `limit` documents whose hold ended by its date, and sends as many last calls.
 *more: 1 when there is more to do at once. */
apr_status_t dossier_store_announce(int *more, dossier_db_t *db, int limit, apr_pool_t *pool);

/* Seals a batch of the audit, of at most `limit` lines, and removes lines older than `months`.
 *result: number and hash of the seal (null: there was nothing to seal), more. */
apr_status_t dossier_store_audit_seal(dossier_json_t **result, dossier_db_t *db, int limit,
                                      int months, apr_pool_t *pool);

#endif
