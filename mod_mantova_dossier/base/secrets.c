#include "base/secrets.h"

#include <apr_strings.h>
#include <sodium.h>

#include <stdio.h>
#include <string.h>

#include "base/typed.h"

enum { ARGON2_PASSES = 2, ARGON2_KIB = 46 * 1024 };

/* Verified in place of the hash that an unknown login does not have, so that the answer takes as
   long. Made from a random password that nobody kept, with the parameters above; the unit test
   compares them. */
static const char NOBODY[] = "$argon2id$v=19$m=47104,t=2,p=1$ID4ULwLIUjqLK0pyThr8Iw$"
                             "ElIFxKzJBAn1xdvYRZVfxnER4zUpxJ2XOKrx+Ei2yxc";

apr_status_t dossier_secrets_init(void)
{
    return sodium_init() < 0 ? APR_EGENERAL : APR_SUCCESS;
}

void dossier_secrets_random(void *buffer, apr_size_t length)
{
    randombytes_buf(buffer, length);
}

apr_uint32_t dossier_secrets_uniform(apr_uint32_t upper)
{
    return randombytes_uniform(upper);
}

static char *hex(const unsigned char *bytes, apr_size_t length, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, length * 2 + 1);

    return sodium_bin2hex(text, length * 2 + 1, bytes, length);
}

const char *dossier_secrets_uuid(apr_pool_t *pool)
{
    unsigned char bytes[16];
    const char *h;

    randombytes_buf(bytes, sizeof(bytes));
    bytes[6] = (unsigned char)((bytes[6] & 0x0F) | 0x40);
    bytes[8] = (unsigned char)((bytes[8] & 0x3F) | 0x80);
    h = hex(bytes, sizeof(bytes), pool);
    return apr_psprintf(pool, "%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

int dossier_secrets_is_uuid(const char *text)
{
    static const int groups[] = {8, 4, 4, 4, 12};

    if (!text) {
        return 0;
    }
    for (int i = 0; i < 5; i++) {
        if (i > 0 && *text++ != '-') {
            return 0;
        }
        if (strspn(text, "0123456789abcdef") != (size_t)groups[i]) {
            return 0;
        }
        text += groups[i];
    }
    return *text == '\0';
}

const char *dossier_secrets_token(apr_pool_t *pool)
{
    enum { VARIANT = sodium_base64_VARIANT_URLSAFE_NO_PADDING };
    unsigned char bytes[32];
    apr_size_t room = sodium_base64_ENCODED_LEN(sizeof(bytes), VARIANT);
    char *text = apr_palloc(pool, room);

    randombytes_buf(bytes, sizeof(bytes));
    sodium_bin2base64(text, room, bytes, sizeof(bytes), VARIANT);
    sodium_memzero(bytes, sizeof(bytes));
    return text;
}

const char *dossier_secrets_sha256(const void *data, apr_size_t length, apr_pool_t *pool)
{
    unsigned char digest[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(digest, data, length);
    return hex(digest, sizeof(digest), pool);
}

const char *dossier_secrets_hmac(const unsigned char key[32], const char *const *parts,
                                 apr_pool_t *pool)
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];

    crypto_auth_hmacsha256_init(&state, key, 32);
    for (; *parts; parts++) {
        size_t length = strlen(*parts);
        unsigned char prefix[8];

        for (int i = 0; i < 8; i++) {
            prefix[i] = (unsigned char)((apr_uint64_t)length >> (56 - 8 * i));
        }
        crypto_auth_hmacsha256_update(&state, prefix, sizeof(prefix));
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)*parts, length);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
    return hex(mac, sizeof(mac), pool);
}

/* 32 bytes are one block of HKDF's expansion: T(1) = HMAC(PRK, info | 0x01). */
void dossier_secrets_derive(unsigned char out[32], const unsigned char master[32],
                            const char *purpose)
{
    static const unsigned char no_salt[32] = {0};
    static const unsigned char block = 1;
    crypto_auth_hmacsha256_state state;
    unsigned char extracted[32];

    crypto_auth_hmacsha256_init(&state, no_salt, sizeof(no_salt));
    crypto_auth_hmacsha256_update(&state, master, 32);
    crypto_auth_hmacsha256_final(&state, extracted);

    crypto_auth_hmacsha256_init(&state, extracted, sizeof(extracted));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, strlen(purpose));
    crypto_auth_hmacsha256_update(&state, &block, 1);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(extracted, sizeof(extracted));
    sodium_memzero(&state, sizeof(state));
}

