/*
 * Which vault this is: vault.id holds a UUID that the database holds too. A folder where the vault
 * is not mounted has none, another vault another. audit.seal is the newest seal of the audit: a
 * database without it is older. database.id is the database that the vault serves.
 */
#include <apr_strings.h>

#include <string.h>

#include "base/secrets.h"
#include "vault/vault_private.h"

static const char ID[] = "vault.id";
static const char SEAL[] = "audit.seal";
static const char DATABASE[] = "database.id";

enum { HASH = 64 };

static apr_status_t read_line(char **line, dossier_vault_store_t *store, dossier_vault_sink_t *sink,
                              const char *name, apr_pool_t *pool)
{
    const char *text;
    apr_status_t status = store->note_read(&text, store, sink, name, pool);

    *line = NULL;
    if (status == APR_SUCCESS) {
        *line = apr_pstrmemdup(pool, text, strcspn(text, "\r\n"));
    }
    return APR_STATUS_IS_ENOENT(status) ? APR_SUCCESS : status;
}

apr_status_t dossier_vault_id(const char **id, dossier_vault_store_t *store,
                              dossier_vault_sink_t *sink, apr_pool_t *pool)
{
    char *line;
    apr_status_t status = read_line(&line, store, sink, ID, pool);

    *id = line && dossier_secrets_is_uuid(line) ? line : NULL;
    return status;
}

apr_status_t dossier_vault_identity_id(const char **id, dossier_vault_t *vault, apr_pool_t *pool)
{
    return dossier_vault_id(id, vault->store, NULL, pool);
}

/* "NUMBER HASH"; anything else says nothing. */
static void read_seal(dossier_vault_identity_t *identity, char *line)
{
    char *rest;
    apr_int64_t number = line ? apr_strtoi64(line, &rest, 10) : 0;

    if (number > 0 && *rest == ' ' && strlen(rest + 1) == HASH) {
        identity->seal = number;
        identity->seal_hash = rest + 1;
    }
}

apr_status_t dossier_vault_identity(dossier_vault_identity_t *identity, dossier_vault_t *vault,
                                    apr_pool_t *pool)
{
    char *line;
    apr_status_t status;

    *identity = (dossier_vault_identity_t){.seal = 0};
    status = dossier_vault_id(&identity->id, vault->store, NULL, pool);
    if (status == APR_SUCCESS) {
        status = read_line(&line, vault->store, NULL, SEAL, pool);
    }
    if (status == APR_SUCCESS) {
        read_seal(identity, line);
        status = read_line(&line, vault->store, NULL, DATABASE, pool);
    }
    if (status == APR_SUCCESS) {
        identity->database = line;
    }
    return status;
}

apr_status_t dossier_vault_identify(const char **id, dossier_vault_t *vault, const char *proposed,
                                    apr_pool_t *pool)
{
    const char *line = apr_pstrcat(pool, proposed, "\n", NULL);
    apr_status_t status = vault->store->note_write(vault->store, ID, line, 0, pool);

    if (APR_STATUS_IS_EEXIST(status)) {
        status = dossier_vault_id(id, vault->store, NULL, pool);
        if (status != APR_SUCCESS || *id) {
            return status;
        }
        status = vault->store->note_write(vault->store, ID, line, 1, pool); /* it was damaged */
    }
    return status == APR_SUCCESS ? dossier_vault_id(id, vault->store, NULL, pool) : status;
}

apr_status_t dossier_vault_note_seal(dossier_vault_t *vault, apr_int64_t number, const char *hash,
                                     apr_pool_t *pool)
{
    const char *line = apr_psprintf(pool, "%" APR_INT64_T_FMT " %s\n", number, hash);

    return vault->store->note_write(vault->store, SEAL, line, 1, pool);
}

apr_status_t dossier_vault_note_database(dossier_vault_t *vault, const char *database, int replace,
                                         apr_pool_t *pool)
{
    return vault->store->note_write(vault->store, DATABASE, apr_pstrcat(pool, database, "\n", NULL),
                                    replace, pool);
}

static apr_status_t look_for(dossier_vault_t *vault, const char *object, apr_pool_t *pool)
{
    dossier_vault_source_t *source;
    apr_status_t status;
    apr_pool_t *own;
    apr_off_t size;

    if (!dossier_secrets_is_uuid(object)) {
        return APR_EINVAL;
    }
    apr_pool_create(&own, pool);
    status = vault->store->open(&source, &size, vault->store, object, own);
    apr_pool_destroy(own);
    return status;
}

int dossier_vault_holds(dossier_vault_t *vault, const apr_array_header_t *objects, apr_pool_t *pool)
{
    int found = 0;

    for (int i = 0; i < objects->nelts; i++) {
        found += look_for(vault, APR_ARRAY_IDX(objects, i, const char *), pool) == APR_SUCCESS;
    }
    return found;
}

apr_array_header_t *dossier_vault_lacks(dossier_vault_t *vault, const apr_array_header_t *objects,
                                        apr_pool_t *pool)
{
    apr_array_header_t *lacking = apr_array_make(pool, 8, sizeof(const char *));

    for (int i = 0; i < objects->nelts; i++) {
        const char *object = APR_ARRAY_IDX(objects, i, const char *);

        if (APR_STATUS_IS_ENOENT(look_for(vault, object, pool))) {
            APR_ARRAY_PUSH(lacking, const char *) = object;
        }
    }
    return lacking;
}

apr_status_t dossier_vault_destroyed_add(dossier_vault_t *vault, const char *list,
                                         const char *lines, apr_pool_t *pool)
{
    return vault->store->list_add(vault->store, list, lines, pool);
}

apr_status_t dossier_vault_destroyed_each(dossier_vault_t *vault, apr_time_t before,
                                          void (*each)(void *context, const char *lines),
                                          void *context, apr_pool_t *pool)
{
    return vault->store->each_list(vault->store, before, each, context, pool);
}
