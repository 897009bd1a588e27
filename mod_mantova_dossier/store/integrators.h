/* Hospital systems, known by the SHA-256 of any of their keys. */
#ifndef DOSSIER_STORE_INTEGRATORS_H
#define DOSSIER_STORE_INTEGRATORS_H

#include "store/db.h"

/* "ok": integrator_id, key_id, ending (when a key that ends soon is used the first time on a day:
   its end) · "unauthenticated" */
apr_status_t dossier_store_integrator_load(dossier_json_t **result, dossier_db_t *db,
                                           const char *key_hash, const char *address,
                                           apr_pool_t *pool);

#endif
