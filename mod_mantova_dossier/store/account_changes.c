#include "store/account_changes.h"

#include "store/codes.h"

apr_status_t dossier_store_password_reset_start(dossier_json_t **result, dossier_db_t *db,
                                                const dossier_password_reset_t *reset,
                                                apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "kind", reset->kind);
    dossier_json_set(arguments, "login", reset->login);
    dossier_json_set(arguments, "device_hash", reset->device_hash);
    dossier_json_set(arguments, "codice_fiscale", reset->codice_fiscale);
    dossier_json_set_value(arguments, "macs", reset->macs);
    dossier_json_set(arguments, "language", reset->language);
    dossier_json_set_value(arguments, "code", reset->code);
    dossier_json_set(arguments, "address", reset->address);
    return dossier_db_call(result, db, &dossier_fn.password_reset_start, arguments, pool);
}

apr_status_t dossier_store_contact_change_start(dossier_json_t **result, dossier_db_t *db,
                                                const dossier_contact_change_t *change,
                                                apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", change->account_id);
    dossier_json_set(arguments, "kind", change->kind);
    dossier_json_set(arguments, "recipient", change->recipient);
    dossier_json_set(arguments, "proof", change->proof);
    dossier_json_set_value(arguments, "code", change->code);
    dossier_json_set(arguments, "address", change->address);
    return dossier_db_call(result, db, &dossier_fn.contact_change_start, arguments, pool);
}

static dossier_json_t *name_change(const dossier_account_change_t *change, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "id", change->id);
    dossier_json_set(arguments, "kind", change->kind);
    dossier_json_set(arguments, "account_id", change->account_id);
    dossier_json_set(arguments, "address", change->address);
    return arguments;
}

apr_status_t dossier_store_account_change_resend(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_account_change_t *change,
                                                 dossier_json_t *code, apr_pool_t *pool)
{
    dossier_json_t *arguments = name_change(change, pool);

    dossier_json_set_value(arguments, "code", code);
    return dossier_db_call(result, db, &dossier_fn.account_change_resend, arguments, pool);
}

apr_status_t dossier_store_account_change_try(dossier_json_t **result, dossier_db_t *db,
                                              const dossier_account_change_t *change,
                                              const dossier_keyring_t *keyring, apr_pool_t *pool)
{
    dossier_json_t *arguments = name_change(change, pool);

    dossier_json_set_value(arguments, "keys", dossier_store_code_keys(keyring, pool));
    return dossier_db_call(result, db, &dossier_fn.account_change_try, arguments, pool);
}

static dossier_json_t *prove_change(const dossier_change_proof_t *proof, apr_pool_t *pool)
{
    dossier_json_t *arguments = name_change(proof->change, pool);

    dossier_json_set(arguments, "code_id", proof->code_id);
    dossier_json_set(arguments, "mac", proof->mac);
    return arguments;
}

apr_status_t dossier_store_password_reset_complete(dossier_json_t **result, dossier_db_t *db,
                                                   const dossier_change_proof_t *proof,
                                                   const char *password_hash, int personal,
                                                   dossier_json_t *device, apr_pool_t *pool)
{
    dossier_json_t *arguments = prove_change(proof, pool);

    dossier_json_set(arguments, "password_hash", password_hash);
    dossier_json_set_bool(arguments, "personal", personal);
    dossier_json_set_value(arguments, "device", device);
    return dossier_db_call(result, db, &dossier_fn.password_reset_complete, arguments, pool);
}

apr_status_t dossier_store_contact_change_complete(dossier_json_t **result, dossier_db_t *db,
                                                   const dossier_change_proof_t *proof,
                                                   const char *session_id, const char *token_hash,
                                                   apr_pool_t *pool)
{
    dossier_json_t *arguments = prove_change(proof, pool);

    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "token_hash", token_hash);
    return dossier_db_call(result, db, &dossier_fn.contact_change_complete, arguments, pool);
}
