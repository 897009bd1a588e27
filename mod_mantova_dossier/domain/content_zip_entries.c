/*
 * The entries of a ZIP archive as they pass (APPNOTE.TXT, 4.3.6 to 4.3.9): what is stored or
 * deflated must have the length and checksum that its header, or the descriptor behind it,
 * promises. What is packed or encrypted otherwise is passed over; where the next entry cannot be
 * found, or too much would be inflated, the rest is not looked into: the directory judges it.
 */
#include <zlib.h>

#include <string.h>

#include "domain/content_private.h"

enum {
    LOCAL = 30,          /* bytes of a local header without its name */
    DESCRIPTOR_MAX = 24, /* with a signature and sizes of 8 bytes */
    ENCRYPTED = 1,
    SIZES_FOLLOW = 8,
    STORED = 0,
    DEFLATED = 8,
    EXTRA64 = 1
};

#define FULL32 0xFFFFFFFFu

/* Bytes of an archive that are inflated at most: a small file can promise more than time allows. */
#define INFLATED_MAX ((apr_uint64_t)1 << 30)

typedef enum { IN_HEADER, IN_NAME, IN_EXTRA, IN_DATA, IN_DESCRIPTOR, UNSEEN, DAMAGED } state_t;

struct dossier_content_zip_entries_t {
    state_t state;
    unsigned char header[LOCAL];
    unsigned char descriptor[DESCRIPTOR_MAX];
    unsigned char extra[0xFFFF];
    apr_size_t have;   /* of the header, the extra field or the descriptor */
    apr_size_t wanted; /* of the extra field or the descriptor */
    apr_uint64_t left; /* of the name, or of the data where their length is known */
    apr_uint64_t packed;
    apr_uint64_t size;
    apr_uint64_t promised; /* packed and size as the header has them */
    apr_uint64_t promised_size;
    apr_uint64_t inflated; /* of all entries */
    uLong crc;
    int until_end; /* the data end where the deflated stream does */
    int ended;     /* which it has */
    int unchecked; /* packed otherwise, or too much to be inflated */
    z_stream inflater;
};

typedef struct dossier_content_zip_entries_t entries_t;

entries_t *dossier_content_zip_entries_make(apr_pool_t *pool)
{
    entries_t *entries = apr_pcalloc(pool, sizeof(*entries));

    entries->state =
        dossier_content_inflater(&entries->inflater, -MAX_WBITS, pool) ? IN_HEADER : UNSEEN;
    return entries;
}

static unsigned flags(const entries_t *entries)
{
    return (unsigned)dossier_content_little_endian(entries->header + 6, 2);
}

static state_t next_entry(entries_t *entries)
{
    entries->have = 0;
    return IN_HEADER;
}

/* Sizes that have no room in the header stand in the extra field, the plain one first. */
static void read_extra64(entries_t *entries)
{
    const unsigned char *at = entries->extra;
    apr_size_t left = entries->wanted;

    while (left >= 4) {
        apr_size_t length = dossier_content_little_endian(at + 2, 2);

        if (length > left - 4) {
            return;
        }
        if (dossier_content_little_endian(at, 2) == EXTRA64 && length >= 16) {
            entries->promised_size = dossier_content_little_endian(at + 4, 8);
            entries->promised = dossier_content_little_endian(at + 12, 8);
            return;
        }
        at += 4 + length;
        left -= 4 + length;
    }
}

static state_t data_end(entries_t *entries);

/* Its header is read: how its data are to be looked at. */
static state_t data_begin(entries_t *entries)
{
    unsigned method = (unsigned)dossier_content_little_endian(entries->header + 8, 2);
    int follow = flags(entries) & SIZES_FOLLOW;

    if (entries->promised == FULL32 || entries->promised_size == FULL32) {
        read_extra64(entries);
    }
    entries->packed = entries->size = 0;
    entries->crc = crc32(0, NULL, 0);
    entries->ended = 0;
    entries->unchecked = flags(entries) & ENCRYPTED || (method != STORED && method != DEFLATED);
    entries->until_end = method == DEFLATED && follow && !entries->unchecked;
    if (entries->until_end) {
        entries->left = ~(apr_uint64_t)0;
    } else if (entries->unchecked && follow && !entries->promised) {
        return UNSEEN; /* nobody says where it ends */
    } else {
        entries->left = entries->promised;
    }
    if (method == DEFLATED) {
        (void)inflateReset(&entries->inflater);
    }
    return entries->left ? IN_DATA : data_end(entries);
}

static state_t name_end(entries_t *entries)
{
    entries->have = 0;
    entries->wanted = dossier_content_little_endian(entries->header + 28, 2);
    return entries->wanted ? IN_EXTRA : data_begin(entries);
}

static state_t header_read(entries_t *entries)
{
    if (memcmp(entries->header, "PK\x03\x04", 4)) {
        return UNSEEN; /* the directory, or what only it can tell */
    }
    entries->promised = dossier_content_little_endian(entries->header + 18, 4);
    entries->promised_size = dossier_content_little_endian(entries->header + 22, 4);
    entries->left = dossier_content_little_endian(entries->header + 26, 2);
    entries->have = 0;
    return entries->left ? IN_NAME : name_end(entries);
}

/* Length and checksum are what was promised. */
static int kept_promise(const entries_t *entries, apr_uint64_t crc, apr_uint64_t packed,
                        apr_uint64_t size, apr_uint64_t mask)
{
    return crc == entries->crc && packed == (entries->packed & mask) &&
           size == (entries->size & mask);
}

