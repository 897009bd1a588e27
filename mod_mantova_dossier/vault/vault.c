#include "vault/vault_private.h"

#include "domain/secrets.h"
#include "vault/canary.h"

apr_status_t dossier_vault_open(dossier_vault_t **vault, const char **error, const char *folder,
                                const dossier_keyring_t *ring, apr_pool_t *pool)
{
    dossier_vault_store_t *store;
    apr_status_t status = dossier_vault_store_file(&store, error, folder, pool);

    if (status == APR_SUCCESS) {
        status = dossier_canary_check(error, folder, ring, pool);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    *vault = apr_palloc(pool, sizeof(**vault));
    **vault = (dossier_vault_t){store, ring, DOSSIER_SEALED_CHUNK_LOG2};
    return APR_SUCCESS;
}

apr_status_t dossier_vault_remove(dossier_vault_t *vault, const char *object_id, apr_pool_t *pool)
{
    if (!dossier_secrets_is_uuid(object_id)) {
        return APR_EINVAL;
    }
    return vault->store->remove(vault->store, object_id, pool);
}

apr_status_t dossier_vault_sweep(dossier_vault_t *vault, apr_time_t before,
                                 int (*each)(void *context, const char *object_id), void *context,
                                 apr_pool_t *pool)
{
    return vault->store->sweep(vault->store, before, each, context, pool);
}

apr_status_t dossier_vault_check(dossier_vault_t *vault, apr_pool_t *pool)
{
    return vault->store->check(vault->store, pool);
}

apr_status_t dossier_vault_space(apr_uint64_t *left, apr_uint64_t *whole, dossier_vault_t *vault)
{
    return vault->store->space(left, whole, vault->store);
}
