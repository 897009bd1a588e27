/*
 * Objects that no row names, out of the way: <folder>/quarantine/<id>, on the same file system.
 * They are opened and removed by their name as any other. A file's time is when it was set aside; a
 * copy of the vault keeps it.
 */
#include <apr_strings.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/secrets.h"
#include "vault/files.h"
#include "vault/store_file.h"

/* The three folders of a move, open; -1: not. */
typedef struct {
    int root;
    int aside;
    dossier_store_file_leaf_t leaf;
} places_t;

static apr_status_t enter(places_t *places, const char *folder, const char *name)
{
    apr_status_t status = dossier_files_folder(&places->root, folder);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_enter(&places->aside, places->root, DOSSIER_STORE_FILE_ASIDE, 1);
    if (status == APR_SUCCESS) {
        status = dossier_store_file_leaf(&places->leaf, places->root, name, 1);
        if (status != APR_SUCCESS) {
            close(places->aside);
        }
    }
    if (status != APR_SUCCESS) {
        close(places->root);
    }
    return status;
}

/* Both folders are synced, or after a crash the file might be in neither. */
static apr_status_t leave(const places_t *places, apr_status_t status)
{
    if (APR_STATUS_IS_EEXIST(status) || APR_STATUS_IS_ENOENT(status)) {
        status = APR_SUCCESS;
    } else if (status == APR_SUCCESS) {
        status = dossier_files_sync(places->leaf.inner);
        if (status == APR_SUCCESS) {
            status = dossier_files_sync(places->aside);
        }
    }
    dossier_store_file_leave(&places->leaf);
    close(places->aside);
    close(places->root);
    return status;
}

apr_status_t dossier_store_file_move(dossier_vault_store_t *store, const char *name,
                                     dossier_vault_way_t way, apr_pool_t *pool)
{
    places_t places;
    apr_status_t status = enter(&places, store->state, name);

    (void)pool;
    if (status != APR_SUCCESS) {
        return status;
    }
    if (way == DOSSIER_VAULT_BACK) {
        return leave(&places, dossier_files_publish(places.aside, name, places.leaf.inner, name));
    }
    utimensat(places.leaf.inner, name, NULL, AT_SYMLINK_NOFOLLOW);
    return leave(&places, dossier_files_publish(places.leaf.inner, name, places.aside, name));
}

static apr_status_t walk(int folder,
                         void (*each)(void *context, const char *name, apr_time_t since),
                         void *context, apr_pool_t *pool)
{
    const char *name;
    struct stat info;
    DIR *stream;
    apr_status_t status = dossier_files_list(&stream, folder);

    if (status != APR_SUCCESS) {
        return status;
    }
    while ((status = dossier_files_next(&name, &info, stream)) == APR_SUCCESS && name) {
        if (S_ISREG(info.st_mode) && dossier_secrets_is_uuid(name)) {
            each(context, apr_pstrdup(pool, name), apr_time_from_sec(info.st_mtim.tv_sec));
        }
    }
    closedir(stream);
    return status;
}

apr_status_t dossier_store_file_each_aside(dossier_vault_store_t *store,
                                           void (*each)(void *context, const char *name,
                                                        apr_time_t since),
                                           void *context, apr_pool_t *pool)
{
    int root;
    int aside;
    apr_status_t status = dossier_files_folder(&root, store->state);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_enter(&aside, root, DOSSIER_STORE_FILE_ASIDE, 0);
    close(root);
    if (status != APR_SUCCESS) {
        return APR_STATUS_IS_ENOENT(status) ? APR_SUCCESS : status;
    }
    status = walk(aside, each, context, pool);
    close(aside);
    return status;
}
