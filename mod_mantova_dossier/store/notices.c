#include "store/notices.h"

apr_status_t dossier_store_notice_get(dossier_json_t **result, dossier_db_t *db, const char *kind,
                                      const char *version, const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "kind", kind);
    dossier_json_set(arguments, "version", version);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.notice_get, arguments, pool);
}
