#include "vault/key_need.h"

#include <apr_strings.h>

#include <string.h>
#include <unistd.h>

#include "vault/files.h"
#include "vault/store_file.h"

enum { NEED_LIMIT = 100 };

static const char *name_of(const char *key_id, apr_pool_t *pool)
{
    return apr_pstrcat(pool, key_id, ".need", NULL);
}

/* A number and the blank behind it; -1 when there is none. */
static apr_int64_t read_number(const char **text)
{
    char *end;
    apr_int64_t number = apr_strtoi64(*text, &end, 10);

    if (end == *text || *end != ' ' || number < 0) {
        return -1;
    }
    *text = end + 1;
    return number;
}

apr_status_t dossier_key_need_read(dossier_key_need_t *need, int keys, const char *key_id,
                                   apr_pool_t *pool)
{
    const char *text;
    apr_status_t status = dossier_files_text(&text, keys, name_of(key_id, pool), NEED_LIMIT, pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    need->documents = read_number(&text);
    need->others = read_number(&text);
    need->day = apr_pstrmemdup(pool, text, strcspn(text, "\n"));
    return need->documents >= 0 && need->others >= 0 && text[strlen(need->day)] == '\n'
               ? APR_SUCCESS
               : APR_EMISMATCH;
}

static int is_noted(const dossier_key_need_t *need, int keys, const char *key_id, apr_pool_t *pool)
{
    dossier_key_need_t before;

    return dossier_key_need_read(&before, keys, key_id, pool) == APR_SUCCESS &&
           before.documents == need->documents && before.others == need->others &&
           !strcmp(before.day, need->day);
}

/* Without a note, a key is needed: so the old one may go before the new one is there. */
static apr_status_t replace(const dossier_key_need_t *need, int root, int keys, const char *key_id,
                            apr_pool_t *pool)
{
    const char *name = name_of(key_id, pool);
    int incoming;
    apr_status_t status = dossier_files_remove(keys, name);

    if (status == APR_SUCCESS && need) {
        status = dossier_files_enter(&incoming, root, DOSSIER_STORE_FILE_INCOMING, 1);
        if (status == APR_SUCCESS) {
            status = dossier_files_put(
                keys, name,
                apr_psprintf(pool, "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %s\n",
                             need->documents, need->others, need->day),
                incoming, pool);
            close(incoming);
        }
    }
    if (status == APR_SUCCESS) {
        status = dossier_files_sync(keys);
    }
    return APR_STATUS_IS_EEXIST(status) ? APR_SUCCESS : status; /* another node was as quick */
}

apr_status_t dossier_key_need_note(const char *folder, const char *key_id,
                                   const dossier_key_need_t *need, apr_pool_t *pool)
{
    int root;
    int keys;
    apr_status_t status = dossier_files_folder(&root, folder);

    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_files_enter(&keys, root, DOSSIER_KEY_FOLDER, 0);
    if (status == APR_SUCCESS) {
        if (!need || !is_noted(need, keys, key_id, pool)) {
            status = replace(need, root, keys, key_id, pool);
        }
        close(keys);
    }
    close(root);
    return status;
}
