/*
 * A .p7m: CMS SignedData (RFC 5652) in DER or BER, or base64 of it, with what it signs inside. BER
 * of streaming signers has elements without a stated length, which end in an end-of-contents
 * (X.690, 8.1). Content that is in one piece is judged like a file of its own.
 */
#include <apr_lib.h>

#include <string.h>

#include "base/base64.h"
#include "domain/content.h"
#include "domain/content_private.h"
#include "domain/media_type.h"

enum {
    HEAD = 4096,
    ELEMENT_HEAD = 16,
    DEPTH_MAX = 64,
    CONSTRUCTED = 0x20,
    CONTEXT_0 = 0xA0,
    OCTETS = 0x04
};

typedef enum { BETWEEN, IN_ELEMENT, AT_END, DAMAGED } state_t;

typedef struct {
    state_t state;
    int depth; /* open elements without a length */
    unsigned char element[ELEMENT_HEAD];
    apr_size_t have;
    apr_uint64_t left;
    unsigned char head[HEAD]; /* decoded */
    apr_size_t head_length;

    apr_pool_t *pool;
    dossier_content_t *inner; /* judges what is signed; NULL: nothing that can be judged */
    apr_uint64_t inner_left;
    int inner_sought;

    int text; /* base64, perhaps with an armour; -1: not known yet */
    dossier_base64_t base64;
} cms_t;

static void *make(apr_pool_t *pool)
{
    cms_t *cms = apr_pcalloc(pool, sizeof(*cms));

    cms->text = -1;
    cms->pool = pool;
    return cms;
}

/* Tag and length at `at`. Answers their bytes, 0 when more are needed, -1 when there are no such.
 *length -1: not stated. */
static int read_element(apr_int64_t *length, const unsigned char *at, apr_size_t have)
{
    apr_size_t used = 1;
    int count;

    if (have && (at[0] & 0x1F) == 0x1F) {
        do {
            if (used == 6) {
                return -1;
            }
        } while (used < have && at[used++] & 0x80);
    }
    if (have <= used) {
        return 0;
    }
    *length = at[used++];
    if (*length == 0x80) {
        *length = -1;
        return at[0] & CONSTRUCTED ? (int)used : -1;
    }
    if (*length < 0x80) {
        return (int)used;
    }
    count = (int)*length & 0x7F;
    if (count > 8 || (have > used && count == 8 && at[used] & 0x80)) {
        return -1;
    }
    *length = 0;
    for (int i = 0; i < count; i++) {
        if (used == have) {
            return 0;
        }
        *length = *length << 8 | at[used++];
    }
    return (int)used;
}

static state_t element_begin(cms_t *cms, apr_int64_t length)
{
    if (length < 0) {
        return ++cms->depth > DEPTH_MAX ? DAMAGED : BETWEEN;
    }
    if (cms->element[0] == 0) { /* end of contents */
        if (length || !cms->depth) {
            return DAMAGED;
        }
        return --cms->depth ? BETWEEN : AT_END;
    }
    cms->left = (apr_uint64_t)length;
    if (cms->left) {
        return IN_ELEMENT;
    }
    return cms->depth ? BETWEEN : AT_END;
}

static void feed_element_head(cms_t *cms, unsigned char byte)
{
    apr_int64_t length = 0;
    int used;

    cms->element[cms->have++] = byte;
    used = read_element(&length, cms->element, cms->have);
    if (used) {
        cms->have = 0;
        cms->state = used < 0 ? DAMAGED : element_begin(cms, length);
    }
}

/* Steps over an element's head, or over all of it; 0 when that cannot be said. */
static int step(apr_size_t *at, const cms_t *cms, int whole, apr_int64_t *length)
{
    int used = read_element(length, cms->head + *at, cms->head_length - *at);

    if (used <= 0 || (whole && *length < 0) ||
        (whole && *length > (apr_int64_t)(cms->head_length - *at) - used)) {
        return 0;
    }
    *at += (apr_size_t)used + (whole ? (apr_size_t)*length : 0);
    return 1;
}

/* Where encapContentInfo's [0] begins (below): behind its type. 0: that is too unusual. */
static int find_content(apr_size_t *at, const cms_t *cms)
{
    apr_int64_t length;

    *at = 0;
    return step(at, cms, 0, &length) && step(at, cms, 1, &length) && step(at, cms, 0, &length) &&
           step(at, cms, 0, &length) && step(at, cms, 1, &length) && step(at, cms, 1, &length) &&
           step(at, cms, 0, &length) && step(at, cms, 1, &length);
}

/* Once the head is there: what is signed, if it is in one piece and of a type that is accepted.
   What is signed twice is judged by its outer signature, so that no depth of them costs anything.
 */
