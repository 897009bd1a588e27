/* A PDF ends in "startxref", an offset and "%%EOF" (ISO 32000-1, 7.5.5). Behind that producers
   leave line ends, zeros and other remains; a linearized file has a first end near its beginning,
   and each incremental update one more. Before it are objects, and the dictionary that leads to
   them: a trailer's or a cross-reference stream's. At the offset stands the table of all objects,
   "xref" or a stream of the type XRef: where bytes were added or lost on the way (line ends turned
   into others, bytes taken for text), it stands elsewhere. The offset is known last: the tables'
   places are kept. A linearized file's leads to a table near its beginning, which changes behind
   do not move; but its dictionary states its length (table F.1, "/L"), and there an "%%EOF" ends,
   whatever was appended since: the places of these are kept too. */
#include <apr_lib.h>

#include <stdlib.h>
#include <string.h>

#include "domain/content_private.h"

enum { WINDOW = 16 * 1024, END_DISTANCE = 256 };

enum {
    BLOCK = 16,
    LONGEST = 12,
    PIECE = 8192
}; /* of the words that are looked for: "/FlateDecode" */

/* An offset that is wrong by a few bytes is a producer's: it counts a line end, or does not count a
   mark or a comment near the header. A changed file with bytes between is off by more. */
enum { SLACK = 16 };
enum { PLACES = 512 }; /* updates that a file has at most; with more it is not held to them */
enum { NUMBERS = 4 };  /* bytes of "1 0 ", before "obj"; longer ones are within the slack */

typedef struct {
    apr_off_t at[PLACES];
    apr_size_t count;
} places_t;

typedef struct {
    dossier_content_ends_t *ends;
    unsigned char piece[LONGEST + PIECE]; /* what was not looked at yet: words may be cut */
    apr_size_t have;
    apr_off_t from;       /* where the piece is in the file */
    unsigned char before; /* the byte before it */
    unsigned char bits;   /* those that are set in some byte */
    int trailer;
    int ascii;           /* what is deflated in the last object may be written in ASCII */
    int binary;          /* what is deflated in some object is not */
    apr_off_t object;    /* the last "obj"; -1: none */
    apr_off_t header[2]; /* the first "%PDF-" and the last; offsets are counted from there */
    places_t tables;
    places_t eofs;
} pdf_t;

static void *make(apr_pool_t *pool)
{
    pdf_t *pdf = apr_pcalloc(pool, sizeof(*pdf));

    pdf->ends = dossier_content_ends_make(WINDOW, pool);
    pdf->object = pdf->header[0] = -1;
    return pdf;
}

static int begins(const unsigned char *at, const unsigned char *end, const char *word)
{
    apr_size_t length = strlen(word);

    return (apr_size_t)(end - at) >= length && !memcmp(at, word, length);
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

static void keep_place(places_t *places, apr_off_t place)
{
    if (places->count < PLACES) {
        places->at[places->count++] = place;
    }
}

static void read_name(pdf_t *pdf, const unsigned char *at, const unsigned char *end)
{
    if (begins(at, end, "/XRef")) {
        pdf->trailer = 1;
        keep_place(&pdf->tables, pdf->object - NUMBERS);
    }
    pdf->binary |= !pdf->ascii && begins(at, end, "/FlateDecode");
    pdf->ascii |= begins(at, end, "/ASCII") || begins(at, end, "/A85") || begins(at, end, "/AHx");
}

static void read_word(pdf_t *pdf, const unsigned char *at, const unsigned char *end)
{
    apr_off_t place = pdf->from + (at - pdf->piece);

    if (*at == '/') {
        read_name(pdf, at, end);
    } else if (begins(at, end, "obj") && apr_isspace(pdf->before)) { /* not "endobj" */
        pdf->object = place;
        pdf->ascii = 0;
    } else if (begins(at, end, "xref") && pdf->before != 't') { /* not "startxref" */
        keep_place(&pdf->tables, place);
    } else if (begins(at, end, "%%EOF")) {
        keep_place(&pdf->eofs, place);
    } else if (begins(at, end, "trailer")) {
        pdf->trailer = 1;
    } else if (begins(at, end, "%PDF-")) {
        pdf->header[1] = place;
        pdf->header[0] = pdf->header[0] < 0 ? place : pdf->header[0];
    }
}

/* Whether a word that is looked for may begin with it. */
static int may_begin(unsigned char byte)
{
    return (byte == '/') | (byte == 'o') | (byte == 'x') | (byte == 't') | (byte == '%');
}

/* Whether one of the block's bytes may begin a word. Most of a document is compressed, and most blocks of it are passed
   over: without a branch in it, compilers look at many bytes at once. */
static int looks_plain(unsigned char *bits, const unsigned char block[BLOCK])
{
    unsigned char found = 0;
    unsigned char set = 0;

    for (int i = 0; i < BLOCK; i++) {
        found |= may_begin(block[i]);
        set |= block[i];
    }
    *bits |= set;
    return !found;
}

static void look_at(pdf_t *pdf, const unsigned char *at, apr_size_t length,
                    const unsigned char *end)
{
    for (const unsigned char *until = at + length; at < until; at++) {
        if (may_begin(*at)) {
            pdf->before = at > pdf->piece ? at[-1] : pdf->before;
            read_word(pdf, at, end);
        }
        pdf->bits |= *at;
    }
}

/* Each byte of the piece but the last `kept` ones. */
static void look(pdf_t *pdf, apr_size_t kept)
{
    const unsigned char *end = pdf->piece + pdf->have;
    const unsigned char *at = pdf->piece;
    apr_size_t length = pdf->have > kept ? pdf->have - kept : 0;

    for (apr_size_t left = length; left; left = length - (apr_size_t)(at - pdf->piece)) {
        apr_size_t size = left < BLOCK ? left : BLOCK;

        if (size < BLOCK || !looks_plain(&pdf->bits, at)) {
            look_at(pdf, at, size, end);
        }
        at += size;
    }
    if (length) {
        pdf->before = at[-1];
    }
    pdf->from += (apr_off_t)length;
    pdf->have -= length;
    memmove(pdf->piece, pdf->piece + length, pdf->have);
}

static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    pdf_t *pdf = judge;

    dossier_content_ends_add(pdf->ends, data, length);
    while (length) {
        apr_size_t taken =
            dossier_content_collect(pdf->piece, &pdf->have, sizeof(pdf->piece), data, length);

        look(pdf, LONGEST - 1);
        data += taken;
        length -= taken;
    }
}

