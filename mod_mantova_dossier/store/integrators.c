#include "store/integrators.h"

apr_status_t dossier_store_integrator_load(dossier_json_t **result, dossier_db_t *db,
                                           const char *key_hash, const char *address,
                                           apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "key_hash", key_hash);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.integrator_load, arguments, pool);
}
