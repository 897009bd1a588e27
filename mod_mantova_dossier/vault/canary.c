#include "vault/canary.h"

#include <apr_strings.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/secrets.h"
#include "vault/files.h"
#include "vault/key_need.h"
#include "vault/keyring_private.h"
#include "vault/store_file.h"

enum { CANARY_LIMIT = 256 };

static const char SUFFIX[] = ".canary";

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
    *check->error =
        apr_psprintf(check->pool,
                     "%s/%s%s%s cannot be read or written (%s): the vault's directory and "
                     "everything below it must belong to the user httpd runs as",
                     check->folder, DOSSIER_KEY_FOLDER, file ? "/" : "", file ? file : "", reason);
    return status;
}

const char *dossier_canary_changed(const char *key_id, apr_pool_t *pool)
{
    return apr_psprintf(pool,
                        "the key \"%s\" in the key file is another than the one that "
                        "documents and codes here are sealed with: put its line back from "
                        "your backup of the key file, and give a new key an id of its own",
                        key_id);
}

static apr_status_t refuse_changed(const check_t *check, const char *key_id)
{
    *check->error = dossier_canary_changed(key_id, check->pool);
    return APR_EMISMATCH;
}

/* A key that no row needs may be missing: the portal has counted (key_need.h). */
static apr_status_t check_missing(const check_t *check, const char *key_id)
{
    dossier_key_need_t need;
    apr_status_t known = dossier_key_need_read(&need, check->keys, key_id, check->pool);

    if (dossier_keyring_lost(check->ring, key_id) ||
        (known == APR_SUCCESS && !need.documents && !need.others)) {
        return APR_SUCCESS;
    }
    *check->error = apr_psprintf(
        check->pool,
        "the key \"%s\" is missing from the key file, and %s: put its line back from your backup "
        "of the key file. Only if that key is gone for good, write \"%s lost\" there instead: "
        "what it seals then cannot be read any more, and must be sent again",
        key_id,
        known == APR_SUCCESS ? apr_psprintf(check->pool,
                                            "%" APR_INT64_T_FMT " documents and %" APR_INT64_T_FMT
                                            " codes need it (counted on %s)",
                                            need.documents, need.others, need.day)
                             : "it is not known yet that no document needs it (that is counted "
                               "while the portal runs with it, and another key stands first)",
        key_id);
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
    const char *text;
    apr_status_t status;

    if (!canary) {
        return check_missing(check, key_id);
    }
    status = dossier_files_text(&text, check->keys, name, CANARY_LIMIT, check->pool);
    if (status != APR_SUCCESS) {
        return unreadable(check, name, status);
    }
    return dossier_secrets_equal(canary, text) ? APR_SUCCESS : refuse_changed(check, key_id);
}

/* The key id of a canary's file name, else NULL. */
static const char *key_id_of(const char *name, apr_pool_t *pool)
{
    apr_size_t length = strlen(name);
    apr_size_t suffix = sizeof(SUFFIX) - 1;
    const char *id;

    if (length <= suffix || strcmp(name + length - suffix, SUFFIX)) {
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

/* One that stands already was compared before. One that another process made in between is compared
   now: two servers may start at once. */
static apr_status_t make_canary(const check_t *check, const char *key_id)
{
    const char *name = apr_pstrcat(check->pool, key_id, SUFFIX, NULL);
    int incoming;
    apr_status_t status;

    if (faccessat(check->keys, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        return APR_SUCCESS;
    }
    status = dossier_files_enter(&incoming, check->root, DOSSIER_STORE_FILE_INCOMING, 1);
    if (status == APR_SUCCESS) {
        status =
            dossier_files_put(check->keys, name, expected(check, key_id), incoming, check->pool);
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
                                  const dossier_keyring_t *ring, int make, apr_pool_t *pool)
{
    check_t check = {error, folder, ring, -1, -1, pool};
    apr_status_t status = dossier_files_folder(&check.root, folder);

    if (status != APR_SUCCESS) {
        return unreadable(&check, NULL, status);
    }
    status = dossier_files_enter(&check.keys, check.root, DOSSIER_KEY_FOLDER, make);
    if (status != APR_SUCCESS) {
        close(check.root);
        return !make && APR_STATUS_IS_ENOENT(status) ? APR_SUCCESS
                                                     : unreadable(&check, NULL, status);
    }
    status = compare_all(&check);
    if (status == APR_SUCCESS && make) {
        status = make_all(&check);
    }
    close(check.keys);
    close(check.root);
    return status;
}
