#include "domain/content.h"

#include <string.h>

#include "domain/content_private.h"

struct dossier_content_t {
    const dossier_content_kind_t *kind;
    void *judge;
};

dossier_content_t *dossier_content_make(const char *media_type, apr_pool_t *pool)
{
    static const dossier_content_kind_t *const kinds[] = {
        &dossier_content_pdf, &dossier_content_cms, &dossier_content_jpeg,
        &dossier_content_png, &dossier_content_zip,
    };
    dossier_content_t *content = apr_palloc(pool, sizeof(*content));

    for (apr_size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!strcmp(kinds[i]->media_type, media_type)) {
            content->kind = kinds[i];
            content->judge = kinds[i]->make(pool);
            return content;
        }
    }
    return NULL;
}

void dossier_content_feed(dossier_content_t *content, const unsigned char *data, apr_size_t length)
{
    content->kind->feed(content->judge, data, length);
}

const char *dossier_content_finish(dossier_content_t *content)
{
    return content->kind->finish(content->judge);
}

apr_size_t dossier_content_collect(unsigned char *out, apr_size_t *have, apr_size_t wanted,
                                   const unsigned char *data, apr_size_t length)
{
    apr_size_t missing = *have < wanted ? wanted - *have : 0;
    apr_size_t taken = length < missing ? length : missing;

    memcpy(out + *have, data, taken);
    *have += taken;
    return taken;
}

apr_uint64_t dossier_content_little_endian(const unsigned char *at, int bytes)
{
    apr_uint64_t value = 0;

    for (int i = bytes - 1; i >= 0; i--) {
        value = value << 8 | at[i];
    }
    return value;
}

static voidpf allocate(voidpf pool, uInt items, uInt size)
{
    return apr_palloc(pool, (apr_size_t)items * size);
}

static void release(voidpf pool, voidpf at)
{
    (void)pool; /* which takes it with it */
    (void)at;
}

int dossier_content_inflater(z_stream *inflater, int window_bits, apr_pool_t *pool)
{
    inflater->zalloc = allocate;
    inflater->zfree = release;
    inflater->opaque = pool;
    return inflateInit2(inflater, window_bits) == Z_OK;
}

dossier_content_ends_t *dossier_content_ends_make(apr_size_t window, apr_pool_t *pool)
{
    dossier_content_ends_t *ends = apr_pcalloc(pool, sizeof(*ends));

    ends->window = window;
    ends->tail = apr_palloc(pool, 2 * window);
    return ends;
}

void dossier_content_ends_add(void *judge, const unsigned char *data, apr_size_t length)
{
    dossier_content_ends_t *ends = judge;

    dossier_content_collect(ends->head, &ends->head_length, sizeof(ends->head), data, length);
    ends->total += (apr_off_t)length;
    if (length > ends->window) {
        data += length - ends->window;
        length = ends->window;
    }
    if (length > 2 * ends->window - ends->tail_length) {
        memmove(ends->tail, ends->tail + ends->tail_length - ends->window, ends->window);
        ends->tail_length = ends->window;
    }
    memcpy(ends->tail + ends->tail_length, data, length);
    ends->tail_length += length;
}

void dossier_content_ends_close(dossier_content_ends_t *ends)
{
    if (ends->tail_length > ends->window) {
        ends->tail += ends->tail_length - ends->window;
        ends->tail_length = ends->window;
    }
}
