#include "store/profiles.h"

apr_status_t dossier_store_profile_get(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *address,
                                       apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.profile_get, arguments, pool);
}

apr_status_t dossier_store_profile_change(dossier_json_t **result, dossier_db_t *db,
                                          const char *account_id, const char *language,
                                          dossier_json_t *alerts, const char *address,
                                          apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "language", language);
    dossier_json_set_value(arguments, "alerts", alerts);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.profile_change, arguments, pool);
}

static dossier_json_t *step_arguments(const dossier_profile_step_t *step, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", step->account_id);
    dossier_json_set(arguments, "session_id", step->session_id);
    dossier_json_set(arguments, "token_hash", step->token_hash);
    dossier_json_set(arguments, "proof", step->proof);
    dossier_json_set(arguments, "address", step->address);
    return arguments;
}

apr_status_t dossier_store_password_change(dossier_json_t **result, dossier_db_t *db,
                                           const dossier_profile_step_t *step,
                                           const char *password_hash, apr_pool_t *pool)
{
    dossier_json_t *arguments = step_arguments(step, pool);

    dossier_json_set(arguments, "password_hash", password_hash);
    return dossier_db_call(result, db, &dossier_fn.password_change, arguments, pool);
}

apr_status_t dossier_store_email_remove(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_profile_step_t *step, apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.email_remove, step_arguments(step, pool), pool);
}
