/*
 * Random numbers, hashes, MACs and passwords: the small cryptography the rules need.
 * libsodium and OpenSSL appear here and in vault/, nowhere else.
 */
#ifndef DOSSIER_BASE_SECRETS_H
#define DOSSIER_BASE_SECRETS_H

#include <apr_pools.h>

/* Once per process, before anything else here. APR_EGENERAL when the system has no randomness. */
apr_status_t dossier_secrets_init(void);

void dossier_secrets_random(void *buffer, apr_size_t length);
apr_uint32_t dossier_secrets_uniform(apr_uint32_t upper); /* 0 .. upper-1, without modulo bias */

/* A random version-4 UUID (RFC 9562), lower case. */
const char *dossier_secrets_uuid(apr_pool_t *pool);
int dossier_secrets_is_uuid(const char *text); /* 8-4-4-4-12 hex digits, lower case */

/* 256 random bits as 43 characters of base64url, for session cookies and integrator keys. */
const char *dossier_secrets_token(apr_pool_t *pool);

/* SHA-256 as 64 lower-case hex digits. */
const char *dossier_secrets_sha256(const void *data, apr_size_t length, apr_pool_t *pool);

/* HMAC-SHA-256 (RFC 2104, FIPS 198-1) over the parts, each preceded by its length, as 64 hex
   digits. The list of parts ends with NULL. */
const char *dossier_secrets_hmac(const unsigned char key[32], const char *const *parts,
                                 apr_pool_t *pool);

/* HKDF-SHA-256 (RFC 5869) without salt: a key for one purpose out of a master key. */
void dossier_secrets_derive(unsigned char out[32], const unsigned char master[32],
                            const char *purpose);

/* Constant time for equal lengths; NULL equals nothing. */
int dossier_secrets_equal(const char *a, const char *b);

void dossier_secrets_wipe(void *buffer, apr_size_t length);

/* Argon2id (RFC 9106) by libsodium, 46 MiB and 2 passes. */
typedef enum {
    DOSSIER_PASSWORD_RIGHT,
    DOSSIER_PASSWORD_WRONG,
    DOSSIER_PASSWORD_RIGHT_REHASH, /* right, but stored with weaker parameters than today's, or
                                      before passwords were cleaned */
    DOSSIER_PASSWORD_NO_MEMORY     /* not judged: never count it as wrong */
} dossier_password_verdict_t;

/* Of the password in its one spelling (see typed.h). APR_ENOMEM when memory is short. */
apr_status_t dossier_password_hash(const char **hash, const char *password, apr_pool_t *pool);
/* hash NULL (unknown login): works as long as for a real one, answers WRONG. */
dossier_password_verdict_t dossier_password_verify(const char *hash, const char *password,
                                                   apr_pool_t *pool);

#endif
