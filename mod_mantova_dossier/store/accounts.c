#include "store/accounts.h"

dossier_json_t *dossier_store_session_new(const char *token_hash, const char *device_hash,
                                          const char *user_agent, apr_pool_t *pool)
{
    dossier_json_t *session = dossier_json_object(pool);

    dossier_json_set(session, "token_hash", token_hash);
    dossier_json_set(session, "device_hash", device_hash);
    dossier_json_set(session, "user_agent", user_agent);
    return session;
}

apr_status_t dossier_store_login_begin(dossier_json_t **result, dossier_db_t *db, const char *kind,
                                       const char *login, const char *device_hash,
                                       const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "kind", kind);
    dossier_json_set(arguments, "login", login);
    dossier_json_set(arguments, "device_hash", device_hash);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.login_begin, arguments, pool);
}

static void set_verdict(dossier_json_t *arguments, dossier_login_verdict_t verdict)
{
    if (verdict == DOSSIER_LOGIN_NOT_JUDGED) {
        dossier_json_set(arguments, "right", NULL);
    } else {
        dossier_json_set_bool(arguments, "right", verdict == DOSSIER_LOGIN_RIGHT);
    }
}

apr_status_t dossier_store_login_finish(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_login_t *login, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "attempt", login->attempt);
    set_verdict(arguments, login->verdict);
    dossier_json_set(arguments, "rehash", login->rehash);
    dossier_json_set_value(arguments, "session", login->session);
    dossier_json_set(arguments, "address", login->address);
    return dossier_db_call(result, db, &dossier_fn.login_finish, arguments, pool);
}

apr_status_t dossier_store_password_begin(dossier_json_t **result, dossier_db_t *db,
                                          const char *account_id, const char *address,
                                          apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.password_begin, arguments, pool);
}

apr_status_t dossier_store_password_finish(dossier_json_t **result, dossier_db_t *db,
                                           const char *account_id, const char *proof,
                                           dossier_login_verdict_t verdict, const char *address,
                                           apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "proof", proof);
    set_verdict(arguments, verdict);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.password_finish, arguments, pool);
}

apr_status_t dossier_store_account_get(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *session_id,
                                       const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.account_get, arguments, pool);
}
