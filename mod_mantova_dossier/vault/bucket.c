/*
 * A document as a bucket. Reading turns the bucket into a heap bucket of at most a chunk and puts
 * one for the rest behind it, so a download holds a chunk at a time whatever its size. Parts and
 * copies share the reader.
 */
#include <string.h>

#include "vault/vault_private.h"

/* A bucket's length is an apr_size_t: documents may be larger than 4 GiB. */
_Static_assert(sizeof(apr_size_t) >= sizeof(apr_off_t), "build for a 64-bit system");

typedef struct {
    apr_bucket_refcount refcount; /* must come first */
    dossier_vault_reader_t *reader;
    apr_pool_t *pool; /* the reader lives at least as long as this one */
} shared_t;

static const apr_bucket_type_t bucket_type;

static void destroy_bucket(void *data)
{
    if (apr_bucket_shared_destroy(data)) {
        apr_bucket_free(data);
    }
}

/* The rest behind a part that has been read; it takes over the part's reference. */
static apr_status_t insert_rest(apr_bucket *bucket, apr_size_t done)
{
    apr_bucket *rest = apr_bucket_alloc(sizeof(*rest), bucket->list);

    if (!rest) {
        return APR_ENOMEM;
    }
    *rest = *bucket;
    APR_BUCKET_INIT(rest);
    rest->free = apr_bucket_free;
    rest->start += (apr_off_t)done;
    rest->length -= done;
    APR_BUCKET_INSERT_AFTER(bucket, rest);
    return APR_SUCCESS;
}

/* How much of a bucket its first chunk has; *whole: nothing of that chunk is left out. */
static apr_size_t first_part(int *whole, const apr_bucket *bucket,
                             const dossier_sealed_layout_t *layout)
{
    apr_off_t size = (apr_off_t)layout->chunk_size;
    apr_off_t begin = bucket->start - bucket->start % size;
    apr_off_t end = layout->size - begin < size ? layout->size : begin + size;
    apr_off_t length = end - bucket->start;

    *whole = bucket->start == begin && (apr_off_t)bucket->length >= length;
    return (apr_off_t)bucket->length < length ? bucket->length : (apr_size_t)length;
}

/* A whole chunk is decrypted where the bucket will have it, of a part only that is copied. */
static apr_status_t read_part(char *copy, dossier_vault_reader_t *reader, apr_off_t offset,
                              apr_size_t part, int whole)
{
    const unsigned char *bytes;
    apr_size_t length;
    apr_status_t status;

    if (whole) {
        return dossier_vault_reader_chunk((unsigned char *)copy, reader,
                                          offset / (apr_off_t)reader->layout.chunk_size);
    }
    status = dossier_vault_reader_at(&bytes, &length, reader, offset);
    if (status == APR_SUCCESS) {
        memcpy(copy, bytes, part);
    }
    return status;
}

static apr_status_t read_bucket(apr_bucket *bucket, const char **text, apr_size_t *length,
                                apr_read_type_e block)
{
    shared_t *shared = bucket->data;
    int whole;
    apr_size_t part = first_part(&whole, bucket, &shared->reader->layout);
    char *copy;
    apr_status_t status;

    (void)block; /* a file never blocks */
    *text = NULL;
    *length = 0;
    if (bucket->length == 0) {
        apr_bucket_immortal_make(bucket, "", 0);
        destroy_bucket(shared);
        *text = "";
        return APR_SUCCESS;
    }
    copy = apr_bucket_alloc(whole ? DOSSIER_VAULT_CHUNK_ROOM(shared->reader) : part, bucket->list);
    if (!copy) {
        return APR_ENOMEM;
    }
    status = read_part(copy, shared->reader, bucket->start, part, whole);
    if (status == APR_SUCCESS && part < bucket->length) {
        status = insert_rest(bucket, part);
    } else if (status == APR_SUCCESS) {
        destroy_bucket(shared);
    }
    if (status != APR_SUCCESS) {
        apr_bucket_free(copy);
        return status;
    }
    apr_bucket_heap_make(bucket, copy, part, apr_bucket_free);
    *text = copy;
    *length = part;
    return APR_SUCCESS;
}

/* As the file bucket does: nothing to do for a pool that ends before the reader, else the reader is
   kept alive for the other pool, for this bucket and not for those that share it. */
static apr_status_t set_bucket_aside(apr_bucket *bucket, apr_pool_t *pool)
{
    shared_t *shared = bucket->data;

    if (apr_pool_is_ancestor(shared->pool, pool)) {
        return APR_SUCCESS;
    }
    if (shared->refcount.refcount > 1) {
        shared_t *own = apr_bucket_alloc(sizeof(*own), bucket->list);

        if (!own) {
            return APR_ENOMEM;
        }
        *own = *shared;
        own->refcount.refcount = 1;
        shared->refcount.refcount--;
        bucket->data = shared = own;
    }
    dossier_vault_reader_hold(shared->reader, pool);
    shared->pool = pool;
    return APR_SUCCESS;
}

static const apr_bucket_type_t bucket_type = {"DOSSIER_VAULT",
                                              5,
                                              APR_BUCKET_DATA,
                                              destroy_bucket,
                                              read_bucket,
                                              set_bucket_aside,
                                              apr_bucket_shared_split,
                                              apr_bucket_shared_copy};

apr_bucket *dossier_vault_bucket_create(dossier_vault_reader_t *reader, apr_bucket_alloc_t *list)
{
    apr_bucket *bucket = apr_bucket_alloc(sizeof(*bucket), list);
    shared_t *shared = apr_bucket_alloc(sizeof(*shared), list);

    shared->reader = reader;
    shared->pool = reader->beginner;
    APR_BUCKET_INIT(bucket);
    bucket->free = apr_bucket_free;
    bucket->list = list;
    bucket = apr_bucket_shared_make(bucket, shared, 0, (apr_size_t)reader->layout.size);
    bucket->type = &bucket_type;
    return bucket;
}
