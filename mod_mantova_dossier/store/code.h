/* Codes as the SQL functions take them: MACs and a sealed text, never the code itself. */
#ifndef DOSSIER_STORE_CODE_H
#define DOSSIER_STORE_CODE_H

#include "base/json.h"
#include "vault/keyring.h"

/* A fresh verification code: {"id", "key_id", "mac", "sealed"}. Only the outbox can open `sealed`.
   NULL when the key ring cannot seal. */
dossier_json_t *dossier_store_code_make(const dossier_keyring_t *keyring, apr_pool_t *pool);

/* Six typed digits against the code `code_id`. NULL when the ring does not hold key_id. */
const char *dossier_store_code_mac(const dossier_keyring_t *keyring, const char *key_id,
                                   const char *code_id, const char *digits, apr_pool_t *pool);

/* The ids of the ring's keys, for what counts a try: of another key's code none is counted. */
dossier_json_t *dossier_store_code_keys(const dossier_keyring_t *keyring, apr_pool_t *pool);

/* An activation code (13 characters) of one codice fiscale; key_id NULL: the current one. */
const char *dossier_store_activation_mac(const dossier_keyring_t *keyring, const char *key_id,
                                         const char *codice_fiscale, const char *code,
                                         apr_pool_t *pool);

/* {key id: MAC} for every key of the ring: a slip may have been printed under any of them. NULL as
   MAC: of a key that the key file says is lost. */
dossier_json_t *dossier_store_activation_macs(const dossier_keyring_t *keyring,
                                              const char *codice_fiscale, const char *code,
                                              apr_pool_t *pool);

#endif
