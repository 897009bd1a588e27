#include "store/relatives.h"

apr_status_t dossier_store_handover(int *more, dossier_db_t *db, int enabled, int limit,
                                    apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;
    apr_status_t status;

    dossier_json_set_bool(arguments, "enabled", enabled);
    dossier_json_set_int(arguments, "limit", limit);
    status = dossier_db_call(&result, db, &dossier_fn.handover, arguments, pool);
    *more = status == APR_SUCCESS && dossier_json_get_bool(result, "more", 0);
    return status;
}
