/*
 * The multipart parser: however the input is cut, the events are the same.
 * Input: a byte that seeds the cuts, a line with the content type (empty: boundary "b"), the body.
 */
#include <apr_general.h>
#include <apr_strings.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/multipart.h"

typedef struct {
    char *bytes;
    size_t length;
    size_t room;
    size_t open; /* parts begun and not ended */
} record_t;

static void note(record_t *record, const void *data, size_t length)
{
    if (record->length + length > record->room) {
        record->room = 2 * (record->length + length);
        record->bytes = realloc(record->bytes, record->room);
    }
    memcpy(record->bytes + record->length, data, length);
    record->length += length;
}

static apr_status_t on_part(void *context, const char *name, const char *content_type)
{
    record_t *record = context;

    if (record->open++) {
        abort(); /* a part inside a part */
    }
    note(record, "\nP", 2);
    note(record, name ? name : "", name ? strlen(name) : 0);
    note(record, "|", 1);
    note(record, content_type ? content_type : "", content_type ? strlen(content_type) : 0);
    return name && !strcmp(name, "stop") ? APR_EGENERAL : APR_SUCCESS;
}

static apr_status_t on_data(void *context, const char *data, apr_size_t length)
{
    record_t *record = context;

    if (!length || record->open != 1) {
        abort();
    }
    note(record, data, length);
    return APR_SUCCESS;
}

static apr_status_t on_end(void *context)
{
    record_t *record = context;

    if (record->open-- != 1) {
        abort();
    }
    note(record, "\nE", 2);
    return APR_SUCCESS;
}

static const dossier_multipart_events_t events = {on_part, on_data, on_end};

/* Feeds in pieces of 1 to `most` bytes; each in a buffer of its own size, so that a read behind it
 * is seen. */
static apr_status_t parse(record_t *record, const char *type, const uint8_t *body, size_t length,
                          size_t most, unsigned seed)
{
    apr_pool_t *pool;
    dossier_multipart_t *parser;
    const char *fault;
    apr_status_t status = APR_SUCCESS;

    apr_pool_create(&pool, NULL);
    parser = dossier_multipart_make(&fault, type, &events, record, pool);
    while (parser && length && status == APR_SUCCESS) {
        size_t size = 1 + (seed = seed * 1103515245u + 12345u) / 65536u % most;
        char *piece;

        size = size < length ? size : length;
        piece = malloc(size);
        memcpy(piece, body, size);
        status = dossier_multipart_feed(parser, piece, size);
        free(piece);
        body += size;
        length -= size;
    }
    status = parser ? dossier_multipart_finish(parser) : APR_ENOTIMPL;
    apr_pool_destroy(pool);
    return status;
}

static apr_status_t parse_whole(record_t *record, const char *type, const uint8_t *body,
                                size_t length)
{
    apr_pool_t *pool;
    dossier_multipart_t *parser;
    const char *fault;
    apr_status_t status = APR_ENOTIMPL;

    apr_pool_create(&pool, NULL);
    parser = dossier_multipart_make(&fault, type, &events, record, pool);
    if (parser) {
        dossier_multipart_feed(parser, (const char *)body, length);
        status = dossier_multipart_finish(parser);
    }
    apr_pool_destroy(pool);
    return status;
}

static void compare(const char *type, const uint8_t *body, size_t length, size_t most,
                    unsigned seed)
{
    record_t whole = {NULL, 0, 0, 0};
    record_t cut = {NULL, 0, 0, 0};
    apr_status_t expected = parse_whole(&whole, type, body, length);

    if (parse(&cut, type, body, length, most, seed) != expected || cut.length != whole.length ||
        (cut.length && memcmp(cut.bytes, whole.bytes, cut.length))) {
        abort();
    }
    if (expected == APR_SUCCESS && whole.open) {
        abort(); /* a good end inside a part */
    }
    free(whole.bytes);
    free(cut.bytes);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line_end = size ? memchr(data + 1, '\n', size - 1) : NULL;
    char *type;
    size_t length;

    if (!line_end) {
        return 0;
    }
    length = (size_t)(line_end - data - 1);
    type = calloc(1, length + 1);
    memcpy(type, data + 1, length);
    ++line_end;
    length = size - (size_t)(line_end - data);
    compare(*type ? type : "multipart/form-data; boundary=b", line_end, length, 1, 0);
    compare(*type ? type : "multipart/form-data; boundary=b", line_end, length, 1 + data[0] % 64,
            data[0]);
    free(type);
    return 0;
}
