#include "vault/canary.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>

#include "domain/secrets.h"
#include "vault/files.h"
#include "vault/keyring_private.h"
#include "vault/store_file.h"

enum { CANARY_LIMIT = 256 };

static const char SUFFIX[] = ".canary";
static const char KEYS[] = "keys";

typedef struct {
    const char **error;
    const char *folder;
    const dossier_keyring_t *ring;
    int root;
    int keys; /* the folder of canaries */
    apr_pool_t *pool;
} check_t;

static apr_status_t unreadable(const check_t *check, const char *file, apr_status_t status)
{
    char reason[120];

    apr_strerror(status, reason, sizeof(reason));
    *check->error = apr_psprintf(check->pool,
                                 "%s/%s%s%s cannot be read or written (%s): let the vault's folder "
                                 "and all below belong to the user httpd runs as",
                                 check->folder, KEYS, file ? "/" : "", file ? file : "", reason);
    return status;
}

static apr_status_t refuse(const check_t *check, const char *key_id, const char *what)
{
    *check->error = apr_psprintf(check->pool,
                                 "the key \"%s\" %s, but documents and codes may be sealed with "
                                 "it: put its line back into the key file from your backup; only "
                                 "if nothing was ever sealed with it, remove %s/%s/%s%s",
                                 key_id, what, check->folder, KEYS, key_id, SUFFIX);
    return APR_EMISMATCH;
}

/* What the canary of this key has to hold; NULL when the ring does not have it. */
static const char *expected(const check_t *check, const char *key_id)
{
    const char *canary = dossier_keyring_canary(check->ring, key_id, check->pool);

    return canary ? apr_pstrcat(check->pool, canary, "\n", NULL) : NULL;
}

static apr_status_t compare(const check_t *check, const char *key_id)
{
    const char *name = apr_pstrcat(check->pool, key_id, SUFFIX, NULL);
    const char *canary = expected(check, key_id);
    char text[CANARY_LIMIT + 1];
    apr_off_t size;
    int file;
    apr_status_t status;

    if (!canary) {
        return refuse(check, key_id, "is missing from the key file");
    }
    status = dossier_files_open(&file, &size, check->keys, name);
    if (status != APR_SUCCESS) {
        return unreadable(check, name, status);
    }
    if (size > CANARY_LIMIT) {
        size = CANARY_LIMIT;
    }
    status = dossier_files_read(file, 0, text, (apr_size_t)size);
    close(file);
    if (status != APR_SUCCESS) {
        return unreadable(check, name, status);
    }
    text[size] = '\0';
    if (!dossier_secrets_equal(canary, text)) {
        return refuse(check, key_id, "in the key file is another than the vault was written with");
    }
    return APR_SUCCESS;
}

/* The key id of a canary's file name, else NULL. */
static const char *key_id_of(const char *name, apr_pool_t *pool)
{
    apr_size_t length = strlen(name);
    apr_size_t suffix = sizeof(SUFFIX) - 1;
    const char *id;

    if (length <= suffix || strcmp(name + length - suffix, SUFFIX) != 0) {
        return NULL;
    }
    id = apr_pstrmemdup(pool, name, length - suffix);
    return dossier_keyring_is_id(id) ? id : NULL;
}

static apr_status_t compare_all(const check_t *check)
{
    const char *name;
    struct stat info;
    DIR *stream;
    apr_status_t status = dossier_files_list(&stream, check->keys);

    if (status != APR_SUCCESS) {
        return unreadable(check, NULL, status);
    }
    for (;;) {
        const char *id;

        status = dossier_files_next(&name, &info, stream);
        if (status != APR_SUCCESS) {
            status = unreadable(check, NULL, status);
            break;
        }
        id = name ? key_id_of(name, check->pool) : NULL;
        if (!name || (id && (status = compare(check, id)) != APR_SUCCESS)) {
            break;
        }
    }
    closedir(stream);
    return status;
}

static apr_status_t write_canary(const check_t *check, int incoming, const char *temporary,
                                 const char *key_id)
{
    const char *canary = expected(check, key_id);
    int file;
    apr_status_t status = dossier_files_create(&file, incoming, temporary);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_write(file, canary, strlen(canary));
    if (status == APR_SUCCESS) {
        status = dossier_files_sync(file);
    }
    close(file);
    if (status == APR_SUCCESS) {
        status = dossier_files_publish(incoming, temporary, check->keys,
                                       apr_pstrcat(check->pool, key_id, SUFFIX, NULL));
    }
    if (status != APR_SUCCESS) {
        dossier_files_remove(incoming, temporary);
    }
    return status;
}

/* One that stands already was compared before. One that another process made in between is compared
   now: two servers may start at once. */
static apr_status_t make_canary(const check_t *check, const char *key_id)
{
    const char *name = apr_pstrcat(check->pool, key_id, SUFFIX, NULL);
    const char *temporary = dossier_files_temporary("canary", check->pool);
    int incoming;
    apr_status_t status;

    if (faccessat(check->keys, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return APR_SUCCESS;
    }
    status = dossier_files_enter(&incoming, check->root, DOSSIER_STORE_FILE_INCOMING, 1);
    if (status == APR_SUCCESS) {
        status = write_canary(check, incoming, temporary, key_id);
        close(incoming);
    }
    if (APR_STATUS_IS_EEXIST(status)) {
        return compare(check, key_id);
    }
    return status == APR_SUCCESS ? APR_SUCCESS : unreadable(check, name, status);
}

static apr_status_t make_all(const check_t *check)
{
    const apr_array_header_t *ids = dossier_keyring_ids(check->ring);
    apr_status_t status = APR_SUCCESS;

    for (int i = 0; i < ids->nelts && status == APR_SUCCESS; i++) {
        status = make_canary(check, APR_ARRAY_IDX(ids, i, const char *));
    }
    if (status == APR_SUCCESS) {
        status = dossier_files_sync(check->keys);
        if (status == APR_SUCCESS) {
            status = dossier_files_sync(check->root);
        }
        if (status != APR_SUCCESS) {
            return unreadable(check, NULL, status);
        }
    }
    return status;
}

apr_status_t dossier_canary_check(const char **error, const char *folder,
                                  const dossier_keyring_t *ring, apr_pool_t *pool)
{
    check_t check = {error, folder, ring, -1, -1, pool};
    apr_status_t status = dossier_files_folder(&check.root, folder);

    if (status != APR_SUCCESS) {
        return unreadable(&check, NULL, status);
    }
    status = dossier_files_enter(&check.keys, check.root, KEYS, 1);
    if (status != APR_SUCCESS) {
        close(check.root);
        return unreadable(&check, NULL, status);
    }
    status = compare_all(&check);
    if (status == APR_SUCCESS) {
        status = make_all(&check);
    }
    close(check.keys);
    close(check.root);
    return status;
}
