/* The file store from inside: its folders, and the sweep that walks them. */
#ifndef DOSSIER_VAULT_STORE_FILE_H
#define DOSSIER_VAULT_STORE_FILE_H

#include "vault/store.h"

#define DOSSIER_STORE_FILE_INCOMING "tmp" /* temporary files, and nothing else */

/* The two folders of an object, open. */
typedef struct {
    int outer;
    int inner;
} dossier_store_file_leaf_t;

apr_status_t dossier_store_file_leaf(dossier_store_file_leaf_t *leaf, int root, const char *name,
                                     int make);
void dossier_store_file_leave(const dossier_store_file_leaf_t *leaf);

/* Beside the objects' folders */
#define DOSSIER_STORE_FILE_ASIDE "quarantine"
#define DOSSIER_STORE_FILE_LISTS "destroyed"

apr_status_t dossier_store_file_move(dossier_vault_store_t *store, const char *name,
                                     dossier_vault_way_t way, apr_pool_t *pool);
apr_status_t dossier_store_file_each_aside(dossier_vault_store_t *store,
                                           void (*each)(void *context, const char *name,
                                                        apr_time_t since),
                                           void *context, apr_pool_t *pool);

/* A note of the folder `root`. */
apr_status_t dossier_store_file_note(const char **text, int root, const char *name,
                                     apr_pool_t *pool);
apr_status_t dossier_store_file_note_write(dossier_vault_store_t *store, const char *name,
                                           const char *text, int replace, apr_pool_t *pool);
apr_status_t dossier_store_file_list_add(dossier_vault_store_t *store, const char *name,
                                         const char *text, apr_pool_t *pool);
apr_status_t dossier_store_file_each_list(dossier_vault_store_t *store, apr_time_t before,
                                          void (*each)(void *context, const char *text),
                                          void *context, apr_pool_t *pool);

apr_status_t dossier_store_file_sweep(dossier_vault_store_t *store, apr_time_t before,
                                      int (*each)(void *context, const char *name), void *context,
                                      apr_pool_t *pool);

#endif
