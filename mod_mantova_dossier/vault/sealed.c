#include "vault/sealed.h"

#include <string.h>

#include "base/secrets.h"
#include "vault/aead.h"

enum {
    VERSION = 1,
    ALGORITHM = 1,
    AT_VERSION = 4,
    AT_ALGORITHM = 5,
    AT_LOG2 = 6,
    AT_PREFIX = 7,
    PREFIX = 7,
    AT_ZEROS = 14,
    BOUND_NUMBER = DOSSIER_SEALED_HEADER,
    BOUND_LAST = BOUND_NUMBER + 4,
    BOUND_ID = BOUND_LAST + 1,
    BOUND = BOUND_ID + DOSSIER_SEALED_ID
};

static const char MAGIC[] = "MDOS";
static const apr_off_t CHUNKS_MAX = (apr_off_t)1 << 32;

struct dossier_sealed_t {
    dossier_aead_t *aead;
    unsigned char bound[BOUND]; /* header and id stay, number and flag are set per chunk */
    apr_off_t next;             /* the next chunk to seal; -1: none may follow */
};

static apr_status_t prepare(dossier_sealed_t **sealed, const unsigned char *header,
                            const char *object_id, const unsigned char key[32], apr_pool_t *pool)
{
    dossier_sealed_t *made = apr_pcalloc(pool, sizeof(*made));

    memcpy(made->bound, header, DOSSIER_SEALED_HEADER);
    memcpy(made->bound + BOUND_ID, object_id, DOSSIER_SEALED_ID);
    *sealed = made;
    return dossier_aead_create(&made->aead, key, pool);
}

apr_status_t dossier_sealed_create(dossier_sealed_t **sealed,
                                   unsigned char header[DOSSIER_SEALED_HEADER], int chunk_log2,
                                   const char *object_id, const unsigned char key[32],
                                   apr_pool_t *pool)
{
    if (!dossier_secrets_is_uuid(object_id) || chunk_log2 < DOSSIER_SEALED_CHUNK_LOG2_MIN ||
        chunk_log2 > DOSSIER_SEALED_CHUNK_LOG2_MAX) {
        return APR_EINVAL;
    }
    memset(header, 0, DOSSIER_SEALED_HEADER);
    memcpy(header, MAGIC, AT_VERSION);
    header[AT_VERSION] = VERSION;
    header[AT_ALGORITHM] = ALGORITHM;
    header[AT_LOG2] = (unsigned char)chunk_log2;
    dossier_secrets_random(header + AT_PREFIX, PREFIX);
    return prepare(sealed, header, object_id, key, pool);
}

apr_status_t dossier_sealed_open(dossier_sealed_t **sealed,
                                 const unsigned char header[DOSSIER_SEALED_HEADER],
                                 const char *object_id, const unsigned char key[32],
                                 apr_pool_t *pool)
{
    apr_status_t status;

    if (!dossier_secrets_is_uuid(object_id)) {
        return APR_EINVAL;
    }
    if (memcmp(header, MAGIC, AT_VERSION) || header[AT_VERSION] != VERSION ||
        header[AT_ALGORITHM] != ALGORITHM || header[AT_LOG2] < DOSSIER_SEALED_CHUNK_LOG2_MIN ||
        header[AT_LOG2] > DOSSIER_SEALED_CHUNK_LOG2_MAX || header[AT_ZEROS] != 0 ||
        header[AT_ZEROS + 1] != 0) {
        return APR_EMISMATCH;
    }
    status = prepare(sealed, header, object_id, key, pool);
    if (status == APR_SUCCESS) {
        (*sealed)->next = -1; /* its nonces are used up */
    }
    return status;
}

int dossier_sealed_chunk_log2(const dossier_sealed_t *sealed)
{
    return sealed->bound[AT_LOG2];
}

static void bind_chunk(unsigned char nonce[DOSSIER_AEAD_NONCE], dossier_sealed_t *sealed,
                       apr_uint32_t number, int last)
{
    unsigned char *bound = sealed->bound;

    for (int i = 0; i < 4; i++) {
        bound[BOUND_NUMBER + i] = (unsigned char)(number >> (24 - 8 * i));
    }
    bound[BOUND_LAST] = last ? 1 : 0;
    memcpy(nonce, bound + AT_PREFIX, PREFIX);
    memcpy(nonce + PREFIX, bound + BOUND_NUMBER, 5);
}

apr_status_t dossier_sealed_next(unsigned char *out, dossier_sealed_t *sealed, int last,
                                 const unsigned char *text, apr_size_t length)
{
    apr_size_t full = (apr_size_t)1 << sealed->bound[AT_LOG2];
    unsigned char nonce[DOSSIER_AEAD_NONCE];
    apr_off_t number = sealed->next;

    if (number < 0 || number >= CHUNKS_MAX || length > full || (!last && length != full) ||
        (length == 0 && number > 0)) {
        return APR_EINVAL;
    }
    sealed->next = last ? -1 : number + 1; /* whatever happens, no nonce is used twice */
    bind_chunk(nonce, sealed, (apr_uint32_t)number, last);
    return dossier_aead_seal(out, sealed->aead, nonce, sealed->bound, BOUND, text, length);
}

apr_status_t dossier_sealed_chunk(unsigned char *out, dossier_sealed_t *sealed, apr_uint32_t number,
                                  int last, const unsigned char *chunk, apr_size_t length)
{
    unsigned char nonce[DOSSIER_AEAD_NONCE];

    bind_chunk(nonce, sealed, number, last);
    return dossier_aead_open(out, sealed->aead, nonce, sealed->bound, BOUND, chunk, length);
}

apr_status_t dossier_sealed_layout(dossier_sealed_layout_t *layout, apr_off_t size, int chunk_log2)
{
    apr_off_t chunks = size > 0 ? ((size - 1) >> chunk_log2) + 1 : 1;

    if (size < 0 || chunks > CHUNKS_MAX) {
        return APR_EINVAL;
    }
    layout->size = size;
    layout->chunks = chunks;
    layout->chunk_size = (apr_size_t)1 << chunk_log2;
    layout->file_size = DOSSIER_SEALED_HEADER + size + chunks * DOSSIER_SEALED_TAG;
    return APR_SUCCESS;
}

void dossier_sealed_place(apr_off_t *offset, apr_size_t *length,
                          const dossier_sealed_layout_t *layout, apr_uint32_t number)
{
    apr_off_t start = (apr_off_t)number * (apr_off_t)layout->chunk_size;
    apr_size_t text = layout->chunk_size;

    if (layout->size - start < (apr_off_t)text) {
        text = (apr_size_t)(layout->size - start);
    }
    *offset = DOSSIER_SEALED_HEADER + start + (apr_off_t)number * DOSSIER_SEALED_TAG;
    *length = text + DOSSIER_SEALED_TAG;
}
