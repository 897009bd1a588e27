#include "store/acceptances.h"

static dossier_json_t *activation_argument(const dossier_activation_mac_t *activation,
                                           apr_pool_t *pool)
{
    dossier_json_t *argument = dossier_json_object(pool);

    dossier_json_set(argument, "key_id", activation->key_id);
    dossier_json_set(argument, "mac", activation->mac);
    dossier_json_set(argument, "sealed", activation->sealed);
    return argument;
}

static dossier_json_t *patient_argument(const dossier_acceptance_t *acceptance, apr_pool_t *pool)
{
    dossier_json_t *patient = dossier_json_object(pool);

    dossier_json_set(patient, "codice_fiscale", acceptance->codice_fiscale);
    dossier_json_set(patient, "first_name", acceptance->first_name);
    dossier_json_set(patient, "last_name", acceptance->last_name);
    dossier_json_set(patient, "birth_date", acceptance->birth_date);
    dossier_json_set(patient, "birth_place", acceptance->birth_place);
    dossier_json_set(patient, "sex", acceptance->sex);
    return patient;
}

apr_status_t dossier_store_acceptance_put(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_acceptance_t *acceptance, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_external_arguments(&acceptance->key, pool);

    dossier_json_set_bool(arguments, "dry_run", acceptance->dry_run);
    dossier_json_set(arguments, "facility", acceptance->facility);
    dossier_json_set(arguments, "mobile", acceptance->mobile);
    dossier_json_set(arguments, "email", acceptance->email);
    if (acceptance->online_pickup >= 0) {
        dossier_json_set_bool(arguments, "online_pickup", acceptance->online_pickup);
    }
    dossier_json_set_value(arguments, "patient", patient_argument(acceptance, pool));
    dossier_json_set_value(arguments, "activation",
                           activation_argument(&acceptance->activation, pool));
    dossier_json_set_value(arguments, "registration_code", acceptance->registration_code);
    return dossier_db_call(result, db, &dossier_fn.acceptance_put, arguments, pool);
}

apr_status_t dossier_store_acceptance_get(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_external_t *key, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.acceptance_get,
                           dossier_external_arguments(key, pool), pool);
}

apr_status_t dossier_store_acceptance_new_code(dossier_json_t **result, dossier_db_t *db,
                                               const dossier_external_t *key,
                                               const dossier_activation_mac_t *activation,
                                               apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_external_arguments(key, pool);

    dossier_json_set_value(arguments, "activation", activation_argument(activation, pool));
    return dossier_db_call(result, db, &dossier_fn.acceptance_new_code, arguments, pool);
}

apr_status_t dossier_store_acceptance_slip(dossier_json_t **result, dossier_db_t *db,
                                           const dossier_external_t *key, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.acceptance_slip,
                           dossier_external_arguments(key, pool), pool);
}

apr_status_t dossier_store_codice_fiscale_change(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_acceptance_t *change,
                                                 const char *former, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_external_arguments(&change->key, pool);

    dossier_json_set_bool(arguments, "dry_run", change->dry_run);
    dossier_json_set(arguments, "facility", change->facility);
    dossier_json_set(arguments, "former_codice_fiscale", former);
    dossier_json_set_value(arguments, "patient", patient_argument(change, pool));
    return dossier_db_call(result, db, &dossier_fn.codice_fiscale_change, arguments, pool);
}
