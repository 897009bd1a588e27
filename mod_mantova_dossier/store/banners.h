/* What the operator tells everybody on every screen. */
#ifndef DOSSIER_STORE_BANNERS_H
#define DOSSIER_STORE_BANNERS_H

#include "store/db.h"

/* facility: whose site, NULL: of none. "ok": banners [{it, en, ends_at}], none that has ended */
apr_status_t dossier_store_banner_list(dossier_json_t **result, dossier_db_t *db,
                                       const char *facility, const char *address, apr_pool_t *pool);

#endif
