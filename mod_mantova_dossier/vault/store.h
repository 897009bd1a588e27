/*
 * A back end for sealed files: a table of functions, store_file.c behind it (later S3).
 * Names are object ids (UUIDs); contents are sealed, a back end never sees plaintext or keys.
 */
#ifndef DOSSIER_VAULT_STORE_H
#define DOSSIER_VAULT_STORE_H

#include <apr_pools.h>
#include <apr_time.h>

#include "vault/vault.h"

typedef struct dossier_vault_store_t dossier_vault_store_t;
typedef struct dossier_vault_sink_t dossier_vault_sink_t;     /* an object being written */
typedef struct dossier_vault_source_t dossier_vault_source_t; /* an object being read */

struct dossier_vault_store_t {
    /* Makes what an empty folder lacks; before that nothing can be created. *error says what to do.
     */
    apr_status_t (*prepare)(dossier_vault_store_t *store, const char **error, apr_pool_t *pool);

    /* Nothing is visible under the name before commit() has answered APR_SUCCESS. */
    apr_status_t (*create)(dossier_vault_sink_t **sink, dossier_vault_store_t *store,
                           const char *name, apr_pool_t *pool);
    apr_status_t (*write)(dossier_vault_sink_t *sink, const void *data, apr_size_t length);
    apr_status_t (*commit)(dossier_vault_sink_t *sink); /* durable when it returns success */
    void (*abort)(dossier_vault_sink_t *sink);

    /* APR_ENOENT when there is no such object. */
    apr_status_t (*open)(dossier_vault_source_t **source, apr_off_t *size,
                         dossier_vault_store_t *store, const char *name, apr_pool_t *pool);
    apr_status_t (*read)(dossier_vault_source_t *source, apr_off_t offset, void *buffer,
                         apr_size_t length); /* all of it, or an error; APR_EOF when short */

    /* Removing what is not there is success. */
    apr_status_t (*remove)(dossier_vault_store_t *store, const char *name, apr_pool_t *pool);
    apr_status_t (*sweep)(dossier_vault_store_t *store, apr_time_t before,
                          int (*each)(void *context, const char *name), void *context,
                          apr_pool_t *pool);
    /* Whether something can be written just now. */
    apr_status_t (*check)(dossier_vault_store_t *store, apr_pool_t *pool);
    /* Bytes that can still be written, and of all there are. */
    apr_status_t (*space)(apr_uint64_t *left, apr_uint64_t *whole, dossier_vault_store_t *store);

    /* Set aside: out of the way, and still opened by its name. In both directions what is not there
       is success, and so is what stands there already. */
    apr_status_t (*move)(dossier_vault_store_t *store, const char *name, dossier_vault_way_t way,
                         apr_pool_t *pool);
    apr_status_t (*each_aside)(dossier_vault_store_t *store,
                               void (*each)(void *context, const char *name, apr_time_t since),
                               void *context, apr_pool_t *pool);

    /* Small texts beside the objects, durable when written. With a sink: of the place that one
       writes to, whatever stands there by now. APR_ENOENT: there is none. */
    apr_status_t (*note_read)(const char **text, dossier_vault_store_t *store,
                              dossier_vault_sink_t *sink, const char *name, apr_pool_t *pool);
    /* APR_EEXIST where there is one, unless `replace`. */
    apr_status_t (*note_write)(dossier_vault_store_t *store, const char *name, const char *text,
                               int replace, apr_pool_t *pool);

    /* Texts that grow, by their name; removed when not written to since `before`. */
    apr_status_t (*list_add)(dossier_vault_store_t *store, const char *name, const char *text,
                             apr_pool_t *pool);
    apr_status_t (*each_list)(dossier_vault_store_t *store, apr_time_t before,
                              void (*each)(void *context, const char *text), void *context,
                              apr_pool_t *pool);
    void *state;
};

/* Files in two levels of folders below `folder`, named by the first characters of the id. */
apr_status_t dossier_vault_store_file(dossier_vault_store_t **store, const char **error,
                                      const char *folder, apr_pool_t *pool);

#endif
