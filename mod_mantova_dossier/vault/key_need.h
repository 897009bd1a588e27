/*
 * keys/<key id>.need in the vault's folder, beside the canary: how many rows need a key that seals
 * no more. Who starts httpd cannot ask the database, so the portal notes it while it runs.
 */
#ifndef DOSSIER_VAULT_KEY_NEED_H
#define DOSSIER_VAULT_KEY_NEED_H

#include <apr_pools.h>

#define DOSSIER_KEY_FOLDER "keys"

typedef struct {
    apr_int64_t documents;
    apr_int64_t others; /* codes and messages */
    const char *day;    /* when that was counted, YYYY-MM-DD */
} dossier_key_need_t;

/* Writes it, once a day or when a number has changed. need NULL: the key seals, and nothing is
   noted of it. */
apr_status_t dossier_key_need_note(const char *folder, const char *key_id,
                                   const dossier_key_need_t *need, apr_pool_t *pool);

/* `keys` is the open folder of canaries. Anything but APR_SUCCESS: not known. */
apr_status_t dossier_key_need_read(dossier_key_need_t *need, int keys, const char *key_id,
                                   apr_pool_t *pool);

#endif
