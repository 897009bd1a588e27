/* keys/<key id>.canary in the vault's folder: which keys this vault was written with. */
#ifndef DOSSIER_VAULT_CANARY_H
#define DOSSIER_VAULT_CANARY_H

#include "vault/keyring.h"

/* Refuses when a key that the vault knows is missing from the ring or has changed (APR_EMISMATCH);
   *error names it and says what to do. `make`: otherwise makes the files of keys that are new; else
   nothing is written. */
apr_status_t dossier_canary_check(const char **error, const char *folder,
                                  const dossier_keyring_t *ring, int make, apr_pool_t *pool);

/* What to do about a key that is another than the one known by this id. */
const char *dossier_canary_changed(const char *key_id, apr_pool_t *pool);

#endif
