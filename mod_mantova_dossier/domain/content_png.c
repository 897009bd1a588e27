/* A PNG file (ISO/IEC 15948, 5): a signature and chunks, each with a checksum; a header, data, an
   end. A wrong checksum is forgiven, as decoders do, where the chunk is not needed for the picture.
   The data are inflated as they pass, to see that they make the picture that the header promises;
   what comes of it is counted and thrown away. */
#include <apr_lib.h>
#include <zlib.h>

#include <string.h>

#include "domain/content_private.h"

enum { SIGNATURE = 8, CHUNK_HEAD = 8, CHECKSUM = 4, IHDR_LENGTH = 13 };

/* Bytes of a picture that are inflated at most: a small file can promise more than time allows. */
#define INFLATED_MAX ((apr_uint64_t)1 << 30)

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
    z_stream inflater;
    apr_uint64_t missing; /* bytes of the picture, as it is before it is compressed */
} png_t;

static void *make(apr_pool_t *pool)
{
    png_t *png = apr_pcalloc(pool, sizeof(*png));

    png->state = dossier_content_inflater(&png->inflater, MAX_WBITS, pool) ? IN_SIGNATURE : DAMAGED;
    return png;
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

/* Each row begins with a byte that names its filter; where there is no pixel, there is no row. */
static apr_uint64_t rows_size(apr_uint64_t width, apr_uint64_t height, apr_uint64_t bits)
{
    return width ? height * (1 + (width * bits + 7) / 8) : 0;
}

/* The picture's bytes before they are compressed; interlaced, it is seven pictures (8.2). */
static apr_uint64_t picture_size(const unsigned char header[IHDR_LENGTH])
{
    static const unsigned char channels[7] = {1, 0, 3, 1, 2, 0, 4};
    static const struct {
        apr_uint32_t x, y, dx, dy;
    } passes[7] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                   {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
    apr_uint64_t width = big_endian(header);
    apr_uint64_t height = big_endian(header + 4);
    apr_uint64_t bits = (apr_uint64_t)channels[header[9]] * header[8];
    apr_uint64_t size = 0;

    if (width > INFLATED_MAX || height > INFLATED_MAX) {
        return INFLATED_MAX;
    }
    if (!header[12]) {
        size = rows_size(width, height, bits);
    }
    for (int i = 0; header[12] && i < 7; i++) {
        size += rows_size((width + passes[i].dx - 1 - passes[i].x) / passes[i].dx,
                          (height + passes[i].dy - 1 - passes[i].y) / passes[i].dy, bits);
    }
    return size < INFLATED_MAX ? size : INFLATED_MAX;
}

/* 0: no such stream. What is behind the picture, its checksum too, is forgiven. */
static int inflate_bytes(png_t *png, const unsigned char *data, apr_size_t length)
{
    unsigned char out[8192];
    int status = Z_OK;

    png->inflater.next_in = (z_const Bytef *)data;
    png->inflater.avail_in = (uInt)length;
    do {
        apr_size_t room = png->missing < sizeof(out) ? (apr_size_t)png->missing : sizeof(out);

        png->inflater.next_out = out;
        png->inflater.avail_out = (uInt)room;
        status = inflate(&png->inflater, Z_NO_FLUSH);
        png->missing -= room - png->inflater.avail_out;
        if (!png->missing) {
            return 1;
        }
    } while (status == Z_OK);
    return status == Z_BUF_ERROR; /* it wants more; at its end it would have to be whole */
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
        if (!header_good(png->header)) {
            return DAMAGED;
        }
        png->missing = picture_size(png->header);
        return IN_HEAD;
    }
    png->palette |= is_type(png, "PLTE");
    if (is_type(png, "IEND")) {
        return !png->missing && (png->header[9] != 3 || png->palette) ? AT_END : DAMAGED;
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
    if (png->headed && png->missing && is_type(png, "IDAT") && !inflate_bytes(png, data, taken)) {
        png->state = DAMAGED;
    }
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
