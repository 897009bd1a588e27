/* A JPEG file (ITU-T T.81, annex B): segments, a frame with a size, at least one scan with data,
   and the marker of its end. Behind that more may follow: the second picture of an MPO, a camera's
   remains. */
#include <string.h>

#include "domain/content_private.h"

enum { SOI = 0xD8, EOI = 0xD9, SOS = 0xDA, RST0 = 0xD0, RST7 = 0xD7, TEM = 0x01, FRAME_HEADER = 6 };

typedef enum {
    BEFORE_MARKER, /* bytes that belong to nothing are skipped, as decoders do */
    IN_MARKER,     /* 0xFF was read */
    IN_LENGTH,
    IN_SEGMENT,
    IN_SCAN,
    IN_SCAN_MARKER, /* 0xFF was read: data when a zero follows */
    AT_END,
    DAMAGED
} state_t;

typedef struct {
    state_t state;
    int marker;
    int started; /* the first marker was read */
    int framed;
    int scanned;
    unsigned char field[FRAME_HEADER]; /* the length, then the first bytes of a frame's header */
    apr_size_t have;
    apr_size_t left; /* of the segment */
} jpeg_t;

static void *make(apr_pool_t *pool)
{
    return apr_pcalloc(pool, sizeof(jpeg_t));
}

/* Start of frame: C0 to CF without DHT, JPG and DAC. */
static int is_frame(int marker)
{
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static state_t marker_read(jpeg_t *jpeg, int marker)
{
    int standalone = marker == 0 || marker == TEM || (marker >= RST0 && marker <= RST7);

    if (!jpeg->started) {
        jpeg->started = marker == SOI;
        return jpeg->started ? BEFORE_MARKER : DAMAGED;
    }
    if (marker == EOI) {
        return jpeg->scanned ? AT_END : DAMAGED;
    }
    if (marker == SOI || (marker == SOS && !jpeg->framed)) {
        return DAMAGED;
    }
    jpeg->marker = marker;
    jpeg->have = 0;
    return standalone ? BEFORE_MARKER : IN_LENGTH;
}

/* Precision, height (0: said later), width, components. */
static int frame_good(const unsigned char header[FRAME_HEADER])
{
    return (header[3] || header[4]) && header[5] >= 1 && header[5] <= 4;
}

static state_t segment_end(jpeg_t *jpeg)
{
    if (is_frame(jpeg->marker)) {
        if (jpeg->have < FRAME_HEADER || !frame_good(jpeg->field)) {
            return DAMAGED;
        }
        jpeg->framed = 1;
    }
    return jpeg->marker == SOS ? IN_SCAN : BEFORE_MARKER;
}

static state_t length_byte(jpeg_t *jpeg, unsigned char byte)
{
    apr_size_t length;

    jpeg->field[jpeg->have++] = byte;
    if (jpeg->have < 2) {
        return IN_LENGTH;
    }
    length = (apr_size_t)(jpeg->field[0] << 8 | jpeg->field[1]);
    if (length < 2) {
        return DAMAGED;
    }
    jpeg->left = length - 2;
    jpeg->have = 0;
    return jpeg->left ? IN_SEGMENT : segment_end(jpeg);
}

static apr_size_t segment_bytes(jpeg_t *jpeg, const unsigned char *data, apr_size_t length)
{
    apr_size_t taken = length < jpeg->left ? length : jpeg->left;

    dossier_content_collect(jpeg->field, &jpeg->have, FRAME_HEADER, data, taken);
    jpeg->left -= taken;
    jpeg->state = jpeg->left ? IN_SEGMENT : segment_end(jpeg);
    return taken;
}

/* Up to the next 0xFF. */
static apr_size_t scan_bytes(jpeg_t *jpeg, const unsigned char *data, apr_size_t length)
{
    const unsigned char *found = memchr(data, 0xFF, length);
    apr_size_t taken = found ? (apr_size_t)(found - data) + 1 : length;

    jpeg->scanned |= found != data;
    jpeg->state = found ? IN_SCAN_MARKER : IN_SCAN;
    return taken;
}

static state_t scan_marker_read(jpeg_t *jpeg, unsigned char byte)
{
    if (byte == 0xFF) {
        return IN_SCAN_MARKER;
    }
    if (byte == 0 || (byte >= RST0 && byte <= RST7)) {
        jpeg->scanned = 1;
        return IN_SCAN;
    }
    return marker_read(jpeg, byte);
}

static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    jpeg_t *jpeg = judge;

    while (length && jpeg->state != AT_END && jpeg->state != DAMAGED) {
        apr_size_t taken = 1;

        if (jpeg->state == IN_SEGMENT) {
            taken = segment_bytes(jpeg, data, length);
        } else if (jpeg->state == IN_SCAN) {
            taken = scan_bytes(jpeg, data, length);
        } else if (jpeg->state == IN_SCAN_MARKER) {
            jpeg->state = scan_marker_read(jpeg, *data);
        } else if (jpeg->state == IN_LENGTH) {
            jpeg->state = length_byte(jpeg, *data);
        } else if (*data == 0xFF) {
            jpeg->state = IN_MARKER;
        } else if (jpeg->state == IN_MARKER) {
            jpeg->state = marker_read(jpeg, *data);
        }
        data += taken;
        length -= taken;
    }
}

static const char *finish(void *judge)
{
    const jpeg_t *jpeg = judge;

    if (jpeg->state == DAMAGED) {
        return "damaged";
    }
    return jpeg->state == AT_END ? NULL : "incomplete";
}

const dossier_content_kind_t dossier_content_jpeg = {"image/jpeg", make, feed, finish};
