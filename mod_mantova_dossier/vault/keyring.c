#include <apr_strings.h>
#include <sodium.h>

#include <string.h>

#include "base/secrets.h"
#include "vault/aead.h"
#include "vault/keyring_private.h"

enum { BASE64 = sodium_base64_VARIANT_ORIGINAL, OVERHEAD = DOSSIER_AEAD_NONCE + DOSSIER_AEAD_TAG };

/* The purposes of derived keys. No key of the file is ever used itself, so that a value made for
   one purpose is worth nothing for another. The texts are part of the format. */
static const char MAC[] = "mantova-dossier mac 1 ";
static const char SEAL[] = "mantova-dossier seal 1";
static const char WRAP[] = "mantova-dossier wrap 1";
static const char CANARY[] = "mantova-dossier canary 1";

const char *dossier_keyring_current(const dossier_keyring_t *ring)
{
    return APR_ARRAY_IDX(ring->ids, 0, const char *);
}

const apr_array_header_t *dossier_keyring_ids(const dossier_keyring_t *ring)
{
    return ring->ids;
}

static int is_among(const apr_array_header_t *ids, const char *key_id)
{
    for (int i = 0; i < ids->nelts; i++) {
        if (!strcmp(key_id, APR_ARRAY_IDX(ids, i, const char *))) {
            return 1;
        }
    }
    return 0;
}

int dossier_keyring_holds(const dossier_keyring_t *ring, const char *key_id)
{
    return is_among(ring->ids, key_id);
}

int dossier_keyring_lost(const dossier_keyring_t *ring, const char *key_id)
{
    return is_among(ring->lost, key_id);
}

const apr_array_header_t *dossier_keyring_lost_ids(const dossier_keyring_t *ring)
{
    return ring->lost;
}

int dossier_keyring_lacks(const dossier_keyring_t *ring, const char *sealed, apr_pool_t *pool)
{
    const char *colon = sealed ? strchr(sealed, ':') : NULL;
    const char *key_id = colon ? apr_pstrmemdup(pool, sealed, (apr_size_t)(colon - sealed)) : NULL;

    return key_id && !dossier_keyring_holds(ring, key_id) && !dossier_keyring_lost(ring, key_id);
}

/* key_id NULL: the current one. 0 when the ring does not hold it. */
static int derive(unsigned char key[DOSSIER_AEAD_KEY], const dossier_keyring_t *ring,
                  const char *key_id, const char *purpose)
{
    for (int i = 0; i < ring->ids->nelts; i++) {
        if (!key_id || !strcmp(key_id, APR_ARRAY_IDX(ring->ids, i, const char *))) {
            dossier_secrets_derive(key, ring->keys[i], purpose);
            return 1;
        }
    }
    return 0;
}

const char *dossier_keyring_mac(const dossier_keyring_t *ring, const char *key_id,
                                const char *purpose, const char *subject, const char *code,
                                apr_pool_t *pool)
{
    const char *parts[] = {purpose, subject, code, NULL};
    unsigned char key[DOSSIER_AEAD_KEY];
    const char *mac;

    if (!purpose || !subject || !code ||
        !derive(key, ring, key_id, apr_pstrcat(pool, MAC, purpose, NULL))) {
        return NULL;
    }
    mac = dossier_secrets_hmac(key, parts, pool);
    dossier_secrets_wipe(key, sizeof(key));
    return mac;
}

const char *dossier_keyring_canary(const dossier_keyring_t *ring, const char *key_id,
                                   apr_pool_t *pool)
{
    const char *parts[] = {key_id, NULL};
    unsigned char key[DOSSIER_AEAD_KEY];
    const char *canary;

    if (!key_id || !derive(key, ring, key_id, CANARY)) {
        return NULL;
    }
    canary = dossier_secrets_hmac(key, parts, pool);
    dossier_secrets_wipe(key, sizeof(key));
    return canary;
}

/* nonce | text | tag in base64; NULL on failure. Wipes the key. */
static const char *seal_bytes(unsigned char key[DOSSIER_AEAD_KEY], const char *bound,
                              apr_size_t bound_length, const void *text, apr_size_t length,
                              apr_pool_t *pool)
{
    apr_size_t room = sodium_base64_encoded_len(OVERHEAD + length, BASE64);
    unsigned char *sealed = apr_palloc(pool, OVERHEAD + length);
    char *encoded = apr_palloc(pool, room);
    dossier_aead_t *aead;
    apr_status_t status = dossier_aead_create(&aead, key, pool);

    dossier_secrets_wipe(key, DOSSIER_AEAD_KEY);
    if (status != APR_SUCCESS) {
        return NULL;
    }
    dossier_secrets_random(sealed, DOSSIER_AEAD_NONCE);
    status = dossier_aead_seal(sealed + DOSSIER_AEAD_NONCE, aead, sealed, bound, bound_length, text,
                               length);
    dossier_aead_destroy(aead);
    if (status != APR_SUCCESS) {
        return NULL;
    }
    return sodium_bin2base64(encoded, room, sealed, OVERHEAD + length, BASE64);
}

