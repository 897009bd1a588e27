/*
 * The key ring: the key-encryption keys of DossierKeyFile and what is derived from them.
 *
 * File: a line per key, `<key id> <32 bytes in base64>`; the id is 1 to 32 of [a-z0-9-]; `#` starts
 * a comment. The first key seals, every key opens. Not readable by group or others. A line
 * `<key id> lost` says that this key is gone for good, and that the vault may open without it.
 */
#ifndef DOSSIER_VAULT_KEYRING_H
#define DOSSIER_VAULT_KEYRING_H

#include <apr_pools.h>
#include <apr_tables.h>

typedef struct dossier_keyring_t dossier_keyring_t;

/* On failure *error is a sentence that says what to do, without any key in it. */
apr_status_t dossier_keyring_load(dossier_keyring_t **ring, const char **error, const char *path,
                                  apr_pool_t *pool);

const char *dossier_keyring_current(const dossier_keyring_t *ring); /* the id that seals */
const apr_array_header_t *dossier_keyring_ids(const dossier_keyring_t *ring); /* const char * */

/* Those the key file says are lost. */
const apr_array_header_t *dossier_keyring_lost_ids(const dossier_keyring_t *ring);

int dossier_keyring_holds(const dossier_keyring_t *ring, const char *key_id);
int dossier_keyring_lost(const dossier_keyring_t *ring, const char *key_id);

/* HMAC-SHA-256 in hex over (purpose, subject, code) under a key derived for the purpose.
   key_id NULL: the current one. NULL when the ring does not hold the id. */
const char *dossier_keyring_mac(const dossier_keyring_t *ring, const char *key_id,
                                const char *purpose, const char *subject, const char *code,
                                apr_pool_t *pool);

/* A short text sealed with AES-256-GCM under a derived key, bound to `context`; base64 with the key
   id in front. Open answers NULL when the key is missing or anything was changed. */
const char *dossier_keyring_seal(const dossier_keyring_t *ring, const char *context,
                                 const char *text, apr_pool_t *pool);
const char *dossier_keyring_open(const dossier_keyring_t *ring, const char *context,
                                 const char *sealed, apr_pool_t *pool);

/* 1: sealed with a key that the ring lacks, and that is not lost: put back, it opens. */
int dossier_keyring_lacks(const dossier_keyring_t *ring, const char *sealed, apr_pool_t *pool);

/* A document key wrapped with AES-256-GCM under the key-encryption key; the document id and its
   plaintext length are authenticated. Base64, without the key id. unwrap: APR_EMISMATCH when
   changed, APR_NOTFOUND when the ring does not hold key_id. */
const char *dossier_keyring_wrap(const dossier_keyring_t *ring, const char *object_id,
                                 apr_off_t size, const unsigned char key[32], apr_pool_t *pool);
apr_status_t dossier_keyring_unwrap(const dossier_keyring_t *ring, unsigned char key[32],
                                    const char *key_id, const char *object_id, apr_off_t size,
                                    const char *wrapped, apr_pool_t *pool);

/* A canary per key id: a text that only this key makes, and that tells nothing about it. NULL when
   the ring does not hold the id. */
const char *dossier_keyring_canary(const dossier_keyring_t *ring, const char *key_id,
                                   apr_pool_t *pool);

#endif
