/* A PDF ends in "startxref", an offset and "%%EOF" (ISO 32000-1, 7.5.5). Behind that producers
   leave line ends, zeros and other remains; a linearized file has a first end near its beginning,
   and each incremental update one more. Before it are objects, and the dictionary that leads to
   them: a trailer's or a cross-reference stream's. */
#include "domain/content_private.h"

#include <string.h>

#include <apr_lib.h>

enum { WINDOW = 16 * 1024, END_DISTANCE = 256 };

enum { CARRIED = 8 }; /* bytes, one less than the longest word that is looked for, and more */

typedef struct {
    dossier_content_ends_t *ends;
    unsigned char carried[2 * CARRIED]; /* the last bytes, and room for the next ones */
    apr_size_t carried_length;
    int object;
    int trailer;
} pdf_t;

static void *make(apr_pool_t *pool)
{
    pdf_t *pdf = apr_pcalloc(pool, sizeof(*pdf));

    pdf->ends = dossier_content_ends_make(WINDOW, pool);
    return pdf;
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

/* "1 0 obj", not "endobj". */
static int has_object(const unsigned char *at, const unsigned char *end)
{
    const unsigned char *from = at;

    while ((at = first(at, end, "obj"))) {
        if (at > from && apr_isspace(at[-1])) {
            return 1;
        }
        at++;
    }
    return 0;
}

static void look(pdf_t *pdf, const unsigned char *at, apr_size_t length)
{
    pdf->object = pdf->object || has_object(at, at + length);
    pdf->trailer =
        pdf->trailer || first(at, at + length, "trailer") || first(at, at + length, "/XRef");
}

/* Words may be cut between two pieces. */
static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    pdf_t *pdf = judge;
    apr_size_t joined = length < CARRIED ? length : CARRIED;
    apr_size_t kept;

    dossier_content_ends_add(pdf->ends, data, length);
    if (pdf->object && pdf->trailer) {
        return;
    }
    memcpy(pdf->carried + pdf->carried_length, data, joined);
    look(pdf, pdf->carried, pdf->carried_length + joined);
    look(pdf, data, length);
    if (length >= CARRIED) {
        memcpy(pdf->carried, data + length - CARRIED, CARRIED);
        pdf->carried_length = CARRIED;
        return;
    }
    joined += pdf->carried_length;
    kept = joined < CARRIED ? joined : CARRIED;
    memmove(pdf->carried, pdf->carried + joined - kept, kept);
    pdf->carried_length = kept;
}

static const char *finish(void *judge)
{
    const pdf_t *pdf = judge;
    dossier_content_ends_t *ends = pdf->ends;
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
    return pdf->object && pdf->trailer ? NULL : "damaged";
}

const dossier_content_kind_t dossier_content_pdf = {"application/pdf", make, feed, finish};
