#include <apr_atomic.h>
#include <apr_strings.h>

#include "base/secrets.h"
#include "vault/canary.h"
#include "vault/vault_private.h"

#define MEBIBYTE ((apr_uint64_t)1024 * 1024)
#define RESERVE_LEAST MEBIBYTE
#define RESERVE_MOST (256 * MEBIBYTE)

apr_status_t dossier_vault_open(dossier_vault_t **vault, const char **error, const char *folder,
                                const dossier_keyring_t *ring, apr_pool_t *pool)
{
    dossier_vault_store_t *store;
    const char *id;
    apr_status_t status = dossier_vault_store_file(&store, error, folder, pool);

    if (status == APR_SUCCESS && dossier_vault_id(&id, store, NULL, pool) == APR_SUCCESS && id) {
        status = dossier_canary_check(error, folder, ring, 0, pool);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    *vault = apr_palloc(pool, sizeof(**vault));
    **vault = (dossier_vault_t){.store = store,
                                .ring = ring,
                                .folder = apr_pstrdup(pool, folder),
                                .chunk_log2 = DOSSIER_SEALED_CHUNK_LOG2};
    return APR_SUCCESS;
}

apr_status_t dossier_vault_take_up(const char **error, dossier_vault_t *vault, apr_pool_t *pool)
{
    apr_status_t status = vault->store->prepare(vault->store, error, pool);

    if (status == APR_SUCCESS && !dossier_vault_taken_up(vault)) {
        status = dossier_canary_check(error, vault->folder, vault->ring, 1, pool);
        apr_atomic_set32(&vault->taken_up, status == APR_SUCCESS);
    }
    return status;
}

int dossier_vault_taken_up(dossier_vault_t *vault)
{
    return apr_atomic_read32(&vault->taken_up) != 0;
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

apr_status_t dossier_vault_move(dossier_vault_t *vault, const char *object_id,
                                dossier_vault_way_t way, apr_pool_t *pool)
{
    return dossier_secrets_is_uuid(object_id)
               ? vault->store->move(vault->store, object_id, way, pool)
               : APR_EINVAL;
}

apr_status_t dossier_vault_each_aside(dossier_vault_t *vault,
                                      void (*each)(void *context, const char *object_id,
                                                   apr_time_t since),
                                      void *context, apr_pool_t *pool)
{
    return vault->store->each_aside(vault->store, each, context, pool);
}

apr_status_t dossier_vault_check(dossier_vault_t *vault, apr_pool_t *pool)
{
    return vault->store->check(vault->store, pool);
}

apr_status_t dossier_vault_space(apr_uint64_t *left, apr_uint64_t *whole, dossier_vault_t *vault)
{
    return vault->store->space(left, whole, vault->store);
}

dossier_vault_room_t dossier_vault_room_of(apr_uint64_t left, apr_uint64_t whole,
                                           apr_uint64_t coming)
{
    apr_uint64_t reserve = whole / 100;

    reserve = reserve < RESERVE_MOST ? reserve : RESERVE_MOST;
    reserve = reserve > RESERVE_LEAST ? reserve : RESERVE_LEAST;
    if (left < coming || left - coming < reserve) {
        return DOSSIER_VAULT_FULL;
    }
    return left - coming < 10 * reserve ? DOSSIER_VAULT_LOW : DOSSIER_VAULT_ROOMY;
}

dossier_vault_room_t dossier_vault_room(dossier_vault_t *vault, apr_uint64_t coming)
{
    apr_uint64_t left;
    apr_uint64_t whole;

    return dossier_vault_space(&left, &whole, vault) == APR_SUCCESS
               ? dossier_vault_room_of(left, whole, coming)
               : DOSSIER_VAULT_ROOMY;
}
