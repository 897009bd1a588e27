#include "store/code.h"

#include "base/secrets.h"
#include "domain/code.h"

dossier_json_t *dossier_store_code_make(const dossier_keyring_t *keyring, apr_pool_t *pool)
{
    const char *id = dossier_secrets_uuid(pool);
    const char *digits = dossier_verification_code_make(pool);
    const char *key_id = dossier_keyring_current(keyring);
    const char *mac = dossier_store_code_mac(keyring, key_id, id, digits, pool);
    const char *sealed = dossier_keyring_seal(keyring, id, digits, pool);
    dossier_json_t *code;

    if (!mac || !sealed) {
        return NULL;
    }
    code = dossier_json_object(pool);
    dossier_json_set(code, "id", id);
    dossier_json_set(code, "key_id", key_id);
    dossier_json_set(code, "mac", mac);
    dossier_json_set(code, "sealed", sealed);
    return code;
}

const char *dossier_store_code_mac(const dossier_keyring_t *keyring, const char *key_id,
                                   const char *code_id, const char *digits, apr_pool_t *pool)
{
    return dossier_keyring_mac(keyring, key_id, "verification", code_id, digits, pool);
}

dossier_json_t *dossier_store_code_keys(const dossier_keyring_t *keyring, apr_pool_t *pool)
{
    return dossier_json_texts(dossier_keyring_ids(keyring), pool);
}

const char *dossier_store_activation_mac(const dossier_keyring_t *keyring, const char *key_id,
                                         const char *codice_fiscale, const char *code,
                                         apr_pool_t *pool)
{
    return dossier_keyring_mac(keyring, key_id, "activation", codice_fiscale, code, pool);
}

dossier_json_t *dossier_store_activation_macs(const dossier_keyring_t *keyring,
                                              const char *codice_fiscale, const char *code,
                                              apr_pool_t *pool)
{
    const apr_array_header_t *ids = dossier_keyring_ids(keyring);
    dossier_json_t *macs = dossier_json_object(pool);

    for (int i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);

        dossier_json_set(macs, id,
                         dossier_store_activation_mac(keyring, id, codice_fiscale, code, pool));
    }
    ids = dossier_keyring_lost_ids(keyring);
    for (int i = 0; i < ids->nelts; i++) {
        dossier_json_set_value(macs, APR_ARRAY_IDX(ids, i, const char *), NULL);
    }
    return macs;
}