static state_t data_end(entries_t *entries)
{
    if (flags(entries) & SIZES_FOLLOW) {
        entries->have = 0;
        entries->wanted = 12;
        return IN_DESCRIPTOR;
    }
    if (entries->unchecked) {
        return next_entry(entries);
    }
    return kept_promise(entries, dossier_content_little_endian(entries->header + 14, 4),
                        entries->promised, entries->promised_size, ~(apr_uint64_t)0) &&
                   (entries->ended ||
                    dossier_content_little_endian(entries->header + 8, 2) == STORED)
               ? next_entry(entries)
               : DAMAGED;
}

static int descriptor_fits(const entries_t *entries, apr_size_t skip, int bytes)
{
    const unsigned char *at = entries->descriptor + skip;

    return kept_promise(entries, dossier_content_little_endian(at, 4),
                        dossier_content_little_endian(at + 4, bytes),
                        dossier_content_little_endian(at + 4 + bytes, bytes),
                        bytes == 4 ? FULL32 : ~(apr_uint64_t)0);
}

/* A signature is before it or not, and its sizes are of 4 bytes or of 8: what fits it is. Of an
   entry that is stored with its sizes behind it, nobody knows where it ends. */
static state_t descriptor_read(entries_t *entries)
{
    apr_size_t skip = memcmp(entries->descriptor, "PK\x07\x08", 4) ? 0 : 4;

    if (entries->have < skip + 12 ||
        (entries->have > skip + 12 && entries->have < skip + 20)) { /* more of it is needed */
        entries->wanted = entries->have < skip + 12 ? skip + 12 : skip + 20;
        return IN_DESCRIPTOR;
    }
    if (entries->unchecked || descriptor_fits(entries, skip, entries->have == skip + 12 ? 4 : 8)) {
        return next_entry(entries);
    }
    if (entries->have == skip + 12) {
        entries->wanted = skip + 20;
        return IN_DESCRIPTOR;
    }
    return entries->until_end || entries->promised ? DAMAGED : UNSEEN;
}

/* Inflates what is here of the entry: the bytes taken. */
static apr_size_t inflate_bytes(entries_t *entries, const unsigned char *data, apr_size_t length)
{
    unsigned char out[16384];
    z_stream *inflater = &entries->inflater;
    int status = entries->ended ? Z_STREAM_END : Z_OK;

    inflater->next_in = (z_const Bytef *)data;
    inflater->avail_in = (uInt)length;
    while (status == Z_OK) {
        apr_size_t made;

        inflater->next_out = out;
        inflater->avail_out = sizeof(out);
        status = inflate(inflater, Z_NO_FLUSH);
        made = sizeof(out) - inflater->avail_out;
        entries->crc = crc32_z(entries->crc, out, made);
        entries->size += made;
        entries->inflated += made;
        if (status == Z_OK && entries->inflated > INFLATED_MAX) {
            entries->unchecked = 1;
            entries->state = entries->until_end ? UNSEEN : IN_DATA;
            return length;
        }
    }
    entries->ended = status == Z_STREAM_END;
    if (!entries->ended && status != Z_BUF_ERROR) { /* else it wants more */
        entries->state = DAMAGED;
    }
    return entries->until_end ? length - inflater->avail_in : length;
}

static apr_size_t data_bytes(entries_t *entries, const unsigned char *data, apr_size_t length)
{
    apr_size_t taken = length < entries->left ? length : (apr_size_t)entries->left;

    if (entries->unchecked) {
        /* passed over */
    } else if (dossier_content_little_endian(entries->header + 8, 2) == DEFLATED) {
        taken = inflate_bytes(entries, data, taken);
    } else {
        entries->crc = crc32_z(entries->crc, data, taken);
        entries->size += taken;
    }
    entries->packed += taken;
    entries->left -= taken;
    if (entries->state == IN_DATA && (!entries->left || (entries->until_end && entries->ended))) {
        entries->state = data_end(entries);
    }
    return taken;
}

static apr_size_t collect(entries_t *entries, unsigned char *out, apr_size_t wanted,
                          const unsigned char *data, apr_size_t length,
                          state_t (*read)(entries_t *entries))
{
    apr_size_t taken = dossier_content_collect(out, &entries->have, wanted, data, length);

    if (entries->have == wanted) {
        entries->state = read(entries);
    }
    return taken;
}

static apr_size_t name_bytes(entries_t *entries, apr_size_t length)
{
    apr_size_t taken = length < entries->left ? length : (apr_size_t)entries->left;

    entries->left -= taken;
    if (!entries->left) {
        entries->state = name_end(entries);
    }
    return taken;
}

static apr_size_t some_bytes(entries_t *entries, const unsigned char *data, apr_size_t length)
{
    switch (entries->state) {
    case IN_HEADER:
        return collect(entries, entries->header, LOCAL, data, length, header_read);
    case IN_NAME:
        return name_bytes(entries, length);
    case IN_EXTRA:
        return collect(entries, entries->extra, entries->wanted, data, length, data_begin);
    case IN_DATA:
        return data_bytes(entries, data, length);
    case IN_DESCRIPTOR:
        return collect(entries, entries->descriptor, entries->wanted, data, length,
                       descriptor_read);
    default:
        return length;
    }
}

void dossier_content_zip_entries_add(entries_t *entries, const unsigned char *data,
                                     apr_size_t length)
{
    while (length) {
        apr_size_t taken = some_bytes(entries, data, length);

        data += taken;
        length -= taken;
    }
}

int dossier_content_zip_entries_good(const entries_t *entries)
{
    return entries->state == IN_HEADER || entries->state == UNSEEN;
}
