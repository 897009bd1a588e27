/*
 * Objects as files: <folder>/3f/2a/3f2a....; while being written, <folder>/tmp/<id>.<random>.
 * A temporary file whose writer died stays in tmp/ until the sweep finds it. What no row named
 * stands in <folder>/quarantine/.
 */
#include "vault/store_file.h"

#include <apr_strings.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "vault/files.h"

struct dossier_vault_sink_t {
    int root;
    int incoming; /* the folder of temporary files */
    int file;
    const char *name;
    const char *temporary;
    apr_pool_t *pool;
};

struct dossier_vault_source_t {
    int file;
};

apr_status_t dossier_store_file_leaf(dossier_store_file_leaf_t *leaf, int root, const char *name,
                                     int make)
{
    const char outer[] = {name[0], name[1], '\0'};
    const char inner[] = {name[2], name[3], '\0'};
    apr_status_t status = dossier_files_enter(&leaf->outer, root, outer, make);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_enter(&leaf->inner, leaf->outer, inner, make);
    if (status != APR_SUCCESS) {
        close(leaf->outer);
    }
    return status;
}

void dossier_store_file_leave(const dossier_store_file_leaf_t *leaf)
{
    close(leaf->inner);
    close(leaf->outer);
}

static void close_once(int *descriptor)
{
    if (*descriptor >= 0) {
        close(*descriptor);
        *descriptor = -1;
    }
}

/* Nothing is left of an object that was not published. */
static apr_status_t drop_sink(void *data)
{
    dossier_vault_sink_t *sink = data;

    close_once(&sink->file);
    if (sink->temporary) {
        dossier_files_remove(sink->incoming, sink->temporary);
        sink->temporary = NULL;
    }
    close_once(&sink->incoming);
    close_once(&sink->root);
    return APR_SUCCESS;
}

static void abort_sink(dossier_vault_sink_t *sink)
{
    apr_pool_cleanup_run(sink->pool, sink, drop_sink);
}

static apr_status_t create_sink(dossier_vault_sink_t **sink, dossier_vault_store_t *store,
                                const char *name, apr_pool_t *pool)
{
    dossier_vault_sink_t *made = apr_palloc(pool, sizeof(*made));
    const char *temporary = dossier_files_temporary(name, pool);
    apr_status_t status;

    *made = (dossier_vault_sink_t){-1, -1, -1, apr_pstrdup(pool, name), NULL, pool};
    apr_pool_cleanup_register(pool, made, drop_sink, apr_pool_cleanup_null);
    status = dossier_files_folder(&made->root, store->state);
    if (status == APR_SUCCESS) {
        status = dossier_files_enter(&made->incoming, made->root, DOSSIER_STORE_FILE_INCOMING, 0);
    }
    if (status == APR_SUCCESS) {
        status = dossier_files_create(&made->file, made->incoming, temporary);
    }
    if (status != APR_SUCCESS) {
        abort_sink(made);
        return status;
    }
    made->temporary = temporary;
    *sink = made;
    return APR_SUCCESS;
}

static apr_status_t write_sink(dossier_vault_sink_t *sink, const void *data, apr_size_t length)
{
    return dossier_files_write(sink->file, data, length);
}

static apr_status_t publish(dossier_vault_sink_t *sink)
{
    dossier_store_file_leaf_t leaf;
    apr_status_t status = dossier_store_file_leaf(&leaf, sink->root, sink->name, 1);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_publish(sink->incoming, sink->temporary, leaf.inner, sink->name);
    if (status == APR_SUCCESS) {
        sink->temporary = NULL;
        status = dossier_files_sync(leaf.inner);
        if (status != APR_SUCCESS) {
            dossier_files_remove(leaf.inner, sink->name);
        }
    }
    dossier_store_file_leave(&leaf);
    return status;
}