int dossier_secrets_equal(const char *a, const char *b)
{
    size_t length;

    if (!a || !b) {
        return 0;
    }
    length = strlen(a);
    return length == strlen(b) && !sodium_memcmp(a, b, length);
}

void dossier_secrets_wipe(void *buffer, apr_size_t length)
{
    sodium_memzero(buffer, length);
}

apr_status_t dossier_password_hash(const char **hash, const char *password, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, crypto_pwhash_STRBYTES);

    password = dossier_typed_secret(password, pool);
    if (crypto_pwhash_str_alg(text, password, strlen(password), ARGON2_PASSES,
                              (size_t)ARGON2_KIB * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return APR_ENOMEM;
    }
    *hash = text;
    return APR_SUCCESS;
}

typedef struct {
    unsigned int kib;
    unsigned int passes;
    unsigned char salt[crypto_pwhash_argon2id_SALTBYTES];
    unsigned char hash[32];
} stored_t;

/* Reads "$argon2id$v=19$m=47104,t=2,p=1$salt$hash". */
static int read_stored(stored_t *stored, const char *text)
{
    enum { VARIANT = sodium_base64_VARIANT_ORIGINAL_NO_PADDING };
    const char *end;
    size_t length;
    int salt = 0;

    if (sscanf(text, "$argon2id$v=19$m=%7u,t=%3u,p=1$%n", &stored->kib, &stored->passes, &salt) !=
            2 ||
        salt == 0 || stored->kib < 8 || stored->passes < 1) {
        return 0;
    }
    text += salt;
    if (sodium_base642bin(stored->salt, sizeof(stored->salt), text, strlen(text), NULL, &length,
                          &end, VARIANT) != 0 ||
        length != sizeof(stored->salt) || *end != '$') {
        return 0;
    }
    text = end + 1;
    return sodium_base642bin(stored->hash, sizeof(stored->hash), text, strlen(text), NULL, &length,
                             NULL, VARIANT) == 0 &&
           length == sizeof(stored->hash);
}

/* Not crypto_pwhash_str_verify(): out of memory it answers as for a wrong password, errno included
   (EINVAL, seen with libsodium 1.0.18). crypto_pwhash() fails for want of memory only. */
static dossier_password_verdict_t verify(const char *hash, const char *password)
{
    stored_t stored;
    unsigned char made[sizeof(stored.hash)];
    int known = hash && read_stored(&stored, hash);
    int right;

    if (!known) {
        (void)read_stored(&stored, NOBODY);
    }
    if (crypto_pwhash(made, sizeof(made), password, strlen(password), stored.salt, stored.passes,
                      (size_t)stored.kib * 1024, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        return DOSSIER_PASSWORD_NO_MEMORY;
    }
    right = !sodium_memcmp(made, stored.hash, sizeof(made));
    sodium_memzero(made, sizeof(made));
    if (!known || !right) {
        return DOSSIER_PASSWORD_WRONG;
    }
    return stored.kib < ARGON2_KIB || stored.passes < ARGON2_PASSES ? DOSSIER_PASSWORD_RIGHT_REHASH
                                                                    : DOSSIER_PASSWORD_RIGHT;
}

dossier_password_verdict_t dossier_password_verify(const char *hash, const char *password,
                                                   apr_pool_t *pool)
{
    const char *spelling = dossier_typed_secret(password, pool);
    const char *apart = dossier_typed_secret_apart(password, pool);
    /* Hashes of before passwords had one spelling are of what was typed, by some systems with the
       accents apart. */
    const char *const former[] = {strcmp(password, spelling) ? password : NULL,
                                  strcmp(apart, spelling) && strcmp(apart, password) ? apart
                                                                                     : NULL};
    dossier_password_verdict_t verdict = verify(hash, spelling);

    for (apr_size_t i = 0; i < 2 && verdict == DOSSIER_PASSWORD_WRONG; i++) {
        if (former[i] && (verdict = verify(hash, former[i])) == DOSSIER_PASSWORD_RIGHT) {
            verdict = DOSSIER_PASSWORD_RIGHT_REHASH;
        }
    }
    return verdict;
}
