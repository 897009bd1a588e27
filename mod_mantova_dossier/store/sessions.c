#include "store/sessions.h"

apr_status_t dossier_store_session_load(dossier_json_t **result, dossier_db_t *db,
                                        const char *token_hash, const char *address,
                                        apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "token_hash", token_hash);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.session_load, arguments, pool);
}

apr_status_t dossier_store_session_close(dossier_json_t **result, dossier_db_t *db,
                                         const char *session_id, const char *account_id,
                                         const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.session_close, arguments, pool);
}

apr_status_t dossier_store_session_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *session_id,
                                        const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.session_list, arguments, pool);
}

apr_status_t dossier_store_session_end(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *session_id,
                                       const char *ended, const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "account_id", account_id);
    dossier_json_set(arguments, "session_id", session_id);
    dossier_json_set(arguments, "ended", ended);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.session_end, arguments, pool);
}
