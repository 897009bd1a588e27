#include "base/digest.h"

#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <string.h>

struct dossier_digest_t {
    EVP_MD_CTX *context;
};

enum { KNOWN = 2 };

static const char *const algorithms[KNOWN] = {"sha-256", "sha-512"};

struct dossier_digest_claims_t {
    apr_pool_t *pool;
    dossier_digest_t *digest[KNOWN]; /* NULL: not claimed */
    const char *claimed[KNOWN];      /* in hex */
};

static const char *hex_of(const unsigned char *bytes, apr_size_t length, apr_pool_t *pool)
{
    apr_size_t room = length * 2 + 1;

    return sodium_bin2hex(apr_palloc(pool, room), room, bytes, length);
}

static apr_status_t release(void *digest)
{
    EVP_MD_CTX_free(((dossier_digest_t *)digest)->context);
    return APR_SUCCESS;
}

dossier_digest_t *dossier_digest_make(const char *algorithm, apr_pool_t *pool)
{
    const EVP_MD *kind = !strcmp(algorithm, algorithms[0])   ? EVP_sha256()
                         : !strcmp(algorithm, algorithms[1]) ? EVP_sha512()
                                                             : NULL;
    dossier_digest_t *digest = apr_palloc(pool, sizeof(*digest));

    if (!kind) {
        return NULL;
    }
    digest->context = EVP_MD_CTX_new();
    apr_pool_cleanup_register(pool, digest, release, apr_pool_cleanup_null);
    if (digest->context && EVP_DigestInit_ex(digest->context, kind, NULL) != 1) {
        EVP_MD_CTX_free(digest->context);
        digest->context = NULL;
    }
    return digest;
}

/* What could not be computed is not a digest of anything. */
void dossier_digest_add(dossier_digest_t *digest, const void *data, apr_size_t length)
{
    if (digest->context && EVP_DigestUpdate(digest->context, data, length) != 1) {
        EVP_MD_CTX_free(digest->context);
        digest->context = NULL;
    }
}

const char *dossier_digest_hex(dossier_digest_t *digest, apr_pool_t *pool)
{
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned int length = 0;

    if (!digest->context || EVP_DigestFinal_ex(digest->context, bytes, &length) != 1) {
        return "";
    }
    return hex_of(bytes, length, pool);
}

/* ":base64:" at *at, stepped over; NULL when it is none. */
static const char *read_bytes(const char **at, apr_pool_t *pool)
{
    const char *begin = *at + 1;
    apr_size_t length;
    unsigned char *bytes;

    if (**at != ':') {
        return NULL;
    }
    length = strspn(begin, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    if (begin[length] != ':') {
        return NULL;
    }
    *at = begin + length + 1;
    bytes = apr_palloc(pool, length + 4);
    return hex_of(bytes,
                  (apr_size_t)apr_base64_decode_binary(bytes, apr_pstrmemdup(pool, begin, length)),
                  pool);
}

static int algorithm_number(const char *name, apr_size_t length)
{
    for (int i = 0; i < KNOWN; i++) {
        if (strlen(algorithms[i]) == length && !strncmp(name, algorithms[i], length)) {
            return i;
        }
    }
    return -1;
}

/* One member, stepped over; 0 when it is none. Of two with one name the last counts (RFC 8941). */
static int read_member(dossier_digest_claims_t *claims, const char **at)
{
    const char *name = *at;
    apr_size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-.*");
    const char *hex;
    int number;

    if (!length || name[length] != '=') {
        return 0;
    }
    *at = name + length + 1;
    hex = read_bytes(at, claims->pool);
    number = algorithm_number(name, length);
    if (hex && number >= 0) {
        claims->digest[number] = dossier_digest_make(algorithms[number], claims->pool);
        claims->claimed[number] = hex;
    }
    return hex != NULL;
}

const char *dossier_digest_claims_read(dossier_digest_claims_t **claims, const char *field,
                                       apr_pool_t *pool)
{
    dossier_digest_claims_t *made = apr_pcalloc(pool, sizeof(*made));

    made->pool = pool;
    *claims = made;
    if (!field) {
        return NULL;
    }
    for (const char *at = field + strspn(field, " \t");; at++) {
        at += strspn(at, " \t");
        if (!read_member(made, &at)) {
            return "digest_form";
        }
        at += strspn(at, " \t");
        if (*at != ',') {
            return *at                                  ? "digest_form"
                   : made->digest[0] || made->digest[1] ? NULL
                                                        : "digest_algorithm";
        }
    }
}

void dossier_digest_claims_add(dossier_digest_claims_t *claims, const void *data, apr_size_t length)
{
    for (int i = 0; i < KNOWN; i++) {
        if (claims->digest[i]) {
            dossier_digest_add(claims->digest[i], data, length);
        }
    }
}

int dossier_digest_claims_hold(dossier_digest_claims_t *claims)
{
    for (int i = 0; i < KNOWN; i++) {
        if (claims->digest[i] &&
            strcmp(dossier_digest_hex(claims->digest[i], claims->pool), claims->claimed[i])) {
            return 0;
        }
    }
    return 1;
}
