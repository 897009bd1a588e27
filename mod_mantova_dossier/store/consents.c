#include "store/consents.h"

apr_status_t dossier_store_consent_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *session_id,
                                        const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.consent_list, arguments, pool);
}

apr_status_t dossier_store_consent_give(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_consent_t *consent, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", consent->account_id);
    dossier_json_set(arguments, "patient_id", consent->patient_id);
    dossier_json_set_value(arguments, "consent", consent->consent);
    dossier_json_set(arguments, "address", consent->address);
    return dossier_db_call(result, db, &dossier_fn.consent_give, arguments, pool);
}

apr_status_t dossier_store_consent_withdraw(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *consent_id,
                                            const char *proof, const char *address,
                                            apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "consent_id", consent_id);
    dossier_json_set(arguments, "proof", proof);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.consent_withdraw, arguments, pool);
}