static void begin_inner(cms_t *cms)
{
    apr_size_t at;
    apr_size_t here;
    apr_int64_t length;
    const char *type;

    cms->inner_sought = 1;
    if (!find_content(&at, cms) || at >= cms->head_length || cms->head[at] != CONTEXT_0 ||
        !step(&at, cms, 0, &length) || at >= cms->head_length || cms->head[at] != OCTETS ||
        !step(&at, cms, 0, &length) || length <= 0) {
        return;
    }
    here = cms->head_length - at;
    here = (apr_uint64_t)length < here ? (apr_size_t)length : here;
    type = dossier_media_type_sniff(cms->head + at, here);
    if (type && strcmp(type, dossier_content_cms.media_type)) {
        cms->inner = dossier_content_make(type, cms->pool);
        dossier_content_feed(cms->inner, cms->head + at, here);
        cms->inner_left = (apr_uint64_t)length - here;
    }
}

/* Bytes behind the head. */
static void feed_inner(cms_t *cms, const unsigned char *data, apr_size_t length)
{
    apr_size_t taken = length < cms->inner_left ? length : (apr_size_t)cms->inner_left;

    if (cms->inner && taken) {
        dossier_content_feed(cms->inner, data, taken);
        cms->inner_left -= taken;
    }
}

static void feed_binary(cms_t *cms, const unsigned char *data, apr_size_t length)
{
    apr_size_t collected =
        dossier_content_collect(cms->head, &cms->head_length, HEAD, data, length);

    if (cms->head_length == HEAD && !cms->inner_sought) {
        begin_inner(cms);
    }
    feed_inner(cms, data + collected, length - collected);
    while (length && cms->state != AT_END && cms->state != DAMAGED) {
        apr_size_t taken = 1;

        if (cms->state == IN_ELEMENT) {
            taken = length < cms->left ? length : (apr_size_t)cms->left;
            cms->left -= taken;
            if (!cms->left) {
                cms->state = cms->depth ? BETWEEN : AT_END;
            }
        } else {
            feed_element_head(cms, *data);
        }
        data += taken;
        length -= taken;
    }
}

static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    cms_t *cms = judge;
    unsigned char out[DOSSIER_BASE64_BYTES];

    if (cms->text < 0 && length) {
        cms->text = data[0] != 0x30;
    }
    if (!cms->text) {
        feed_binary(cms, data, length);
        return;
    }
    while (length) {
        feed_binary(cms, out, dossier_base64_decode(out, &cms->base64, &data, &length));
    }
}

/* ContentInfo { OID, [0] { SignedData { version, digestAlgorithms, encapContentInfo { OID, [0]
   OPTIONAL (RFC 5652, 3 and 5). What is too unusual to be read is left to whoever verifies. */
static int has_no_content(const cms_t *cms)
{
    apr_size_t at = 0;
    apr_size_t begun;
    apr_int64_t outer;
    apr_int64_t length;

    if (!step(&at, cms, 0, &length) || !step(&at, cms, 1, &length) || !step(&at, cms, 0, &length) ||
        !step(&at, cms, 0, &length) || !step(&at, cms, 1, &length) || !step(&at, cms, 1, &length) ||
        !step(&at, cms, 0, &outer)) {
        return 0;
    }
    begun = at;
    if (!step(&at, cms, 1, &length)) {
        return 0;
    }
    if (outer >= 0 && (apr_int64_t)(at - begun) >= outer) {
        return 1;
    }
    if (at >= cms->head_length || cms->head[at] != CONTEXT_0) {
        return at < cms->head_length;
    }
    return step(&at, cms, 0, &length) && cms->head_length - at >= 2 &&
           !memcmp(cms->head + at, "\x04\x00", 2); /* an empty OCTET STRING */
}

/* A .p7m around a picture that is cut, say; of archives that are not DICOM nothing was asked. */
static const char *inner_fault(cms_t *cms)
{
    const char *fault;

    if (!cms->inner_sought) {
        begin_inner(cms);
    }
    fault = cms->inner ? dossier_content_finish(cms->inner) : NULL;
    return fault && strcmp(fault, "not_dicom") ? fault : NULL;
}

static const char *finish(void *judge)
{
    cms_t *cms = judge;
    unsigned char rest[DOSSIER_BASE64_BYTES];

    feed_binary(cms, rest, dossier_base64_end(rest, &cms->base64));
    if (cms->state != AT_END) {
        return cms->state == DAMAGED || cms->base64.broken ? "damaged" : "incomplete";
    }
    return has_no_content(cms) ? "no_content" : inner_fault(cms);
}

const dossier_content_kind_t dossier_content_cms = {"application/pkcs7-mime", make, feed, finish};
