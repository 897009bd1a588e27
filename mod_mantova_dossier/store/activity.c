#include "store/activity.h"

apr_status_t dossier_store_activity_list(dossier_json_t **result, dossier_db_t *db,
                                         const char *account_id, int limit, const char *cursor,
                                         apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set_int(arguments, "limit", limit);
    dossier_json_set(arguments, "cursor", cursor);
    return dossier_db_call(result, db, &dossier_fn.activity_list, arguments, pool);
}

apr_status_t dossier_store_export_begin(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *address,
                                        apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.export_begin, arguments, pool);
}
