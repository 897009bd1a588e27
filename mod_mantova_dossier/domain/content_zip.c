/*
 * A DICOM archive: a zip file (APPNOTE.TXT, 4.3) whose central directory, at its end, names DICOM.
 * The entries before it may be streamed (sizes behind them), begin with a viewer or a README, and
 * be many: of a directory larger than the window its last part is looked at, and the first entries
 * of the file. An entry must begin where the directory says, as far as that is among the bytes
 * kept; its data are looked at as they pass (content_zip_entries.c).
 */
#include <string.h>
#include <strings.h>

#include "domain/content_private.h"

enum {
    WINDOW = 512 * 1024,
    LOCAL = 30,    /* bytes of a local header without its name */
    RECORD = 46,   /* of a record of the directory */
    END = 22,      /* of its end */
    END64 = 56,    /* of the end for ZIP64 */
    LOCATOR = 20,  /* which stands before the end */
    RESYNC = 64,   /* tries to find a record where the window begins inside the directory */
    PREAMBLE = 128 /* of a DICOM file, before "DICM" (PS3.10, 7.1) */
};

typedef struct {
    dossier_content_ends_t *ends;
    dossier_content_zip_entries_t *entries;
} zip_t;

static void *make(apr_pool_t *pool)
{
    zip_t *zip = apr_palloc(pool, sizeof(*zip));

    zip->ends = dossier_content_ends_make(WINDOW, pool);
    zip->entries = dossier_content_zip_entries_make(pool);
    return zip;
}

static void feed(void *judge, const unsigned char *data, apr_size_t length)
{
    zip_t *zip = judge;

    dossier_content_ends_add(zip->ends, data, length);
    dossier_content_zip_entries_add(zip->entries, data, length);
}

/* A name that DICOM media have (PS3.10, PS3.12): DICOMDIR, a file below DICOM/, or *.dcm. */
static int is_dicom_name(const unsigned char *name, apr_size_t length)
{
    const char *text = (const char *)name;

    return (length == 8 && !strncasecmp(text, "DICOMDIR", 8)) ||
           (length > 6 && !strncasecmp(text, "DICOM/", 6)) ||
           (length >= 9 && !strncasecmp(text + length - 9, "/DICOMDIR", 9)) ||
           (length > 4 && !strncasecmp(text + length - 4, ".dcm", 4));
}

/* DICOM among the first entries, by name or, where one is stored as it is, by its preamble. */
static int head_is_dicom(const dossier_content_ends_t *ends)
{
    enum { SIZES_FOLLOW = 8, STORED = 0 };
    const unsigned char *at = ends->head;
    apr_size_t length = ends->head_length;

    while (length > LOCAL && !memcmp(at, "PK\x03\x04", 4)) {
        apr_size_t name = dossier_content_little_endian(at + 26, 2);
        apr_size_t data = LOCAL + name + dossier_content_little_endian(at + 28, 2);
        apr_size_t next = data + dossier_content_little_endian(at + 18, 4);

        if (name > length - LOCAL) {
            return 0;
        }
        if (is_dicom_name(at + LOCAL, name) ||
            (dossier_content_little_endian(at + 8, 2) == STORED && length >= data + PREAMBLE + 4 &&
             !memcmp(at + data + PREAMBLE, "DICM", 4))) {
            return 1;
        }
        if (at[6] & SIZES_FOLLOW || next >= length) {
            return 0;
        }
        at += next;
        length -= next;
    }
    return 0;
}

/* The end of the directory; behind it a comment, and what senders leave. NULL: there is none. */
static const unsigned char *find_end(const dossier_content_ends_t *ends)
{
    const unsigned char *at = ends->tail + ends->tail_length;

    for (apr_size_t left = 0; left <= 0xFFFF + END && at > ends->tail; left++) {
        at--;
        if (left + 1 >= END && !memcmp(at, "PK\x05\x06", 4) &&
            END + dossier_content_little_endian(at + 20, 2) <= left + 1) {
            return at;
        }
    }
    return NULL;
}

/* Where the directory ends, and its size: of the ZIP64 end where the other has no room for them. 0:
   there is no such end. */
