#include "store/operation.h"

apr_status_t dossier_store_metrics(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.metrics, dossier_json_object(pool), pool);
}

apr_status_t dossier_store_connections(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.connections, dossier_json_object(pool), pool);
}

apr_status_t dossier_store_keys_needed(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.keys_needed, dossier_json_object(pool), pool);
}

apr_status_t dossier_store_server_check(dossier_json_t **result, dossier_db_t *db,
                                        dossier_json_t *facilities, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_value(arguments, "facilities", facilities);
    return dossier_db_call(result, db, &dossier_fn.server_check, arguments, pool);
}
