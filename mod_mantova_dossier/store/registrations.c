#include "store/registrations.h"

#include "store/codes.h"

static dossier_json_t *name_registration(const dossier_registration_t *registration,
                                         apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set_value(arguments, "profile", registration->profile);
    dossier_json_set_value(arguments, "consent", registration->consent);
    dossier_json_set_value(arguments, "macs", registration->macs);
    dossier_json_set(arguments, "address", registration->address);
    return arguments;
}

apr_status_t dossier_store_registration_look(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_registration_t *registration,
                                             apr_pool_t *pool)
{
    return dossier_db_call(result, db, &dossier_fn.registration_look,
                           name_registration(registration, pool), pool);
}

apr_status_t dossier_store_registration_start(dossier_json_t **result, dossier_db_t *db,
                                              const dossier_registration_t *registration,
                                              apr_pool_t *pool)
{
    dossier_json_t *arguments = name_registration(registration, pool);

    dossier_json_set(arguments, "password_hash", registration->password_hash);
    dossier_json_set_value(arguments, "code", registration->code);
    return dossier_db_call(result, db, &dossier_fn.registration_start, arguments, pool);
}

apr_status_t dossier_store_registration_resend(dossier_json_t **result, dossier_db_t *db,
                                               const char *id, dossier_json_t *code,
                                               const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "id", id);
    dossier_json_set_value(arguments, "code", code);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.registration_resend, arguments, pool);
}

apr_status_t dossier_store_registration_try(dossier_json_t **result, dossier_db_t *db,
                                            const char *id, const char *address,
                                            const dossier_keyring_t *keyring, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "id", id);
    dossier_json_set(arguments, "address", address);
    dossier_json_set_value(arguments, "keys", dossier_store_code_keys(keyring, pool));
    return dossier_db_call(result, db, &dossier_fn.registration_try, arguments, pool);
}

apr_status_t dossier_store_registration_complete(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_registration_proof_t *proof,
                                                 apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "id", proof->id);
    dossier_json_set(arguments, "code_id", proof->code_id);
    dossier_json_set(arguments, "mac", proof->mac);
    dossier_json_set_value(arguments, "session", proof->session);
    dossier_json_set(arguments, "address", proof->address);
    return dossier_db_call(result, db, &dossier_fn.registration_complete, arguments, pool);
}
