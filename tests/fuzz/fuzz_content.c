/*
 * The judges of a document's content: however it is cut, the verdict is the same.
 * Input: a byte that picks the type and seeds the cuts, then the document.
 */
#include <apr_general.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "domain/content.h"
#include "domain/media_type.h"

static const char *const types[] = {"application/pdf", "application/pkcs7-mime", "image/jpeg",
                                    "image/png", "application/zip"};

/* In pieces of 1 to `most` bytes; each in a buffer of its own size, so that a read behind it is seen. */
static const char *judge(const char *type, const uint8_t *body, size_t length, size_t most,
                         unsigned seed, apr_pool_t *pool)
{
    dossier_content_t *content = dossier_content_make(type, pool);

    while (length) {
        size_t size = 1 + (seed = seed * 1103515245u + 12345u) / 65536u % most;
        unsigned char *piece;

        size = size < length ? size : length;
        piece = malloc(size);
        memcpy(piece, body, size);
        dossier_content_feed(content, piece, size);
        free(piece);
        body += size;
        length -= size;
    }
    return dossier_content_finish(content);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *pool;
    const char *type;
    const char *whole;
    const char *cut;

    if (!size) {
        return 0;
    }
    apr_pool_create(&pool, NULL);
    type = types[data[0] % 5];
    whole = judge(type, data + 1, size - 1, 1 << 20, 0, pool);
    cut = judge(type, data + 1, size - 1, 1 + data[0] / 5, data[0], pool);
    if (whole != cut && (!whole || !cut || strcmp(whole, cut))) {
        abort();
    }
    dossier_media_type_sniff(data + 1, size - 1 < 4096 ? size - 1 : 4096);
    apr_pool_destroy(pool);
    return 0;
}
