#include "store/operation.h"

apr_status_t dossier_store_status(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, "status", dossier_json_object(pool), DOSSIER_DB_REPEATABLE,
                           pool);
}

apr_status_t dossier_store_metrics(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, "metrics", dossier_json_object(pool), DOSSIER_DB_REPEATABLE,
                           pool);
}

apr_status_t dossier_store_connections(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, "connections", dossier_json_object(pool),
                           DOSSIER_DB_REPEATABLE, pool);
}

apr_status_t dossier_store_keys_needed(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool)
{
    return dossier_db_call(result, db, "keys_needed", dossier_json_object(pool),
                           DOSSIER_DB_REPEATABLE, pool);
}

apr_status_t dossier_store_server_check(dossier_json_t **result, dossier_db_t *db,
                                        dossier_json_t *facilities, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_value(arguments, "facilities", facilities);
    return dossier_db_call(result, db, "server_check", arguments, DOSSIER_DB_REPEATABLE, pool);
}
