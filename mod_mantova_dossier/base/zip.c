#include "base/zip.h"

#include <apr_strings.h>
#include <apr_tables.h>
#include <zlib.h>

#include <string.h>

#define LOCAL_HEADER 0x04034b50u
#define DESCRIPTOR 0x08074b50u
#define CENTRAL_HEADER 0x02014b50u
#define END64 0x06064b50u
#define END64_LOCATOR 0x07064b50u
#define END 0x06054b50u

#define VERSION 20   /* deflate, data descriptors */
#define VERSION64 45 /* ZIP64 */
#define FLAGS 0x0808 /* data descriptor, name in UTF-8 */
#define DEFLATED 8
#define FIRST_YEAR 1980 /* that a date can tell; the last is 2107 */
#define EXTRA64 0x0001
#define FULL16 0xffffu
#define FULL32 0xffffffffu
#define WIDE (FULL32 - FULL32 / 1000) /* from here on frames could carry it over 4 GiB */
#define HEADER_MAX 128
#define ROOM ((apr_size_t)64 * 1024)

typedef struct {
    const char *name;
    apr_uint64_t offset;
    apr_uint64_t size;
    apr_uint64_t packed; /* its bytes in the archive */
    apr_uint32_t crc;
    apr_uint32_t at; /* time and day, 16 bits each */
    int wide;        /* its local header and descriptor are ZIP64's */
} entry_t;

struct dossier_zip_t {
    dossier_zip_sink_t *sink;
    void *context;
    apr_pool_t *pool;
    apr_array_header_t *entries; /* entry_t */
    apr_uint64_t offset;         /* bytes written */
    int open;                    /* the last entry has no descriptor yet */
    z_stream deflater;
    unsigned char *room; /* ROOM bytes of its output */
};

/* A record in the making: numbers are little-endian. */
typedef struct {
    unsigned char bytes[HEADER_MAX];
    apr_size_t length;
} record_t;

static void put(record_t *record, apr_uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        record->bytes[record->length++] = (unsigned char)(number >> (8 * i));
    }
}

static apr_status_t emit(dossier_zip_t *zip, const void *bytes, apr_size_t length)
{
    zip->offset += length;
    return zip->sink(zip->context, bytes, length);
}

static apr_uint64_t clipped(apr_uint64_t number, apr_uint64_t full)
{
    return number < full ? number : full;
}

static entry_t *last_entry(dossier_zip_t *zip)
{
    return &APR_ARRAY_IDX(zip->entries, zip->entries->nelts - 1, entry_t);
}

/* zlib's memory is the pool's, and goes with it. */
static voidpf take(voidpf pool, uInt items, uInt size)
{
    return apr_palloc(pool, (apr_size_t)items * size);
}

static void leave(voidpf pool, voidpf address)
{
    (void)pool;
    (void)address;
}

dossier_zip_t *dossier_zip_begin(dossier_zip_sink_t *sink, void *context, apr_pool_t *pool)
{
    dossier_zip_t *zip = apr_pcalloc(pool, sizeof(*zip));

    zip->sink = sink;
    zip->context = context;
    zip->pool = pool;
    zip->entries = apr_array_make(pool, 16, sizeof(entry_t));
    zip->room = apr_palloc(pool, ROOM);
    zip->deflater = (z_stream){.zalloc = take, .zfree = leave, .opaque = pool};
    /* bare deflate, without a header of its own; it fails for want of memory only */
    (void)deflateInit2(&zip->deflater, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                       Z_DEFAULT_STRATEGY);
    return zip;
}

/* Sends on what becomes of these bytes of the open entry. */
static apr_status_t squeeze(dossier_zip_t *zip, const void *bytes, apr_size_t length, int flush)
{
    z_stream *deflater = &zip->deflater;
    apr_status_t status = APR_SUCCESS;

    deflater->next_in = (z_const Bytef *)bytes;
    deflater->avail_in = (uInt)length;
    do {
        deflater->next_out = zip->room;
        deflater->avail_out = (uInt)ROOM;
        (void)deflate(deflater, flush);
        length = ROOM - deflater->avail_out;
        last_entry(zip)->packed += length;
        status = length ? emit(zip, zip->room, length) : APR_SUCCESS;
    } while (status == APR_SUCCESS && deflater->avail_out == 0);
    return status;
}

