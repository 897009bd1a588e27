#include "store/pickup.h"

apr_status_t dossier_store_acceptance_list(dossier_json_t **result, dossier_db_t *db,
                                           const char *account_id, const char *patient_id,
                                           const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "patient_id", patient_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.acceptance_list, arguments, pool);
}

apr_status_t dossier_store_acceptance_pickup(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_pickup_t *pickup, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", pickup->account_id);
    dossier_json_set(arguments, "patient_id", pickup->patient_id);
    dossier_json_set(arguments, "acceptance_id", pickup->acceptance_id);
    dossier_json_set_bool(arguments, "online_pickup", pickup->online_pickup);
    dossier_json_set(arguments, "address", pickup->address);
    return dossier_db_call(result, db, &dossier_fn.acceptance_pickup, arguments, pool);
}
