/* The visits of a patient, and whether their reports may be online. */
#ifndef DOSSIER_STORE_PICKUP_H
#define DOSSIER_STORE_PICKUP_H

#include "store/db.h"

/* "ok": acceptances [{id, facility{id, name}, created_at, online_pickup}], newest first ·
   "not_found" · "dossier_inactive" · "dossier_disabled" */
apr_status_t dossier_store_acceptance_list(dossier_json_t **result, dossier_db_t *db,
                                           const char *account_id, const char *patient_id,
                                           const char *address, apr_pool_t *pool);

typedef struct {
    const char *account_id;
    const char *patient_id;
    const char *acceptance_id;
    int online_pickup;
    const char *address;
} dossier_pickup_t;

/* "ok": acceptance, as in the list · outcomes as above */
apr_status_t dossier_store_acceptance_pickup(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_pickup_t *pickup, apr_pool_t *pool);

#endif