static apr_status_t end_entry(dossier_zip_t *zip)
{
    record_t record = {.length = 0};
    const entry_t *entry;
    apr_status_t status;

    if (!zip->open) {
        return APR_SUCCESS;
    }
    zip->open = 0;
    entry = last_entry(zip);
    status = squeeze(zip, "", 0, Z_FINISH);
    if (status != APR_SUCCESS) {
        return status;
    }
    if (!entry->wide && (entry->size >= FULL32 || entry->packed >= FULL32)) {
        return APR_EINVAL;
    }
    put(&record, DESCRIPTOR, 4);
    put(&record, entry->crc, 4);
    put(&record, entry->packed, entry->wide ? 8 : 4);
    put(&record, entry->size, entry->wide ? 8 : 4);
    return emit(zip, record.bytes, record.length);
}

/* Time and day as MS-DOS kept them: two seconds are one. */
static apr_uint32_t moment(apr_time_t at)
{
    apr_time_exp_t of;
    apr_uint32_t years;

    apr_time_exp_gmt(&of, at);
    years = (apr_uint32_t)(of.tm_year + 1900 - FIRST_YEAR);
    if (of.tm_year + 1900 < FIRST_YEAR || years > 127) {
        return 0x210000; /* 1 January 1980 */
    }
    return (years << 25) | ((apr_uint32_t)(of.tm_mon + 1) << 21) |
           ((apr_uint32_t)of.tm_mday << 16) | ((apr_uint32_t)of.tm_hour << 11) |
           ((apr_uint32_t)of.tm_min << 5) | ((apr_uint32_t)of.tm_sec / 2);
}

static apr_status_t write_local(dossier_zip_t *zip, const entry_t *entry)
{
    record_t record = {.length = 0};
    apr_size_t length = strlen(entry->name);
    apr_status_t status;

    put(&record, LOCAL_HEADER, 4);
    put(&record, entry->wide ? VERSION64 : VERSION, 2);
    put(&record, FLAGS, 2);
    put(&record, DEFLATED, 2);
    put(&record, entry->at, 4);
    put(&record, 0, 4); /* checksum and sizes follow the bytes */
    put(&record, entry->wide ? FULL32 : 0, 4);
    put(&record, entry->wide ? FULL32 : 0, 4);
    put(&record, length, 2);
    put(&record, entry->wide ? 20 : 0, 2);
    status = emit(zip, record.bytes, record.length);
    if (status == APR_SUCCESS) {
        status = emit(zip, entry->name, length);
    }
    if (status == APR_SUCCESS && entry->wide) {
        record.length = 0;
        put(&record, EXTRA64, 2);
        put(&record, 16, 2);
        put(&record, 0, 8);
        put(&record, 0, 8);
        status = emit(zip, record.bytes, record.length);
    }
    return status;
}

apr_status_t dossier_zip_entry(dossier_zip_t *zip, const char *name, apr_time_t at, apr_off_t size)
{
    apr_status_t status = end_entry(zip);
    entry_t *entry;

    if (status != APR_SUCCESS || strlen(name) > FULL16) {
        return status != APR_SUCCESS ? status : APR_EINVAL;
    }
    entry = apr_array_push(zip->entries);
    *entry = (entry_t){.name = apr_pstrdup(zip->pool, name),
                       .offset = zip->offset,
                       .at = moment(at),
                       .wide = size >= (apr_off_t)WIDE};
    zip->open = 1;
    (void)deflateReset(&zip->deflater);
    (void)deflateParams(&zip->deflater, size < 0 ? Z_DEFAULT_COMPRESSION : Z_NO_COMPRESSION,
                        Z_DEFAULT_STRATEGY);
    return write_local(zip, entry);
}

