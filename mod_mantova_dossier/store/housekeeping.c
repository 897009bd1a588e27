#include "store/housekeeping.h"

#include <string.h>

apr_status_t dossier_store_purge(apr_array_header_t **objects, int *more, dossier_db_t *db,
                                 int limit, int quarantine_days, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;
    const dossier_json_t *ids;
    apr_status_t status;

    *objects = apr_array_make(pool, limit, sizeof(const char *));
    *more = 0;
    dossier_json_set_int(arguments, "limit", limit);
    dossier_json_set_int(arguments, "quarantine_days", quarantine_days);
    status = dossier_db_call(&result, db, &dossier_fn.purge, arguments, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!dossier_db_outcome_is(result, "ok")) {
        return APR_EGENERAL;
    }
    ids = dossier_json_get_value(result, "objects");
    for (apr_size_t i = 0; i < dossier_json_length(ids); i++) {
        const char *id = dossier_json_text_at(ids, i);
        if (id) {
            APR_ARRAY_PUSH(*objects, const char *) = id;
        }
    }
    *more = dossier_json_get_bool(result, "more", 0);
    return APR_SUCCESS;
}

apr_status_t dossier_store_announce(int *more, dossier_db_t *db, int limit, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;
    apr_status_t status;

    *more = 0;
    dossier_json_set_int(arguments, "limit", limit);
    status = dossier_db_call(&result, db, &dossier_fn.announce, arguments, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!dossier_db_outcome_is(result, "ok")) {
        return APR_EGENERAL;
    }
    *more = dossier_json_get_bool(result, "more", 0);
    return APR_SUCCESS;
}

apr_status_t dossier_store_audit_seal(dossier_json_t **result, dossier_db_t *db, int limit,
                                      int months, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_int(arguments, "limit", limit);
    dossier_json_set_int(arguments, "months", months);
    return dossier_db_call(result, db, &dossier_fn.audit_seal, arguments, pool);
}
