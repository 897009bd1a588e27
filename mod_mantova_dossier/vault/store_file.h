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

apr_status_t dossier_store_file_sweep(dossier_vault_store_t *store, apr_time_t before,
                                      int (*each)(void *context, const char *name), void *context,
                                      apr_pool_t *pool);

#endif