/* The text, *length bytes with a NUL behind them. Wipes the key. */
static apr_status_t open_bytes(unsigned char **text, apr_size_t *length,
                               unsigned char key[DOSSIER_AEAD_KEY], const char *bound,
                               apr_size_t bound_length, const char *encoded, apr_pool_t *pool)
{
    apr_size_t room = strlen(encoded);
    unsigned char *sealed = apr_palloc(pool, room + 1);
    dossier_aead_t *aead;
    size_t got = 0;
    apr_status_t status = dossier_aead_create(&aead, key, pool);

    dossier_secrets_wipe(key, DOSSIER_AEAD_KEY);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (sodium_base642bin(sealed, room, encoded, room, NULL, &got, NULL, BASE64) != 0 ||
        got < OVERHEAD) {
        dossier_aead_destroy(aead);
        return APR_EMISMATCH;
    }
    *length = got - OVERHEAD;
    *text = apr_pcalloc(pool, *length + 1);
    status = dossier_aead_open(*text, aead, sealed, bound, bound_length,
                               sealed + DOSSIER_AEAD_NONCE, got - DOSSIER_AEAD_NONCE);
    dossier_aead_destroy(aead);
    return status;
}

const char *dossier_keyring_seal(const dossier_keyring_t *ring, const char *context,
                                 const char *text, apr_pool_t *pool)
{
    unsigned char key[DOSSIER_AEAD_KEY];
    const char *sealed;

    if (!context || !text || !derive(key, ring, NULL, SEAL)) {
        return NULL;
    }
    sealed = seal_bytes(key, context, strlen(context), text, strlen(text), pool);
    return sealed ? apr_pstrcat(pool, dossier_keyring_current(ring), ":", sealed, NULL) : NULL;
}

const char *dossier_keyring_open(const dossier_keyring_t *ring, const char *context,
                                 const char *sealed, apr_pool_t *pool)
{
    const char *colon = sealed ? strchr(sealed, ':') : NULL;
    unsigned char key[DOSSIER_AEAD_KEY];
    unsigned char *text;
    apr_size_t length;

    if (!context || !colon ||
        !derive(key, ring, apr_pstrmemdup(pool, sealed, (apr_size_t)(colon - sealed)), SEAL) ||
        open_bytes(&text, &length, key, context, strlen(context), colon + 1, pool) != APR_SUCCESS) {
        return NULL;
    }
    return (const char *)text;
}

/* What the wrap of a document's key is bound to; see sealed.h. */
static const char *wrap_binding(apr_size_t *length, const char *object_id, apr_off_t size,
                                apr_pool_t *pool)
{
    char *binding =
        apr_psprintf(pool, "document 1 %s %" APR_INT64_T_FMT, object_id, (apr_int64_t)size);

    *length = strlen(binding);
    return binding;
}

const char *dossier_keyring_wrap(const dossier_keyring_t *ring, const char *object_id,
                                 apr_off_t size, const unsigned char key[32], apr_pool_t *pool)
{
    unsigned char wrapping[DOSSIER_AEAD_KEY];
    apr_size_t length;
    const char *binding;

    if (!object_id || !derive(wrapping, ring, NULL, WRAP)) {
        return NULL;
    }
    binding = wrap_binding(&length, object_id, size, pool);
    return seal_bytes(wrapping, binding, length, key, 32, pool);
}

apr_status_t dossier_keyring_unwrap(const dossier_keyring_t *ring, unsigned char key[32],
                                    const char *key_id, const char *object_id, apr_off_t size,
                                    const char *wrapped, apr_pool_t *pool)
{
    unsigned char wrapping[DOSSIER_AEAD_KEY];
    unsigned char *bytes;
    apr_size_t bound_length;
    apr_size_t length;
    const char *binding;
    apr_status_t status;

    if (!object_id || !wrapped) {
        return APR_EMISMATCH;
    }
    if (!key_id || !derive(wrapping, ring, key_id, WRAP)) {
        return APR_NOTFOUND;
    }
    binding = wrap_binding(&bound_length, object_id, size, pool);
    status = open_bytes(&bytes, &length, wrapping, binding, bound_length, wrapped, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (length == 32) {
        memcpy(key, bytes, 32);
    }
    dossier_secrets_wipe(bytes, length);
    return length == 32 ? APR_SUCCESS : APR_EMISMATCH;
}
