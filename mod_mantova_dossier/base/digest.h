/* A digest of bytes as they pass, and the field of HTTP that states one (RFC 9530). */
#ifndef DOSSIER_BASE_DIGEST_H
#define DOSSIER_BASE_DIGEST_H

#include <apr_pools.h>

typedef struct dossier_digest_t dossier_digest_t;

/* algorithm: "sha-256" or "sha-512"; NULL for any other. */
dossier_digest_t *dossier_digest_make(const char *algorithm, apr_pool_t *pool);
void dossier_digest_add(dossier_digest_t *digest, const void *data, apr_size_t length);
/* Lower-case hex digits; "": it could not be computed. Once; nothing can be added behind it. */
const char *dossier_digest_hex(dossier_digest_t *digest, apr_pool_t *pool);

/* What a sender says of a body. */
typedef struct dossier_digest_claims_t dossier_digest_claims_t;

/* field: the value of Content-Digest, a dictionary (RFC 8941) like "sha-256=:base64:". NULL claims
   nothing. The error is NULL, "digest_form" (it cannot be read), or "digest_algorithm" (there is
   none that is known here: what was not compared must not look as if it was). */
const char *dossier_digest_claims_read(dossier_digest_claims_t **claims, const char *field,
                                       apr_pool_t *pool);
void dossier_digest_claims_add(dossier_digest_claims_t *claims, const void *data,
                               apr_size_t length);
/* 1: every digest that is known here is that of what was added. Once. */
int dossier_digest_claims_hold(dossier_digest_claims_t *claims);

#endif
