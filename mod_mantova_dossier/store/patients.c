#include "store/patients.h"

apr_status_t dossier_store_patient_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *address,
                                        apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.patient_list, arguments, pool);
}

apr_status_t dossier_store_activation_begin(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *patient_id,
                                            const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "patient_id", patient_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.activation_begin, arguments, pool);
}

apr_status_t dossier_store_activate(dossier_json_t **result, dossier_db_t *db,
                                    const dossier_activation_t *activation, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", activation->account_id);
    dossier_json_set(arguments, "patient_id", activation->patient_id);
    dossier_json_set_value(arguments, "consent", activation->consent);
    dossier_json_set(arguments, "codice_fiscale", activation->codice_fiscale);
    dossier_json_set_value(arguments, "macs", activation->macs);
    dossier_json_set_value(arguments, "other_macs", activation->other_macs);
    dossier_json_set(arguments, "address", activation->address);
    /* The same code of the same account answers "ok" again. */
    return dossier_db_call(result, db, &dossier_fn.activate, arguments, pool);
}
