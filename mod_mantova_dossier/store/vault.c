#include "store/vault.h"

#include <string.h>

static apr_status_t read_texts(apr_array_header_t **texts, const dossier_json_t *array,
                               apr_pool_t *pool)
{
    *texts = apr_array_make(pool, 16, sizeof(const char *));
    for (apr_size_t i = 0; i < dossier_json_length(array); i++) {
        const char *text = dossier_json_text_at(array, i);

        if (!text) {
            return APR_EGENERAL;
        }
        APR_ARRAY_PUSH(*texts, const char *) = text;
    }
    return APR_SUCCESS;
}

static dossier_vault_word_t word_of(const char *text)
{
    static const struct {
        const char *text;
        dossier_vault_word_t word;
    } words[] = {{"ok", DOSSIER_VAULT_OK},
                 {"missing", DOSSIER_VAULT_MISSING},
                 {"foreign", DOSSIER_VAULT_FOREIGN},
                 {"unclaimed", DOSSIER_VAULT_UNCLAIMED}};

    for (apr_size_t i = 0; text && i < sizeof(words) / sizeof(words[0]); i++) {
        if (!strcmp(words[i].text, text)) {
            return words[i].word;
        }
    }
    return DOSSIER_VAULT_UNKNOWN;
}

/* {key id: canary} */
static dossier_json_t *canaries(const dossier_keyring_t *ring, apr_pool_t *pool)
{
    const apr_array_header_t *ids = dossier_keyring_ids(ring);
    dossier_json_t *keys = dossier_json_object(pool);

    for (int i = 0; i < ids->nelts; i++) {
        const char *id = APR_ARRAY_IDX(ids, i, const char *);

        dossier_json_set(keys, id, dossier_keyring_canary(ring, id, pool));
    }
    return keys;
}

static dossier_json_t *identity_arguments(const dossier_vault_identity_t *identity,
                                          const dossier_keyring_t *ring, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);

    dossier_json_set(arguments, "id", identity->id);
    dossier_json_set_int(arguments, "seal", identity->seal);
    dossier_json_set(arguments, "seal_hash", identity->seal_hash);
    dossier_json_set(arguments, "database", identity->database);
    dossier_json_set_value(arguments, "keys", canaries(ring, pool));
    return arguments;
}

static apr_status_t read_standing(dossier_vault_standing_t *standing, apr_status_t status,
                                  const dossier_json_t *result, apr_pool_t *pool)
{
    const dossier_json_t *seal;

    *standing = (dossier_vault_standing_t){.word = DOSSIER_VAULT_UNKNOWN};
    if (status != APR_SUCCESS) {
        return status;
    }
    seal = dossier_json_get_value(result, "seal");
    standing->word = word_of(dossier_json_get(result, "vault"));
    standing->behind = dossier_json_get_bool(result, "behind", 0);
    standing->other = dossier_json_get_bool(result, "other_database", 0);
    standing->database = dossier_json_get(result, "database");
    standing->accepted = dossier_json_get_bool(result, "accepted", 0);
    standing->without_documents = dossier_json_get_bool(result, "without_documents", 0);
    standing->sweep_allowed = dossier_json_get_bool(result, "sweep_allowed", 0);
    standing->id = dossier_json_get(result, "id");
    standing->seal = dossier_json_get_int(seal, "number", 0);
    standing->seal_hash = dossier_json_get(seal, "hash");
    standing->wrong_key = dossier_json_get(result, "wrong_key");
    standing->new_keys = dossier_json_get_bool(result, "new_keys", 0);
    return standing->word == DOSSIER_VAULT_UNKNOWN || !standing->database
               ? APR_EGENERAL
               : read_texts(&standing->documents, dossier_json_get_value(result, "documents"),
                            pool);
}

apr_status_t dossier_store_vault_ask(dossier_vault_standing_t *standing, dossier_db_t *db,
                                     const dossier_function_t *function,
                                     const dossier_vault_identity_t *identity,
                                     const dossier_keyring_t *ring, apr_pool_t *pool)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_db_call(&result, db, function, identity_arguments(identity, ring, pool), pool);

    return read_standing(standing, status, result, pool);
}

apr_status_t dossier_store_keys_note(dossier_db_t *db, const dossier_keyring_t *ring,
                                     apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;

    dossier_json_set_value(arguments, "keys", canaries(ring, pool));
    return dossier_db_call(&result, db, &dossier_fn.key_note, arguments, pool);
}

static apr_status_t read_set(apr_hash_t **set, const dossier_json_t *array, apr_pool_t *pool)
{
    apr_array_header_t *texts;

    *set = apr_hash_make(pool);
    if (!array || dossier_json_type(array) != DOSSIER_JSON_ARRAY ||
        read_texts(&texts, array, pool) != APR_SUCCESS) {
        return APR_EGENERAL;
    }
    for (int i = 0; i < texts->nelts; i++) {
        const char *text = APR_ARRAY_IDX(texts, i, const char *);

        apr_hash_set(*set, text, APR_HASH_KEY_STRING, text);
    }
    return APR_SUCCESS;
}

apr_status_t dossier_store_vault_live(apr_hash_t **live, apr_hash_t **destroyed, dossier_db_t *db,
                                      const apr_array_header_t *objects, apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;
    apr_status_t status;

    dossier_json_set_value(arguments, "objects", dossier_json_texts(objects, pool));
    status = dossier_db_call(&result, db, &dossier_fn.vault_live, arguments, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    status = read_set(live, dossier_json_get_value(result, "live"), pool);
    if (status == APR_SUCCESS) {
        status = read_set(destroyed, dossier_json_get_value(result, "destroyed"), pool);
    }
    return dossier_db_outcome_is(result, "ok") ? status : APR_EGENERAL;
}

apr_status_t dossier_store_vault_newest(apr_array_header_t **objects, dossier_db_t *db, int limit,
                                        apr_pool_t *pool)
{
    dossier_json_t *arguments = dossier_json_object(pool);
    dossier_json_t *result;
    apr_status_t status;

    dossier_json_set_int(arguments, "limit", limit);
    status = dossier_db_call(&result, db, &dossier_fn.vault_newest, arguments, pool);
    return status == APR_SUCCESS
               ? read_texts(objects, dossier_json_get_value(result, "objects"), pool)
               : status;
}

dossier_json_t *dossier_store_receipt(const dossier_vault_receipt_t *kept, apr_pool_t *pool)
{
    dossier_json_t *receipt = dossier_json_object(pool);

    dossier_json_set(receipt, "object_id", kept->object_id);
    dossier_json_set_int(receipt, "size", kept->size);
    dossier_json_set(receipt, "sha256", kept->sha256);
    dossier_json_set(receipt, "key_id", kept->key_id);
    return dossier_json_set(receipt, "wrapped_key", kept->wrapped_key);
}

dossier_vault_receipt_t dossier_store_receipt_read(const dossier_json_t *stored)
{
    return (dossier_vault_receipt_t){
        .object_id = dossier_json_get(stored, "object_id"),
        .size = (apr_off_t)dossier_json_get_int(stored, "size", 0),
        .sha256 = dossier_json_get(stored, "sha256"),
        .key_id = dossier_json_get(stored, "key_id"),
        .wrapped_key = dossier_json_get(stored, "wrapped_key"),
    };
}