static int is_near(const pdf_t *pdf, const places_t *places, apr_off_t offset)
{
    for (apr_size_t i = 0; i < places->count; i++) {
        apr_off_t wrong = places->at[i] - offset;

        if (llabs(wrong) <= SLACK || llabs(wrong - pdf->header[0]) <= SLACK ||
            llabs(wrong - pdf->header[1]) <= SLACK) {
            return 1;
        }
    }
    return places->count == PLACES;
}

/* 0 is what a producer writes that does not know; viewers find the objects then. */
static int leads_to_table(const pdf_t *pdf, apr_off_t offset)
{
    return !offset || is_near(pdf, &pdf->tables, offset);
}

/* The length that a linearized file's dictionary states; -1: none does. */
static apr_off_t stated_length(const dossier_content_ends_t *ends)
{
    const unsigned char *end = ends->head + ends->head_length;
    const unsigned char *name = first(ends->head, end, "/Linearized");
    const unsigned char *at = name ? last(ends->head, name, "<<") : NULL;

    end = at ? first(name, end, ">>") : NULL;
    for (at = end ? first(at, end, "/L") : NULL; at; at = first(at + 1, end, "/L")) {
        if (apr_isspace(at[2])) { /* no longer name */
            return read_offset(at + 2, end);
        }
    }
    return -1;
}

/* Held to it is a file whose table has objects behind it. One that was written again may have kept
   the dictionary of another length, as viewers let it; its table is last, and tells of changes. */
static int has_length(const pdf_t *pdf, apr_off_t offset)
{
    apr_off_t length = offset + SLACK < pdf->object - NUMBERS ? stated_length(pdf->ends) : -1;

    return length < 0 || is_near(pdf, &pdf->eofs, length - (apr_off_t)strlen("%%EOF"));
}

/* What is deflated has bytes above 127; a way for text of 7 bits takes them away. */
static int lost_high_bits(const pdf_t *pdf)
{
    return pdf->binary && !(pdf->bits & 0x80);
}

static const char *finish(void *judge)
{
    pdf_t *pdf = judge;
    dossier_content_ends_t *ends = pdf->ends;
    const unsigned char *end;
    const unsigned char *start;
    const unsigned char *eof;
    apr_off_t offset;

    look(pdf, 0);
    dossier_content_ends_close(ends);
    end = ends->tail + ends->tail_length;
    start = last(ends->tail, end, "startxref");
    eof = start ? first(start, end, "%%EOF") : NULL;
    if (!eof || eof - start > END_DISTANCE) {
        return "incomplete";
    }
    offset = read_offset(start + strlen("startxref"), eof);
    /* that was the end of the first part only; or an update was begun behind it */
    if ((offset == 0 && first(ends->head, ends->head + ends->head_length, "/Linearized")) ||
        first(eof, end, " obj")) {
        return "incomplete";
    }
    return offset >= 0 && pdf->object >= 0 && pdf->trailer && leads_to_table(pdf, offset) &&
                   has_length(pdf, offset) && !lost_high_bits(pdf)
               ? NULL
               : "damaged";
}

const dossier_content_kind_t dossier_content_pdf = {"application/pdf", make, feed, finish};
