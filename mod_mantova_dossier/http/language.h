/* The caller's language, of those the portal's answers are written in. */
#ifndef DOSSIER_HTTP_LANGUAGE_H
#define DOSSIER_HTTP_LANGUAGE_H

#include <apr_pools.h>

/* Accept-Language (RFC 9110, 12.5.4) to "it" or "en"; Italian when it says neither. */
const char *dossier_language_choose(const char *accept_language, apr_pool_t *pool);

#endif
