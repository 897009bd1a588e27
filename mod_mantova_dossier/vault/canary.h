/* keys/<key id>.canary in the vault's folder: which keys this vault was written with. */
#ifndef DOSSIER_VAULT_CANARY_H
#define DOSSIER_VAULT_CANARY_H

#include "vault/keyring.h"

/* Refuses when a key that the vault knows is missing from the ring or has changed; *error names it
   and says what to do. Otherwise makes the files of keys that are new. */
apr_status_t dossier_canary_check(const char **error, const char *folder,
                                  const dossier_keyring_t *ring, apr_pool_t *pool);

#endif