static int read_end(const unsigned char **end, apr_uint64_t *size, apr_uint64_t *offset,
                    const dossier_content_ends_t *ends)
{
    const unsigned char *locator = *end - LOCATOR;
    apr_uint64_t begins =
        (apr_uint64_t)ends->total - ends->tail_length; /* of what is in the window */
    apr_uint64_t at;

    *size = dossier_content_little_endian(*end + 12, 4);
    *offset = dossier_content_little_endian(*end + 16, 4);
    if (*size != 0xFFFFFFFF && *offset != 0xFFFFFFFF &&
        dossier_content_little_endian(*end + 10, 2) != 0xFFFF) {
        return 1;
    }
    if (*end - ends->tail < LOCATOR || memcmp(locator, "PK\x06\x07", 4)) {
        return *size != 0xFFFFFFFF && *offset != 0xFFFFFFFF; /* just so many entries */
    }
    at = dossier_content_little_endian(locator + 8, 8);
    if (at < begins || at - begins > (apr_uint64_t)(locator - ends->tail) ||
        (apr_uint64_t)(locator - ends->tail) - (at - begins) < END64 ||
        memcmp(ends->tail + (at - begins), "PK\x06\x06", 4)) {
        return 0;
    }
    *end = ends->tail + (at - begins);
    *size = dossier_content_little_endian(*end + 40, 8);
    *offset = dossier_content_little_endian(*end + 48, 8);
    return 1;
}

/* What is kept of these bytes of the file; NULL: they have passed. */
static const unsigned char *kept(const dossier_content_ends_t *ends, apr_uint64_t at,
                                 apr_size_t length)
{
    apr_uint64_t begins = (apr_uint64_t)ends->total - ends->tail_length;

    if (at >= begins) {
        return at - begins <= ends->tail_length && length <= ends->tail_length - (at - begins)
                   ? ends->tail + (at - begins)
                   : NULL;
    }
    return at <= ends->head_length && length <= ends->head_length - at ? ends->head + at : NULL;
}

typedef struct {
    apr_uint64_t directory; /* where it begins */
    apr_uint64_t shift;     /* bytes before the archive, which does not count them */
} place_t;

/* The entry of this record has a header at its place, before the directory. */
static int begins_there(const unsigned char *record, const dossier_content_ends_t *ends,
                        const place_t *place)
{
    apr_uint64_t at = dossier_content_little_endian(record + 42, 4);
    const unsigned char *header;

    if (at == 0xFFFFFFFF) {
        return 1; /* ZIP64: it stands elsewhere */
    }
    if (place->directory < LOCAL || at + place->shift > place->directory - LOCAL) {
        return 0;
    }
    header = kept(ends, at + place->shift, 4);
    return !header || !memcmp(header, "PK\x03\x04", 4);
}

/* The records from here reach exactly to the end of the directory: 1, and 2 when one names DICOM.
 */
static int walk(const unsigned char *at, const unsigned char *end,
                const dossier_content_ends_t *ends, const place_t *place)
{
    int result = 1;

    while (at < end) {
        apr_size_t name;
        apr_size_t length;

        if (end - at < RECORD || memcmp(at, "PK\x01\x02", 4)) {
            return 0;
        }
        name = dossier_content_little_endian(at + 28, 2);
        length = RECORD + name + dossier_content_little_endian(at + 30, 2) +
                 dossier_content_little_endian(at + 32, 2);
        if (length > (apr_size_t)(end - at) || !begins_there(at, ends, place)) {
            return 0;
        }
        result = is_dicom_name(at + RECORD, name) ? 2 : result;
        at += length;
    }
    return result;
}

/* Of a directory that began before the window. */
static int walk_part(const unsigned char *at, const unsigned char *end,
                     const dossier_content_ends_t *ends, const place_t *place)
{
    int tries = 0;

    while (end - at >= RECORD && tries < RESYNC) {
        const unsigned char *found = memchr(at, 'P', (apr_size_t)(end - at) - 3);
        int result;

        if (!found) {
            return 0;
        }
        if (!memcmp(found, "PK\x01\x02", 4)) {
            result = walk(found, end, ends, place);
            if (result) {
                return result;
            }
            tries++;
        }
        at = found + 1;
    }
    return 0;
}

static const char *finish(void *judge)
{
    const zip_t *zip = judge;
    dossier_content_ends_t *ends = zip->ends;
    const unsigned char *end;
    apr_uint64_t size;
    apr_uint64_t offset;
    apr_uint64_t visible;
    place_t place;
    int found;

    dossier_content_ends_close(ends);
    end = find_end(ends);
    if (!end) {
        return "incomplete";
    }
    if (!read_end(&end, &size, &offset, ends)) {
        return "damaged";
    }
    visible = (apr_uint64_t)(end - ends->tail);
    if (size > (apr_uint64_t)ends->total || offset > (apr_uint64_t)ends->total - size) {
        return "damaged";
    }
    place.directory = (apr_uint64_t)ends->total - ends->tail_length + visible;
    if (size > place.directory || offset > place.directory - size) {
        return "damaged";
    }
    place.directory -= size;
    place.shift = place.directory - offset;
    found = size <= visible ? walk(end - size, end, ends, &place)
                            : walk_part(ends->tail, end, ends, &place);
    if (!found || !dossier_content_zip_entries_good(zip->entries)) {
        return "damaged";
    }
    return found == 2 || head_is_dicom(ends) ? NULL : "not_dicom";
}

const dossier_content_kind_t dossier_content_zip = {"application/zip", make, feed, finish};