apr_status_t dossier_zip_write(dossier_zip_t *zip, const void *bytes, apr_size_t length)
{
    entry_t *entry;

    if (!zip->open) {
        return APR_EINVAL;
    }
    entry = last_entry(zip);
    entry->crc = (apr_uint32_t)crc32_z(entry->crc, bytes, length);
    entry->size += length;
    return squeeze(zip, bytes, length, Z_NO_FLUSH);
}

/* An entry's line in the directory; what does not fit into 32 bits stands in an extra field. */
static apr_status_t write_central(dossier_zip_t *zip, const entry_t *entry)
{
    int far = entry->offset >= FULL32;
    int extra = (entry->wide ? 16 : 0) + (far ? 8 : 0);
    record_t record = {.length = 0};
    apr_status_t status;

    put(&record, CENTRAL_HEADER, 4);
    put(&record, (3 << 8) | VERSION64, 2); /* made on Unix */
    put(&record, extra ? VERSION64 : VERSION, 2);
    put(&record, FLAGS, 2);
    put(&record, DEFLATED, 2);
    put(&record, entry->at, 4);
    put(&record, entry->crc, 4);
    put(&record, entry->wide ? FULL32 : entry->packed, 4);
    put(&record, entry->wide ? FULL32 : entry->size, 4);
    put(&record, strlen(entry->name), 2);
    put(&record, extra ? (apr_uint64_t)extra + 4 : 0, 2);
    put(&record, 0, 2);                           /* comment */
    put(&record, 0, 2);                           /* disk */
    put(&record, 0, 2);                           /* internal attributes */
    put(&record, (apr_uint64_t)0100644 << 16, 4); /* a file, readable */
    put(&record, far ? FULL32 : entry->offset, 4);
    status = emit(zip, record.bytes, record.length);
    if (status == APR_SUCCESS) {
        status = emit(zip, entry->name, strlen(entry->name));
    }
    if (status != APR_SUCCESS || !extra) {
        return status;
    }
    record.length = 0;
    put(&record, EXTRA64, 2);
    put(&record, (apr_uint64_t)extra, 2);
    if (entry->wide) {
        put(&record, entry->size, 8);
        put(&record, entry->packed, 8);
    }
    if (far) {
        put(&record, entry->offset, 8);
    }
    return emit(zip, record.bytes, record.length);
}

static apr_status_t write_end(dossier_zip_t *zip, apr_uint64_t start)
{
    apr_uint64_t count = (apr_uint64_t)zip->entries->nelts;
    apr_uint64_t end = zip->offset;
    record_t record = {.length = 0};

    if (count >= FULL16 || end >= FULL32) {
        put(&record, END64, 4);
        put(&record, 44, 8); /* what follows of this record */
        put(&record, VERSION64, 2);
        put(&record, VERSION64, 2);
        put(&record, 0, 4);
        put(&record, 0, 4);
        put(&record, count, 8);
        put(&record, count, 8);
        put(&record, end - start, 8);
        put(&record, start, 8);
        put(&record, END64_LOCATOR, 4);
        put(&record, 0, 4);
        put(&record, end, 8);
        put(&record, 1, 4);
    }
    put(&record, END, 4);
    put(&record, 0, 4); /* disks */
    put(&record, clipped(count, FULL16), 2);
    put(&record, clipped(count, FULL16), 2);
    put(&record, clipped(end - start, FULL32), 4);
    put(&record, clipped(start, FULL32), 4);
    put(&record, 0, 2); /* comment */
    return emit(zip, record.bytes, record.length);
}

apr_status_t dossier_zip_finish(dossier_zip_t *zip)
{
    apr_status_t status = end_entry(zip);
    apr_uint64_t start = zip->offset;

    for (int i = 0; i < zip->entries->nelts && status == APR_SUCCESS; i++) {
        status = write_central(zip, &APR_ARRAY_IDX(zip->entries, i, entry_t));
    }
    return status == APR_SUCCESS ? write_end(zip, start) : status;
}
