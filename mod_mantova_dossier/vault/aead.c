#include "vault/aead.h"

#include <openssl/evp.h>

#include <limits.h>

#include "base/secrets.h"

struct dossier_aead_t {
    EVP_CIPHER_CTX *cipher;
    apr_pool_t *pool;
};

static apr_status_t free_cipher(void *data)
{
    dossier_aead_t *aead = data;

    EVP_CIPHER_CTX_free(aead->cipher); /* wipes the key schedule */
    aead->cipher = NULL;
    return APR_SUCCESS;
}

apr_status_t dossier_aead_create(dossier_aead_t **aead, const unsigned char key[DOSSIER_AEAD_KEY],
                                 apr_pool_t *pool)
{
    dossier_aead_t *made = apr_pcalloc(pool, sizeof(*made));

    made->pool = pool;
    made->cipher = EVP_CIPHER_CTX_new();
    if (!made->cipher) {
        return APR_ENOMEM;
    }
    apr_pool_cleanup_register(pool, made, free_cipher, apr_pool_cleanup_null);
    if (EVP_EncryptInit_ex(made->cipher, EVP_aes_256_gcm(), NULL, key, NULL) != 1) {
        dossier_aead_destroy(made);
        return APR_EGENERAL;
    }
    *aead = made;
    return APR_SUCCESS;
}

void dossier_aead_destroy(dossier_aead_t *aead)
{
    apr_pool_cleanup_run(aead->pool, aead, free_cipher);
}

apr_status_t dossier_aead_seal(unsigned char *out, dossier_aead_t *aead,
                               const unsigned char nonce[DOSSIER_AEAD_NONCE], const void *bound,
                               apr_size_t bound_length, const void *text, apr_size_t length)
{
    EVP_CIPHER_CTX *cipher = aead->cipher;
    int done = 0;

    if (length > INT_MAX || bound_length > INT_MAX) {
        return APR_EINVAL;
    }
    if (EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) != 1 ||
        EVP_EncryptUpdate(cipher, NULL, &done, bound, (int)bound_length) != 1 ||
        (length > 0 && EVP_EncryptUpdate(cipher, out, &done, text, (int)length) != 1) ||
        EVP_EncryptFinal_ex(cipher, out + length, &done) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, DOSSIER_AEAD_TAG, out + length) != 1) {
        return APR_EGENERAL;
    }
    return APR_SUCCESS;
}

apr_status_t dossier_aead_open(unsigned char *out, dossier_aead_t *aead,
                               const unsigned char nonce[DOSSIER_AEAD_NONCE], const void *bound,
                               apr_size_t bound_length, const void *sealed, apr_size_t length)
{
    EVP_CIPHER_CTX *cipher = aead->cipher;
    unsigned char tag[DOSSIER_AEAD_TAG];
    apr_size_t text = length - DOSSIER_AEAD_TAG;
    int done = 0;

    if (length < DOSSIER_AEAD_TAG) {
        return APR_EMISMATCH;
    }
    if (length > INT_MAX || bound_length > INT_MAX) {
        return APR_EINVAL;
    }
    for (int i = 0; i < DOSSIER_AEAD_TAG; i++) {
        tag[i] = ((const unsigned char *)sealed)[text + i];
    }
    if (EVP_DecryptInit_ex(cipher, NULL, NULL, NULL, nonce) != 1 ||
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, DOSSIER_AEAD_TAG, tag) != 1 ||
        EVP_DecryptUpdate(cipher, NULL, &done, bound, (int)bound_length) != 1 ||
        (text > 0 && EVP_DecryptUpdate(cipher, out, &done, sealed, (int)text) != 1) ||
        EVP_DecryptFinal_ex(cipher, out + text, &done) != 1) {
        dossier_secrets_wipe(out, text); /* what was decrypted before the tag was compared */
        return APR_EMISMATCH;
    }
    return APR_SUCCESS;
}
