#include "store/cancellation.h"

static dossier_json_t *arguments_of(const dossier_cancellation_t *cancellation, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", cancellation->account_id);
    dossier_json_set(arguments, "patient_id", cancellation->patient_id);
    dossier_json_set(arguments, "proof", cancellation->proof);
    return dossier_json_set(arguments, "address", cancellation->address);
}

apr_status_t dossier_store_service_set(dossier_json_t **result, dossier_db_t *db,
                                       const dossier_cancellation_t *cancellation, int enabled,
                                       apr_pool_t *pool)
{
    dossier_json_t *arguments = arguments_of(cancellation, pool);

    dossier_json_set_bool(arguments, "enabled", enabled);
    return dossier_db_call(result, db, &dossier_fn.service_set, arguments, pool);
}

apr_status_t dossier_store_documents_wipe(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_cancellation_t *cancellation,
                                          apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.documents_wipe, arguments_of(cancellation, pool),
                           pool);
}

apr_status_t dossier_store_account_delete(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_cancellation_t *cancellation,
                                          apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.account_delete, arguments_of(cancellation, pool),
                           pool);
}
