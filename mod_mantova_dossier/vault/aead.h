/* AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag behind the text. */
#ifndef DOSSIER_VAULT_AEAD_H
#define DOSSIER_VAULT_AEAD_H

#include <apr_pools.h>

enum { DOSSIER_AEAD_KEY = 32, DOSSIER_AEAD_NONCE = 12, DOSSIER_AEAD_TAG = 16 };

typedef struct dossier_aead_t dossier_aead_t;

/* One key, for one thread at a time. The key is wiped when the pool is cleared. */
apr_status_t dossier_aead_create(dossier_aead_t **aead, const unsigned char key[DOSSIER_AEAD_KEY],
                                 apr_pool_t *pool);
/* Wipes the key before the pool is cleared. */
void dossier_aead_destroy(dossier_aead_t *aead);

/* `out` has room for the text and the tag. A nonce is used once per key. */
apr_status_t dossier_aead_seal(unsigned char *out, dossier_aead_t *aead,
                               const unsigned char nonce[DOSSIER_AEAD_NONCE], const void *bound,
                               apr_size_t bound_length, const void *text, apr_size_t length);

/* `length` counts text and tag; `out` has room for the text, and may be `sealed`. APR_EMISMATCH when
   anything was changed, and then `out` holds zeros. */
apr_status_t dossier_aead_open(unsigned char *out, dossier_aead_t *aead,
                               const unsigned char nonce[DOSSIER_AEAD_NONCE], const void *bound,
                               apr_size_t bound_length, const void *sealed, apr_size_t length);

#endif
