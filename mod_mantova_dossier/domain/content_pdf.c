/* A PDF ends in "startxref", an offset and "%%EOF" (ISO 32000-1, 7.5.5). Behind that producers
   leave line ends, zeros and other remains; a linearized file has a first end near its beginning,
   and each incremental update one more. */
#include "domain/content_private.h"

#include <string.h>

#include <apr_lib.h>

enum { WINDOW = 16 * 1024, END_DISTANCE = 256 };

static void *make(apr_pool_t *pool)
{
    return dossier_content_ends_make(WINDOW, pool);
}

static const unsigned char *first(const unsigned char *at, const unsigned char *end,
                                  const char *text)
{
    apr_size_t length = strlen(text);

    for (; at < end && (apr_size_t)(end - at) >= length; at++) {
        at = memchr(at, text[0], (apr_size_t)(end - at) - length + 1);
        if (!at) {
            return NULL;
        }
        if (!memcmp(at, text, length)) {
            return at;
        }
    }
    return NULL;
}

static const unsigned char *last(const unsigned char *at, const unsigned char *end,
                                 const char *text)
{
    const unsigned char *found = NULL;

    for (at = first(at, end, text); at; at = first(at + 1, end, text)) {
        found = at;
    }
    return found;
}

/* The number behind "startxref"; -1 when there is none. */
static apr_off_t read_offset(const unsigned char *at, const unsigned char *end)
{
    apr_off_t offset = 0;
    int digits = 0;

    while (at < end && apr_isspace(*at)) {
        at++;
    }
    for (; at < end && apr_isdigit(*at) && digits < 18; at++, digits++) {
        offset = offset * 10 + (*at - '0');
    }
    return digits ? offset : -1;
}

static const char *finish(void *judge)
{
    dossier_content_ends_t *ends = judge;
    const unsigned char *end;
    const unsigned char *start;
    const unsigned char *eof;
    apr_off_t offset;

    dossier_content_ends_close(ends);
    end = ends->tail + ends->tail_length;
    start = last(ends->tail, end, "startxref");
    eof = start ? first(start, end, "%%EOF") : NULL;
    if (!eof || eof - start > END_DISTANCE) {
        return "incomplete";
    }
    offset = read_offset(start + strlen("startxref"), eof);
    if (offset < 0 || offset >= ends->total) {
        return "damaged"; /* bytes were lost on the way: line ends turned into others, say */
    }
    /* that was the end of the first part only; or an update was begun behind it */
    if ((offset == 0 && first(ends->head, ends->head + ends->head_length, "/Linearized")) ||
        first(eof, end, " obj")) {
        return "incomplete";
    }
    return NULL;
}

const dossier_content_kind_t dossier_content_pdf = {"application/pdf", make,
                                                    dossier_content_ends_add, finish};
