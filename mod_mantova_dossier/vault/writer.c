/* A document on its way into the vault: collected to chunks, sealed, hashed, counted. */
#include <apr_strings.h>

#include <string.h>

#include "base/digest.h"
#include "base/secrets.h"
#include "vault/vault_private.h"

enum { KEY = 32, PAGE = 4096 };

struct dossier_vault_writer_t {
    dossier_vault_t *vault;
    dossier_vault_sink_t *sink; /* NULL: committed or aborted */
    dossier_sealed_t *sealed;
    dossier_digest_t *digest;
    const char *object_id;
    apr_off_t size;
    apr_size_t chunk_size;
    apr_size_t filled;
    unsigned char *text; /* up to a chunk, held back until it is known whether it is the last */
    unsigned char *out;  /* sealed, from a multiple of PAGE in the file on */
    apr_size_t held;     /* of it, not written yet: less than a page */
    apr_status_t status; /* the failure that ended the writing; it stays */
    apr_pool_t *pool;
    unsigned char key[KEY];
};

static apr_status_t forget_secrets(void *data)
{
    dossier_vault_writer_t *writer = data;

    dossier_secrets_wipe(writer->key, KEY);
    return APR_SUCCESS;
}

/* The file goes at once: a full disk gets its room back. */
static apr_status_t fail(dossier_vault_writer_t *writer, apr_status_t status)
{
    if (writer->sink) {
        writer->vault->store->abort(writer->sink);
        writer->sink = NULL;
    }
    dossier_secrets_wipe(writer->key, KEY);
    writer->status = status;
    return status;
}

static apr_status_t start_file(dossier_vault_writer_t *writer)
{
    dossier_vault_store_t *store = writer->vault->store;
    apr_status_t status =
        dossier_sealed_create(&writer->sealed, writer->out, writer->vault->chunk_log2,
                              writer->object_id, writer->key, writer->pool);

    writer->held = DOSSIER_SEALED_HEADER;
    return status == APR_SUCCESS
               ? store->create(&writer->sink, store, writer->object_id, writer->pool)
               : status;
}

apr_status_t dossier_vault_write_begin(dossier_vault_writer_t **writer, dossier_vault_t *vault,
                                       const char *object_id, apr_pool_t *pool)
{
    dossier_vault_writer_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t status;

    made->vault = vault;
    made->object_id = apr_pstrdup(pool, object_id);
    made->pool = pool;
    made->chunk_size = (apr_size_t)1 << vault->chunk_log2;
    made->text = apr_palloc(pool, made->chunk_size);
    made->out = apr_palloc(pool, PAGE + made->chunk_size + DOSSIER_SEALED_TAG);
    apr_pool_cleanup_register(pool, made, forget_secrets, apr_pool_cleanup_null);
    dossier_secrets_random(made->key, KEY);
    made->digest = dossier_digest_make("sha-256", pool);
    status = start_file(made);
    if (status != APR_SUCCESS) {
        return fail(made, status);
    }
    *writer = made;
    return APR_SUCCESS;
}

/* Pages of the file as a whole, but for the last: the system works twice on one that comes in two
   parts. */
static apr_status_t write_out(dossier_vault_writer_t *writer, apr_size_t more, int last)
{
    apr_size_t have = writer->held + more;
    apr_size_t whole = last ? have : have - have % PAGE;
    apr_status_t status = writer->vault->store->write(writer->sink, writer->out, whole);

    writer->held = have - whole;
    memmove(writer->out, writer->out + whole, writer->held);
    return status;
}

static apr_status_t write_chunk(dossier_vault_writer_t *writer, int last)
{
    apr_size_t length = writer->filled;
    apr_status_t status =
        dossier_sealed_next(writer->out + writer->held, writer->sealed, last, writer->text, length);

    if (status == APR_SUCCESS) {
        dossier_digest_add(writer->digest, writer->text, length);
        status = write_out(writer, length + DOSSIER_SEALED_TAG, last);
    }
    if (status != APR_SUCCESS) {
        return fail(writer, status);
    }
    writer->size += (apr_off_t)length;
    writer->filled = 0;
    return APR_SUCCESS;
}

apr_status_t dossier_vault_write(dossier_vault_writer_t *writer, const void *data,
                                 apr_size_t length)
{
    const unsigned char *at = data;

    while (length > 0 && writer->status == APR_SUCCESS) {
        apr_size_t part;

        if (writer->filled == writer->chunk_size && write_chunk(writer, 0) != APR_SUCCESS) {
            break;
        }
        part = writer->chunk_size - writer->filled;
        part = length < part ? length : part;
        memcpy(writer->text + writer->filled, at, part);
        writer->filled += part;
        at += part;
        length -= part;
    }
    return writer->status;
}

static apr_status_t fill_receipt(dossier_vault_receipt_t *receipt, dossier_vault_writer_t *writer)
{
    const dossier_keyring_t *ring = writer->vault->ring;
    const char *sha256 = dossier_digest_hex(writer->digest, writer->pool);
    apr_status_t status =
        dossier_vault_id(&receipt->vault_id, writer->vault->store, writer->sink, writer->pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    if (!*sha256) {
        return APR_EGENERAL;
    }
    receipt->object_id = writer->object_id;
    receipt->size = writer->size;
    receipt->sha256 = sha256;
    receipt->key_id = dossier_keyring_current(ring);
    receipt->wrapped_key =
        dossier_keyring_wrap(ring, writer->object_id, writer->size, writer->key, writer->pool);
    return receipt->wrapped_key ? APR_SUCCESS : APR_EGENERAL;
}

/* The key is wrapped before the file gets its name: after that nothing of ours may fail. */
apr_status_t dossier_vault_write_finish(dossier_vault_writer_t *writer,
                                        dossier_vault_receipt_t *receipt)
{
    dossier_vault_sink_t *sink = writer->sink;
    dossier_vault_receipt_t filled;
    apr_status_t status;

    if (writer->status != APR_SUCCESS || write_chunk(writer, 1) != APR_SUCCESS) {
        return writer->status;
    }
    status = fill_receipt(&filled, writer);
    if (status != APR_SUCCESS) {
        return fail(writer, status);
    }
    writer->sink = NULL; /* commit() takes it, whatever it answers */
    status = writer->vault->store->commit(sink);
    fail(writer, status == APR_SUCCESS ? APR_EINVAL : status); /* nothing can follow */
    if (status == APR_SUCCESS) {
        *receipt = filled;
    }
    return status;
}

void dossier_vault_write_abort(dossier_vault_writer_t *writer)
{
    if (writer->status == APR_SUCCESS) {
        fail(writer, APR_EINVAL);
    }
}
