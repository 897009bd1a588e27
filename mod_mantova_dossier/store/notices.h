/* Privacy notices, in both languages. */
#ifndef DOSSIER_STORE_NOTICES_H
#define DOSSIER_STORE_NOTICES_H

#include "store/db.h"

/* kind "portal" or "dossier"; version NULL: the current one. "ok": kind, version, published_at,
 * it{title, body}, en{title, body} · "not_found" */
apr_status_t dossier_store_notice_get(dossier_json_t **result, dossier_db_t *db, const char *kind,
                                      const char *version, const char *address, apr_pool_t *pool);

#endif
