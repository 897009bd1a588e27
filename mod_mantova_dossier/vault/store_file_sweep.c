/*
 * Walks the file store. Temporary files that nobody has written to for long are removed; objects
 * are shown to the caller. A file that is neither (put there by hand) is left alone, and so is
 * everything beside tmp/ and the objects' folders.
 */
#include <apr_strings.h>
#include <apr_tables.h>

#include <string.h>
#include <unistd.h>

#include "base/secrets.h"
#include "vault/files.h"
#include "vault/store_file.h"

typedef struct {
    apr_time_t before;
    int (*each)(void *context, const char *name);
    void *context;
    apr_status_t status; /* the first failure; the walk goes on */
} sweep_t;

static void note(sweep_t *sweep, apr_status_t status)
{
    if (sweep->status == APR_SUCCESS && !APR_STATUS_IS_ENOENT(status)) {
        sweep->status = status;
    }
}

static int is_old_file(const sweep_t *sweep, const char *name, const struct stat *info)
{
    apr_time_t modified = apr_time_from_sec(info->st_mtim.tv_sec) + info->st_mtim.tv_nsec / 1000;

    (void)name;
    return S_ISREG(info->st_mode) && modified < sweep->before;
}

static int is_old_object(const sweep_t *sweep, const char *name, const struct stat *info)
{
    return dossier_secrets_is_uuid(name) && is_old_file(sweep, name, info);
}

static int is_hex_folder(const sweep_t *sweep, const char *name, const struct stat *info)
{
    (void)sweep;
    return S_ISDIR(info->st_mode) && strlen(name) == 2 && strspn(name, "0123456789abcdef") == 2;
}

/* The wanted names of a folder, as a batch: nothing is removed while the folder is read. */
static apr_array_header_t *
collect(sweep_t *sweep, int folder,
        int (*wanted)(const sweep_t *, const char *, const struct stat *), apr_pool_t *pool)
{
    apr_array_header_t *names = apr_array_make(pool, 32, sizeof(const char *));
    const char *name;
    struct stat info;
    DIR *stream;
    apr_status_t status = dossier_files_list(&stream, folder);

    if (status != APR_SUCCESS) {
        note(sweep, status);
        return names;
    }
    while ((status = dossier_files_next(&name, &info, stream)) == APR_SUCCESS && name) {
        if (wanted(sweep, name, &info)) {
            APR_ARRAY_PUSH(names, const char *) = apr_pstrdup(pool, name);
        }
    }
    note(sweep, status);
    closedir(stream);
    return names;
}

static void sweep_incoming(sweep_t *sweep, int folder, apr_pool_t *pool)
{
    apr_array_header_t *names = collect(sweep, folder, is_old_file, pool);

    for (int i = 0; i < names->nelts; i++) {
        sweep->each(sweep->context, NULL);
        note(sweep, dossier_files_remove(folder, APR_ARRAY_IDX(names, i, const char *)));
    }
}

static void sweep_objects(sweep_t *sweep, int folder, apr_pool_t *pool)
{
    apr_array_header_t *names = collect(sweep, folder, is_old_object, pool);

    for (int i = 0; i < names->nelts; i++) {
        const char *name = APR_ARRAY_IDX(names, i, const char *);

        if (sweep->each(sweep->context, name)) {
            note(sweep, dossier_files_remove(folder, name));
        }
    }
}

/* Enters a folder, works there with a pool of its own, and leaves. */
static void visit(sweep_t *sweep, int parent, const char *name,
                  void (*work)(sweep_t *, int, apr_pool_t *), apr_pool_t *pool)
{
    apr_pool_t *own;
    int folder;
    apr_status_t status = dossier_files_enter(&folder, parent, name, 0);

    if (status != APR_SUCCESS) {
        note(sweep, status);
        return;
    }
    apr_pool_create(&own, pool);
    work(sweep, folder, own);
    apr_pool_destroy(own);
    close(folder);
}

static void sweep_inner(sweep_t *sweep, int folder, apr_pool_t *pool)
{
    apr_array_header_t *names = collect(sweep, folder, is_hex_folder, pool);

    for (int i = 0; i < names->nelts; i++) {
        visit(sweep, folder, APR_ARRAY_IDX(names, i, const char *), sweep_objects, pool);
    }
}

static void sweep_outer(sweep_t *sweep, int root, apr_pool_t *pool)
{
    apr_array_header_t *names = collect(sweep, root, is_hex_folder, pool);

    for (int i = 0; i < names->nelts; i++) {
        visit(sweep, root, APR_ARRAY_IDX(names, i, const char *), sweep_inner, pool);
    }
    visit(sweep, root, DOSSIER_STORE_FILE_INCOMING, sweep_incoming, pool);
}

apr_status_t dossier_store_file_sweep(dossier_vault_store_t *store, apr_time_t before,
                                      int (*each)(void *context, const char *name), void *context,
                                      apr_pool_t *pool)
{
    sweep_t sweep = {before, each, context, APR_SUCCESS};
    apr_pool_t *own;
    int root;
    apr_status_t status = dossier_files_folder(&root, store->state);

    if (status != APR_SUCCESS) {
        return status;
    }
    apr_pool_create(&own, pool);
    sweep_outer(&sweep, root, own);
    apr_pool_destroy(own);
    close(root);
    return sweep.status;
}
