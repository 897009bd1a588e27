/* The key ring from inside: shared by the reader of the key file and the users of its keys. */
#ifndef DOSSIER_VAULT_KEYRING_PRIVATE_H
#define DOSSIER_VAULT_KEYRING_PRIVATE_H

#include "vault/keyring.h"

enum { DOSSIER_KEYRING_KEYS = 64, DOSSIER_KEYRING_ID = 32, DOSSIER_KEYRING_KEY = 32 };

/* One block of memory that never grows, so that no copy of a key stays behind in the pool. */
struct dossier_keyring_t {
    apr_array_header_t *ids;  /* const char *, in the file's order */
    apr_array_header_t *lost; /* const char *: the ids of keys that are gone for good */
    unsigned char keys[DOSSIER_KEYRING_KEYS][DOSSIER_KEYRING_KEY];
};

/* 1 to 32 of [a-z0-9-]. */
int dossier_keyring_is_id(const char *id);

#endif