static apr_status_t commit_sink(dossier_vault_sink_t *sink)
{
    apr_status_t status = dossier_files_sync(sink->file);

    if (close(sink->file) != 0 && status == APR_SUCCESS) {
        status = APR_FROM_OS_ERROR(errno);
    }
    sink->file = -1;
    if (status == APR_SUCCESS) {
        status = publish(sink);
    }
    abort_sink(sink);
    return status;
}

static apr_status_t close_source(void *data)
{
    close(((dossier_vault_source_t *)data)->file);
    return APR_SUCCESS;
}

/* Where it belongs, or set aside. */
static apr_status_t open_object(int *file, apr_off_t *size, int root, const char *name)
{
    dossier_store_file_leaf_t leaf;
    int aside;
    apr_status_t status = dossier_store_file_leaf(&leaf, root, name, 0);

    if (status == APR_SUCCESS) {
        status = dossier_files_open(file, size, leaf.inner, name);
        dossier_store_file_leave(&leaf);
    }
    if (APR_STATUS_IS_ENOENT(status) &&
        dossier_files_enter(&aside, root, DOSSIER_STORE_FILE_ASIDE, 0) == APR_SUCCESS) {
        status = dossier_files_open(file, size, aside, name);
        close(aside);
    }
    return status;
}

static apr_status_t open_source(dossier_vault_source_t **source, apr_off_t *size,
                                dossier_vault_store_t *store, const char *name, apr_pool_t *pool)
{
    int root;
    int file;
    apr_status_t status = dossier_files_folder(&root, store->state);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = open_object(&file, size, root, name);
    if (APR_STATUS_IS_ENOENT(status)) {
        status = open_object(&file, size, root, name); /* it came back meanwhile */
    }
    close(root);
    if (status != APR_SUCCESS) {
        return status;
    }
    *source = apr_palloc(pool, sizeof(**source));
    (*source)->file = file;
    apr_pool_cleanup_register(pool, *source, close_source, apr_pool_cleanup_null);
    return APR_SUCCESS;
}

static apr_status_t read_source(dossier_vault_source_t *source, apr_off_t offset, void *buffer,
                                apr_size_t length)
{
    return dossier_files_read(source->file, offset, buffer, length);
}

static apr_status_t remove_from(int root, const char *name)
{
    dossier_store_file_leaf_t leaf;
    int aside;
    apr_status_t status = dossier_store_file_leaf(&leaf, root, name, 0);

    if (status == APR_SUCCESS) {
        status = dossier_files_remove(leaf.inner, name);
        dossier_store_file_leave(&leaf);
    }
    if (status == APR_SUCCESS || APR_STATUS_IS_ENOENT(status)) {
        status = dossier_files_enter(&aside, root, DOSSIER_STORE_FILE_ASIDE, 0);
        if (status == APR_SUCCESS) {
            status = dossier_files_remove(aside, name);
            close(aside);
        }
    }
    return APR_STATUS_IS_ENOENT(status) ? APR_SUCCESS : status;
}

static apr_status_t remove_object(dossier_vault_store_t *store, const char *name, apr_pool_t *pool)
{
    int root;
    apr_status_t status = dossier_files_folder(&root, store->state);

    (void)pool;
    if (status == APR_SUCCESS) {
        status = remove_from(root, name);
        close(root);
    }
    return status;
}

static apr_status_t note_read(const char **text, dossier_vault_store_t *store,
                              dossier_vault_sink_t *sink, const char *name, apr_pool_t *pool)
{
    int root = sink ? sink->root : -1;
    apr_status_t status = sink ? APR_SUCCESS : dossier_files_folder(&root, store->state);

    if (status == APR_SUCCESS) {
        status = dossier_store_file_note(text, root, name, pool);
    }
    if (!sink) {
        close_once(&root);
    }
    return status;
}

/* Through the same calls as an object, as far as a name of its own.
   Anybody may ask for the health answer, so it costs no fsync. */
