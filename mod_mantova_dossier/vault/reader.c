/* A document on its way out of the vault: in any range, a chunk at a time, verified first. */
#include <string.h>

#include "base/secrets.h"
#include "vault/vault_private.h"

static apr_status_t release(void *data)
{
    dossier_vault_reader_t *reader = data;

    if (--reader->holders == 0) {
        apr_pool_destroy(reader->pool);
    }
    return APR_SUCCESS;
}

void dossier_vault_reader_hold(dossier_vault_reader_t *reader, apr_pool_t *pool)
{
    reader->holders++;
    apr_pool_cleanup_register(pool, reader, release, apr_pool_cleanup_null);
}

/* The file ended early though its length was right before: it is torn. */
static apr_status_t read_file(dossier_vault_reader_t *reader, apr_off_t offset, void *buffer,
                              apr_size_t length)
{
    apr_status_t status = reader->store->read(reader->source, offset, buffer, length);

    return APR_STATUS_IS_EOF(status) ? APR_EMISMATCH : status;
}

apr_status_t dossier_vault_reader_chunk(unsigned char *buffer, dossier_vault_reader_t *reader,
                                        apr_off_t number)
{
    const dossier_sealed_layout_t *layout = &reader->layout;
    apr_off_t offset;
    apr_size_t length;
    apr_status_t status;

    dossier_sealed_place(&offset, &length, layout, (apr_uint32_t)number);
    status = read_file(reader, offset, buffer, length);
    return status == APR_SUCCESS
               ? dossier_sealed_chunk(buffer, reader->sealed, (apr_uint32_t)number,
                                      number == layout->chunks - 1, buffer, length)
               : status;
}

/* Keeps the chunk: many small ranges may lie in one. */
static apr_status_t open_chunk(dossier_vault_reader_t *reader, apr_off_t number)
{
    apr_status_t status;

    if (reader->opened == number) {
        return APR_SUCCESS;
    }
    if (!reader->text) {
        reader->text = apr_palloc(reader->pool, DOSSIER_VAULT_CHUNK_ROOM(reader));
    }
    reader->opened = -1;
    status = dossier_vault_reader_chunk(reader->text, reader, number);
    if (status == APR_SUCCESS) {
        reader->opened = number;
    }
    return status;
}

static apr_status_t open_file(dossier_vault_reader_t *reader,
                              const dossier_vault_receipt_t *receipt, const unsigned char key[32])
{
    unsigned char header[DOSSIER_SEALED_HEADER];
    apr_off_t file_size;
    apr_status_t status = reader->store->open(&reader->source, &file_size, reader->store,
                                              receipt->object_id, reader->pool);

    if (status == APR_SUCCESS) {
        status = read_file(reader, 0, header, sizeof(header));
    }
    if (status == APR_SUCCESS) {
        status =
            dossier_sealed_open(&reader->sealed, header, receipt->object_id, key, reader->pool);
    }
    if (status != APR_SUCCESS) {
        return status;
    }
    if (dossier_sealed_layout(&reader->layout, receipt->size,
                              dossier_sealed_chunk_log2(reader->sealed)) != APR_SUCCESS ||
        reader->layout.file_size != file_size) {
        return APR_EMISMATCH;
    }
    /* an empty document is never read, so its chunk is opened now */
    return receipt->size == 0 ? open_chunk(reader, 0) : APR_SUCCESS;
}

static apr_status_t make_reader(dossier_vault_reader_t **reader, dossier_vault_t *vault,
                                apr_pool_t *pool)
{
    apr_pool_t *own;
    apr_status_t status = apr_pool_create_unmanaged_ex(&own, apr_pool_abort_get(pool), NULL);

    if (status != APR_SUCCESS) {
        return status;
    }
    *reader = apr_pcalloc(own, sizeof(**reader));
    (*reader)->store = vault->store;
    (*reader)->opened = -1;
    (*reader)->pool = own;
    (*reader)->beginner = pool;
    dossier_vault_reader_hold(*reader, pool);
    return APR_SUCCESS;
}

apr_status_t dossier_vault_read_begin(dossier_vault_reader_t **reader, dossier_vault_t *vault,
                                      const dossier_vault_receipt_t *receipt, apr_pool_t *pool)
{
    dossier_vault_reader_t *made;
    unsigned char key[32];
    apr_status_t status;

    if (!dossier_secrets_is_uuid(receipt->object_id) || receipt->size < 0) {
        return APR_EINVAL;
    }
    status = make_reader(&made, vault, pool);
    if (status != APR_SUCCESS) {
        return status;
    }
    status = dossier_keyring_unwrap(vault->ring, key, receipt->key_id, receipt->object_id,
                                    receipt->size, receipt->wrapped_key, made->pool);
    if (status == APR_SUCCESS) {
        status = open_file(made, receipt, key);
        dossier_secrets_wipe(key, sizeof(key));
    }
    if (status != APR_SUCCESS) {
        apr_pool_cleanup_run(pool, made, release);
        return status;
    }
    *reader = made;
    return APR_SUCCESS;
}

apr_status_t dossier_vault_reader_at(const unsigned char **bytes, apr_size_t *length,
                                     dossier_vault_reader_t *reader, apr_off_t offset)
{
    const dossier_sealed_layout_t *layout = &reader->layout;
    apr_off_t number = offset / (apr_off_t)layout->chunk_size;
    apr_off_t start = number * (apr_off_t)layout->chunk_size;
    apr_off_t end = start + (apr_off_t)layout->chunk_size;
    apr_status_t status = open_chunk(reader, number);

    if (status != APR_SUCCESS) {
        return status;
    }
    *bytes = reader->text + (offset - start);
    *length = (apr_size_t)((end < layout->size ? end : layout->size) - offset);
    return APR_SUCCESS;
}

apr_status_t dossier_vault_read(dossier_vault_reader_t *reader, apr_off_t offset, void *buffer,
                                apr_size_t *length)
{
    apr_size_t room = *length;
    apr_size_t done = 0;

    *length = 0;
    if (offset < 0) {
        return APR_EINVAL;
    }
    while (done < room && offset < reader->layout.size) {
        const unsigned char *bytes;
        apr_size_t part;
        apr_status_t status = dossier_vault_reader_at(&bytes, &part, reader, offset);

        if (status != APR_SUCCESS) {
            return status;
        }
        part = part < room - done ? part : room - done;
        memcpy((char *)buffer + done, bytes, part);
        done += part;
        offset += (apr_off_t)part;
    }
    *length = done;
    return APR_SUCCESS;
}
