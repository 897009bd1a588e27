#include "store/housekeeping.h"

#include <string.h>

static int outcome_is_ok(const dossier_json_t *result)
{
    const char *outcome = dossier_json_get(result, "outcome");
    return outcome && strcmp(outcome, "ok") == 0;
}

apr_status_t dossier_store_purge(apr_array_header_t **objects, int *more, dossier_db_t *db,
                                 int limit, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;

    *objects = apr_array_make(pool, limit, sizeof(const char *));
    *more = 0;
    dossier_json_set_int(arguments, "limit", limit);
    apr_status_t status = dossier_db_call(&result, db, "purge", arguments, DOSSIER_DB_ONCE, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!outcome_is_ok(result)) {
        return APR_EGENERAL;
    }
    const dossier_json_t *ids = dossier_json_get_value(result, "objects");
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

    *more = 0;
    dossier_json_set_int(arguments, "limit", limit);
    apr_status_t status =
        dossier_db_call(&result, db, "announce", arguments, DOSSIER_DB_ONCE, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!outcome_is_ok(result)) {
        return APR_EGENERAL;
    }
    *more = dossier_json_get_bool(result, "more", 0);
    return APR_SUCCESS;
}

apr_status_t dossier_store_vault_live(apr_hash_t **live, dossier_db_t *db,
                                      const apr_array_header_t *objects, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *ids = dossier_json_array(pool);
    dossier_json_t *result;

    *live = apr_hash_make(pool);
    for (int i = 0; i < objects->nelts; i++) {
        dossier_json_append_text(ids, APR_ARRAY_IDX(objects, i, const char *));
    }
    dossier_json_set_value(arguments, "objects", ids);
    apr_status_t status =
        dossier_db_call(&result, db, "vault_live", arguments, DOSSIER_DB_REPEATABLE, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    dossier_json_t *answer = dossier_json_get_value(result, "live");
    if (!outcome_is_ok(result) || !answer || dossier_json_type(answer) != DOSSIER_JSON_ARRAY) {
        return APR_EGENERAL;
    }
    for (apr_size_t i = 0; i < dossier_json_length(answer); i++) {
        const char *id = dossier_json_text_at(answer, i);
        if (!id) {
            return APR_EGENERAL;
        }
        apr_hash_set(*live, id, APR_HASH_KEY_STRING, id);
    }
    return APR_SUCCESS;
}

apr_status_t dossier_store_audit_seal(dossier_json_t **result, dossier_db_t *db, int limit,
                                      int months, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_int(arguments, "limit", limit);
    dossier_json_set_int(arguments, "months", months);
    return dossier_db_call(result, db, "audit_seal", arguments, DOSSIER_DB_ONCE, pool);
}
