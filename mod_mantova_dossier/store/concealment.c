#include "store/concealment.h"

apr_status_t dossier_store_document_hide(dossier_json_t **result, dossier_db_t *db,
                                         const char *account_id, const char *document_id,
                                         int hidden, const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "document_id", document_id);
    dossier_json_set_bool(arguments, "hidden", hidden);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, "document_hide", arguments, DOSSIER_DB_REPEATABLE, pool);
}

apr_status_t dossier_store_hidden_documents(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *patient_id,
                                            const char *proof, const char *address,
                                            apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "patient_id", patient_id);
    dossier_json_set(arguments, "proof", proof);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, "hidden_documents", arguments, DOSSIER_DB_ONCE, pool);
}
