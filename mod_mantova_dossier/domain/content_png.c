/* A PNG file (ISO/IEC 15948, 5): a signature and chunks, each with a checksum; a header, data, an
   end. A wrong checksum is forgiven, as decoders do, where the chunk is not needed for the picture.
 */
#include "domain/content_private.h"

#include <string.h>

#include <apr_lib.h>
#include <zlib.h>

enum { SIGNATURE = 8, CHUNK_HEAD = 8, CHECKSUM = 4, IHDR_LENGTH = 13 };

typedef enum { IN_SIGNATURE, IN_HEAD, IN_DATA, IN_CHECKSUM, AT_END, DAMAGED } state_t;

typedef struct {
    state_t state;
    unsigned char head[CHUNK_HEAD]; /* length and type */
    unsigned char checksum[CHECKSUM];
    unsigned char header[IHDR_LENGTH];
    apr_size_t have;        /* of the signature, the head or the checksum */
    apr_size_t header_have; /* of the first chunk, which is the header */
    apr_uint32_t left;
    uLong crc;
    int headed; /* the header was read */
    int palette;
    int data;
} png_t;

static void *make(apr_pool_t *pool)
{
    return apr_pcalloc(pool, sizeof(png_t));
}

static apr_uint32_t big_endian(const unsigned char *at)
{
    return (apr_uint32_t)at[0] << 24 | (apr_uint32_t)at[1] << 16 | (apr_uint32_t)at[2] << 8 | at[3];
}

static int is_type(const png_t *png, const char *type)
{
    return !memcmp(png->head + 4, type, 4);
}

/* Sides of at least a pixel, and a depth that goes with the colour type. */
static int header_good(const unsigned char header[IHDR_LENGTH])
{
    static const unsigned char depths[7] = {0x1F, 0, 0x18, 0x0F, 0x18, 0, 0x18}; /* 1 2 4 8 16 */
    int bit = header[8] == 1   ? 1
              : header[8] == 2 ? 2
              : header[8] == 4 ? 4
              : header[8] == 8 ? 8
                               : 16;

    return big_endian(header) && big_endian(header + 4) && header[9] < sizeof(depths) &&
           depths[header[9]] & bit && (bit != 16 || header[8] == 16) && !header[10] &&
           !header[11] && header[12] < 2;
}

static state_t head_read(png_t *png)
{
    png->left = big_endian(png->head);
    png->crc = crc32(0, png->head + 4, 4);
    for (int i = 4; i < CHUNK_HEAD; i++) {
        if (!apr_isalpha(png->head[i]) || png->head[i] > 127) {
            return DAMAGED;
        }
    }
    if (png->left > 0x7FFFFFFF || is_type(png, "IHDR") == png->headed ||
        (is_type(png, "IHDR") && png->left != IHDR_LENGTH)) {
        return DAMAGED;
    }
    return png->left ? IN_DATA : IN_CHECKSUM;
}

static state_t chunk_end(png_t *png)
{
    int needed = png->head[4] < 'a';

    if (needed && big_endian(png->checksum) != png->crc) {
        return DAMAGED;
    }
    if (is_type(png, "IHDR")) {
        png->headed = 1;
        return header_good(png->header) ? IN_HEAD : DAMAGED;
    }
    png->palette |= is_type(png, "PLTE");
    png->data |= is_type(png, "IDAT") && big_endian(png->head);
    if (is_type(png, "IEND")) {
        return png->data && (png->header[9] != 3 || png->palette) ? AT_END : DAMAGED;
    }
    return IN_HEAD;
}

static apr_size_t data_bytes(png_t *png, const unsigned char *data, apr_size_t length)
{
    apr_size_t taken = length < png->left ? length : png->left;

    if (!png->headed) {
        dossier_content_collect(png->header, &png->header_have, IHDR_LENGTH, data, taken);
    }
    png->crc = crc32_z(png->crc, data, taken);
    png->left -= (apr_uint32_t)taken;
    png->state = png->left ? IN_DATA : IN_CHECKSUM;
    return taken;
}

/* The signature was looked at when the type was told. */
static apr_size_t fixed_bytes(png_t *png, const unsigned char *data, apr_size_t length)
{
    unsigned char *out = png->state == IN_CHECKSUM ? png->checksum : png->head;
    apr_size_t wanted = png->state == IN_CHECKSUM ? CHECKSUM : CHUNK_HEAD;
    apr_size_t taken = dossier_content_collect(out, &png->have, wanted, data, length);

    if (png->have == wanted) {
        png->have = 0;
        png->state = png->state == IN_SIGNATURE ? IN_HEAD
                     : png->state == IN_HEAD    ? head_read(png)
                                                : chunk_end(png);
    }
    return taken;
}

static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    png_t *png = judge;

    while (length && png->state != AT_END && png->state != DAMAGED) {
        apr_size_t taken =
            png->state == IN_DATA ? data_bytes(png, data, length) : fixed_bytes(png, data, length);

        data += taken;
        length -= taken;
    }
}

static const char *finish(void *judge)
{
    const png_t *png = judge;

    if (png->state == DAMAGED) {
        return "damaged";
    }
    return png->state == AT_END ? NULL : "incomplete";
}

const dossier_content_kind_t dossier_content_png = {"image/png", make, feed, finish};
