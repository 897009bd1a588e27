#include "store/banners.h"

apr_status_t dossier_store_banner_list(dossier_json_t **result, dossier_db_t *db,
                                       const char *facility, const char *address, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "facility", facility);
    dossier_json_set(arguments, "address", address);
    return dossier_db_call(result, db, &dossier_fn.banner_list, arguments, pool);
}
