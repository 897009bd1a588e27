#include "store/documents.h"

#include <string.h>

apr_status_t dossier_store_document_list(dossier_json_t **result, dossier_db_t *db,
                                         const dossier_document_query_t *query, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", query->account_id);
    dossier_json_set(arguments, "patient_id", query->patient_id);
    dossier_json_set_int(arguments, "limit", query->limit);
    dossier_json_set(arguments, "cursor", query->cursor);
    dossier_json_set(arguments, "type", query->type);
    dossier_json_set(arguments, "facility", query->facility);
    dossier_json_set(arguments, "from", query->from);
    dossier_json_set(arguments, "to", query->to);
    dossier_json_set(arguments, "address", query->address);
    return dossier_db_call(result, db, &dossier_fn.document_list, arguments, pool);
}

apr_status_t dossier_store_document_get(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *document_id,
                                        const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "document_id", document_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.document_get, arguments, pool);
}

apr_status_t dossier_store_document_open(dossier_json_t **result, dossier_vault_receipt_t *receipt,
                                         dossier_db_t *db,
                                         const dossier_document_opening_t *opening,
                                         apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *stored;
    apr_status_t status;

    dossier_json_set(arguments, "account_id", opening->account_id);
    dossier_json_set(arguments, "document_id", opening->document_id);
    dossier_json_set(arguments, "object_id", opening->object_id);
    dossier_json_set_bool(arguments, "read", opening->read);
    dossier_json_set_bool(arguments, "exported", opening->exported);
    dossier_json_set(arguments, "address", opening->address);
    /* Repeated after a lost connection it leaves a second audit line at worst: it is the same
     * reading. */
    status = dossier_db_call(result, db, &dossier_fn.document_open, arguments, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (dossier_db_outcome_is(*result, "document_replaced")) {
        return APR_EBUSY;
    }
    stored = dossier_json_get_value(*result, "receipt");
    receipt->object_id = dossier_json_get(stored, "object_id");
    receipt->size = (apr_off_t)dossier_json_get_int(stored, "size", 0);
    receipt->sha256 = dossier_json_get(stored, "sha256");
    receipt->key_id = dossier_json_get(stored, "key_id");
    receipt->wrapped_key = dossier_json_get(stored, "wrapped_key");
    return APR_SUCCESS;
}
