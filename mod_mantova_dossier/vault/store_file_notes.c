/* What the file store says of itself: small files beside the objects' folders, and lists in
 * destroyed/. */
#include <apr_strings.h>
#include <apr_tables.h>

#include <unistd.h>

#include "vault/files.h"
#include "vault/store_file.h"

enum { NOTE_LIMIT = 256, LIST_LIMIT = 64 * 1024 * 1024 };

apr_status_t dossier_store_file_note(const char **text, int root, const char *name,
                                     apr_pool_t *pool)
{
    return dossier_files_text(text, root, name, NOTE_LIMIT, pool);
}

apr_status_t dossier_store_file_note_write(dossier_vault_store_t *store, const char *name,
                                           const char *text, int replace, apr_pool_t *pool)
{
    int root;
    int incoming;
    apr_status_t status = dossier_files_folder(&root, store->state);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_enter(&incoming, root, DOSSIER_STORE_FILE_INCOMING, 1);
    if (status == APR_SUCCESS) {
        status = replace ? dossier_files_replace(root, name, text, incoming, pool)
                         : dossier_files_put(root, name, text, incoming, pool);
        close(incoming);
    }
    if (status == APR_SUCCESS) {
        status = dossier_files_sync(root);
    }
    close(root);
    return status;
}

static apr_status_t enter_lists(int *lists, const dossier_vault_store_t *store, int make)
{
    int root;
    apr_status_t status = dossier_files_folder(&root, store->state);

    if (status == APR_SUCCESS) {
        status = dossier_files_enter(lists, root, DOSSIER_STORE_FILE_LISTS, make);
        close(root);
    }
    return status;
}

apr_status_t dossier_store_file_list_add(dossier_vault_store_t *store, const char *name,
                                         const char *text, apr_pool_t *pool)
{
    int lists;
    apr_status_t status = enter_lists(&lists, store, 1);

    (void)pool;
    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_append(lists, name, text);
    if (status == APR_SUCCESS) {
        status = dossier_files_sync(lists);
    }
    close(lists);
    return status;
}

/* The names first: nothing is removed while the folder is read. */
static apr_status_t names_of(apr_array_header_t *current, apr_array_header_t *old, int lists,
                             apr_time_t before)
{
    const char *name;
    struct stat info;
    DIR *stream;
    apr_status_t status = dossier_files_list(&stream, lists);

    if (status != APR_SUCCESS) {
        return status;
    }
    while ((status = dossier_files_next(&name, &info, stream)) == APR_SUCCESS && name) {
        if (S_ISREG(info.st_mode)) {
            int is_old = apr_time_from_sec(info.st_mtim.tv_sec) < before;
            apr_array_header_t *names = is_old ? old : current;

            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(names->pool, name);
        }
    }
    closedir(stream);
    return status;
}

apr_status_t dossier_store_file_each_list(dossier_vault_store_t *store, apr_time_t before,
                                          void (*each)(void *context, const char *text),
                                          void *context, apr_pool_t *pool)
{
    apr_array_header_t *current = apr_array_make(pool, 32, sizeof(const char *));
    apr_array_header_t *old = apr_array_make(pool, 8, sizeof(const char *));
    int lists;
    apr_status_t status = enter_lists(&lists, store, 0);

    if (status != APR_SUCCESS) {
        return APR_STATUS_IS_ENOENT(status) ? APR_SUCCESS : status;
    }
    status = names_of(current, old, lists, before);
    for (int i = 0; i < old->nelts && status == APR_SUCCESS; i++) {
        status = dossier_files_remove(lists, APR_ARRAY_IDX(old, i, const char *));
    }
    for (int i = 0; each && i < current->nelts && status == APR_SUCCESS; i++) {
        const char *text;

        status = dossier_files_text(&text, lists, APR_ARRAY_IDX(current, i, const char *),
                                    LIST_LIMIT, pool);
        if (status == APR_SUCCESS) {
            each(context, text);
        }
    }
    close(lists);
    return status;
}
