#include "integration/publication_file.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "base/secrets.h"
#include "config/vault_match.h"
#include "domain/content.h"
#include "domain/media_type.h"
#include "store/vault.h"

APLOG_USE_MODULE(mantova_dossier);

#define SNIFF_LENGTH 4096

struct dossier_publication_file_t {
    dossier_exchange_t *x;
    dossier_fields_t *fields;
    const char *sha256; /* as the sender says; NULL: not said */
    int store;
    unsigned char head[SNIFF_LENGTH]; /* the first bytes, until the type is known */
    apr_size_t head_length;
    const char *media_type;
    apr_off_t size;
    dossier_content_t *content;
    dossier_digest_t *digest;       /* NULL: the vault's own is enough */
    const char *digest_hex;         /* at the end */
    dossier_vault_writer_t *writer; /* NULL: nothing is stored (yet) */
};

dossier_publication_file_t *dossier_publication_file_make(dossier_exchange_t *x,
                                                          dossier_fields_t *fields,
                                                          const char *sha256, int store)
{
    dossier_publication_file_t *file = apr_pcalloc(x->pool, sizeof(*file));

    file->x = x;
    file->fields = fields;
    file->sha256 = sha256;
    file->store = store;
    file->digest = sha256 || !store ? dossier_digest_make("sha-256", x->pool) : NULL;
    return file;
}

static const char *refuse_field(dossier_publication_file_t *file, const char *field,
                                const char *code)
{
    dossier_fields_error(file->fields, field, code);
    return "invalid_fields";
}

static int storage_is_full(apr_status_t status)
{
    return APR_STATUS_IS_ENOSPC(status) || status == EDQUOT;
}

static const char *stored(dossier_publication_file_t *file, apr_status_t status)
{
    if (status == APR_SUCCESS) {
        return NULL;
    }
    ap_log_rerror(APLOG_MARK, APLOG_ERR, status, file->x->r,
                  "DOS0303: a document could not be written: check free space, permissions and "
                  "disk of DossierVault");
    return storage_is_full(status) ? "storage_full" : "storage_failed";
}

/* By what the sender says; who says nothing is stopped by the disk itself. */
static const char *room_for(const dossier_publication_file_t *file)
{
    const char *stated = apr_table_get(file->x->r->headers_in, "Content-Length");
    apr_uint64_t coming = stated ? (apr_uint64_t)apr_atoi64(stated) : 0;

    if (dossier_vault_room(file->x->config->vault, coming) != DOSSIER_VAULT_FULL) {
        return NULL;
    }
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, file->x->r,
                  "DOS0304: a document of %" APR_UINT64_T_FMT
                  " bytes was refused, because the file system of DossierVault is nearly full: "
                  "give it more room",
                  coming);
    return "storage_full";
}

/* What is known to be of an accepted type. */
static const char *pass_on(dossier_publication_file_t *file, const void *data, apr_size_t length)
{
    if (!length) {
        return NULL;
    }
    dossier_content_feed(file->content, data, length);
    if (file->digest) {
        dossier_digest_add(file->digest, data, length);
    }
    return file->writer ? stored(file, dossier_vault_write(file->writer, data, length)) : NULL;
}

/* A vault that was moved without its folders has them made where it is looked at. */
static apr_status_t begin_writing(dossier_publication_file_t *file)
{
    dossier_exchange_t *x = file->x;
    const char *object_id = dossier_secrets_uuid(x->pool);
    apr_status_t status =
        dossier_vault_write_begin(&file->writer, x->config->vault, object_id, x->pool);

    return APR_STATUS_IS_ENOENT(status) && dossier_vault_match_stands(x->r->server, x->pool)
               ? dossier_vault_write_begin(&file->writer, x->config->vault, object_id, x->pool)
               : status;
}

/* The type is known or refused now, and what was held back goes on. */
static const char *begin(dossier_publication_file_t *file)
{
    dossier_exchange_t *x = file->x;
    apr_status_t status = APR_SUCCESS;

    file->media_type = dossier_media_type_sniff(file->head, file->head_length);
    if (!file->media_type) {
        return "document_type";
    }
    file->content = dossier_content_make(file->media_type, x->pool);
    if (file->store) {
        const char *refused = room_for(file);

        if (refused) {
            return refused;
        }
        status = begin_writing(file);
    }
    return status == APR_SUCCESS ? pass_on(file, file->head, file->head_length)
                                 : stored(file, status);
}

const char *dossier_publication_file_data(dossier_publication_file_t *file, const char *data,
                                          apr_size_t length)
{
    file->size += (apr_off_t)length;
    if (file->size > file->x->config->max_document_size) {
        return "too_large";
    }
    if (!file->media_type) {
        apr_size_t room = SNIFF_LENGTH - file->head_length;
        apr_size_t taken = length < room ? length : room;
        const char *outcome;

        memcpy(file->head + file->head_length, data, taken);
        file->head_length += taken;
        if (file->head_length < SNIFF_LENGTH) {
            return NULL;
        }
        outcome = begin(file);
        if (outcome) {
            return outcome;
        }
        data += taken;
        length -= taken;
    }
    return pass_on(file, data, length);
}

const char *dossier_publication_file_end(dossier_publication_file_t *file)
{
    const char *fault;

    if (!file->size) {
        return refuse_field(file, "file", "empty");
    }
    if (!file->media_type) { /* a small file */
        const char *outcome = begin(file);

        if (outcome) {
            return outcome;
        }
    }
    if (file->digest) {
        file->digest_hex = dossier_digest_hex(file->digest, file->x->pool);
    }
    if (file->sha256 && strcmp(file->sha256, file->digest_hex)) {
        return refuse_field(file, "metadata.sha256", "digest");
    }
    fault = dossier_content_finish(file->content);
    if (fault && !strcmp(fault, "not_dicom")) {
        return "document_type";
    }
    return fault ? refuse_field(file, "file", fault) : NULL;
}

const char *dossier_publication_file_keep(dossier_json_t *arguments,
                                          dossier_publication_file_t *file)
{
    apr_pool_t *pool = file->x->pool;
    dossier_vault_receipt_t kept = {.object_id = NULL};

    if (file->store) {
        const char *refused = stored(file, dossier_vault_write_finish(file->writer, &kept));

        if (refused) {
            return refused;
        }
        /* where the bytes went, which may no longer be where they were to go */
        dossier_json_set(arguments, "vault", kept.vault_id);
    } else {
        kept = (dossier_vault_receipt_t){
            .object_id = dossier_secrets_uuid(pool),
            .size = file->size,
            .sha256 = file->digest_hex,
            .key_id = dossier_keyring_current(file->x->config->keyring),
            .wrapped_key = "none: nothing was stored",
        };
    }
    dossier_json_set_value(arguments, "receipt", dossier_store_receipt(&kept, pool));
    dossier_json_set(arguments, "media_type", file->media_type);
    return NULL;
}

void dossier_publication_file_drop(dossier_publication_file_t *file)
{
    if (file->writer) {
        dossier_vault_write_abort(file->writer);
    }
}