static apr_status_t check(dossier_vault_store_t *store, apr_pool_t *pool)
{
    static const char text[] = "check\n";
    dossier_vault_sink_t *sink;
    apr_status_t status = create_sink(&sink, store, "check", pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = write_sink(sink, text, sizeof(text) - 1);
    abort_sink(sink);
    return status;
}

static apr_status_t space(apr_uint64_t *left, apr_uint64_t *whole, dossier_vault_store_t *store)
{
    struct statvfs system;

    if (statvfs(store->state, &system) != 0) {
        return APR_FROM_OS_ERROR(errno);
    }
    *left = (apr_uint64_t)system.f_bavail * system.f_frsize;
    *whole = (apr_uint64_t)system.f_blocks * system.f_frsize;
    return APR_SUCCESS;
}

static int is_usable(int folder, const char *name)
{
    return faccessat(folder, name, R_OK | W_OK | X_OK, AT_EACCESS) == 0;
}

/* A folder without right is known at start. Nothing is made: it may be the place where the vault's
   file system is to be mounted. */
static apr_status_t try_folder(const char *folder)
{
    int root;
    apr_status_t status = dossier_files_folder(&root, folder);

    if (status == APR_SUCCESS) {
        status = is_usable(root, ".") ? APR_SUCCESS : APR_FROM_OS_ERROR(errno);
        close(root);
    }
    return status;
}

static apr_status_t prepare_folder(int root, const char *name)
{
    int made;
    apr_status_t status = dossier_files_enter(&made, root, name, 1);

    if (status == APR_SUCCESS) {
        status = is_usable(made, ".") ? APR_SUCCESS : APR_FROM_OS_ERROR(errno);
        close(made);
    }
    return status;
}

static apr_status_t prepare(dossier_vault_store_t *store, const char **error, apr_pool_t *pool)
{
    static const char *const names[] = {DOSSIER_STORE_FILE_INCOMING, DOSSIER_STORE_FILE_LISTS};
    char reason[120];
    int root;
    apr_status_t status = dossier_files_folder(&root, store->state);

    *error = store->state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && status == APR_SUCCESS; i++) {
        status = prepare_folder(root, names[i]);
        *error = apr_pstrcat(pool, store->state, "/", names[i], NULL);
    }
    if (status != APR_SUCCESS) {
        apr_strerror(status, reason, sizeof(reason));
        *error = apr_psprintf(pool,
                              "%s cannot be used (%s): the vault's directory and everything below "
                              "it must belong to the user httpd runs as",
                              *error, reason);
    }
    if (root >= 0) {
        close(root);
    }
    return status;
}

apr_status_t dossier_vault_store_file(dossier_vault_store_t **store, const char **error,
                                      const char *folder, apr_pool_t *pool)
{
    char reason[120];
    apr_status_t status = try_folder(folder);

    if (status != APR_SUCCESS) {
        apr_strerror(status, reason, sizeof(reason));
        *error = apr_psprintf(pool,
                              "the vault's directory %s cannot be used (%s). If it is on a file "
                              "system of its own, mount that. A new vault must belong to the user "
                              "httpd runs as: install -d -m 700 -o <user> %s",
                              folder, reason, folder);
        return status;
    }
    *store = apr_palloc(pool, sizeof(**store));
    **store = (dossier_vault_store_t){.prepare = prepare,
                                      .create = create_sink,
                                      .write = write_sink,
                                      .commit = commit_sink,
                                      .abort = abort_sink,
                                      .open = open_source,
                                      .read = read_source,
                                      .remove = remove_object,
                                      .sweep = dossier_store_file_sweep,
                                      .check = check,
                                      .space = space,
                                      .move = dossier_store_file_move,
                                      .each_aside = dossier_store_file_each_aside,
                                      .note_read = note_read,
                                      .note_write = dossier_store_file_note_write,
                                      .list_add = dossier_store_file_list_add,
                                      .each_list = dossier_store_file_each_list,
                                      .state = apr_pstrdup(pool, folder)};
    return APR_SUCCESS;
}
