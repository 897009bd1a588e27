/* What a hospital's system names by a number of its own: an acceptance or a document. */
#ifndef DOSSIER_STORE_EXTERNAL_H
#define DOSSIER_STORE_EXTERNAL_H

#include "base/json.h"

/* Which one, who asks, and on what condition. */
typedef struct {
    const char *integrator_id;
    const char *key_id; /* which it came with: one that has ended meanwhile is "key_refused" */
    const char *external_id;
    const char *address;
    const char *if_match; /* as the headers say; NULL: no condition */
    const char *if_none_match;
} dossier_external_t;

/* The arguments that name it; each SQL function adds its own. */
dossier_json_t *dossier_external_arguments(const dossier_external_t *key, apr_pool_t *pool);

#endif
