/* The entries of an archive: whatever byte of their data is another one, the archive is damaged. */
#include <zlib.h>

#include "domain/content.h"
#include "fixture.h"

enum { ROOM = 8192, STORED = 0, DEFLATED = 8, ODD = 12, FOLLOW = 8, ENCRYPTED = 1 };

/* How one entry is written; its descriptor with a signature, its sizes in 8 bytes. */
typedef struct {
    int method, flags, signature, wide;
    const char *text;
} entry_t;

typedef struct {
    unsigned char bytes[ROOM];
    size_t length;
    size_t data, data_end; /* of the last entry */
    unsigned char records[ROOM];
    size_t records_length;
    int entries;
} archive_t;

static void put(unsigned char *bytes, size_t *length, uint64_t number, int size)
{
    for (int i = 0; i < size; i++) {
        bytes[(*length)++] = (unsigned char)(number >> 8 * i);
    }
}

static size_t pack(unsigned char *out, const entry_t *entry)
{
    z_stream deflater = {.next_in = (z_const Bytef *)entry->text,
                         .avail_in = (uInt)strlen(entry->text),
                         .next_out = out,
                         .avail_out = 1024};

    if (entry->method != DEFLATED) {
        memcpy(out, entry->text, deflater.avail_in);
        return deflater.avail_in;
    }
    assert_int_equal(deflateInit2(&deflater, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    assert_int_equal(deflate(&deflater, Z_FINISH), Z_STREAM_END);
    deflateEnd(&deflater);
    return 1024 - deflater.avail_out;
}

/* The sizes as they stand in a header: none that follow, and none that have no room. */
static void put_sizes(archive_t *archive, const entry_t *entry, uint64_t crc, uint64_t packed,
                      uint64_t size)
{
    int follow = entry->flags & FOLLOW;

    put(archive->bytes, &archive->length, follow ? 0 : crc, 4);
    put(archive->bytes, &archive->length, entry->wide ? 0xFFFFFFFF : follow ? 0 : packed, 4);
    put(archive->bytes, &archive->length, entry->wide ? 0xFFFFFFFF : follow ? 0 : size, 4);
    put(archive->bytes, &archive->length, 7, 2);
    put(archive->bytes, &archive->length, entry->wide ? 5 + 20 : 5, 2);
    memcpy(archive->bytes + archive->length, "DICOM/1", 7);
    archive->length += 7;
    memcpy(archive->bytes + archive->length, "UX\1\0x", 5); /* an extra field before it */
    archive->length += 5;
    if (entry->wide) {
        put(archive->bytes, &archive->length, 1, 2);
        put(archive->bytes, &archive->length, 16, 2);
        put(archive->bytes, &archive->length, follow ? 0 : size, 8);
        put(archive->bytes, &archive->length, follow ? 0 : packed, 8);
    }
}

static void add(archive_t *archive, const entry_t *entry)
{
    unsigned char data[1024];
    size_t packed = pack(data, entry);
    size_t size = strlen(entry->text);
    uint64_t crc = crc32(0, (const Bytef *)entry->text, (uInt)size);
    size_t offset = archive->length;

    put(archive->bytes, &archive->length, 0x04034b50, 4);
    put(archive->bytes, &archive->length, 20, 2);
    put(archive->bytes, &archive->length, (uint64_t)entry->flags, 2);
    put(archive->bytes, &archive->length, (uint64_t)entry->method, 2);
    put(archive->bytes, &archive->length, 0, 4);
    put_sizes(archive, entry, crc, packed, size);
    archive->data = archive->length;
    memcpy(archive->bytes + archive->length, data, packed);
    archive->data_end = archive->length += packed;
    if (entry->flags & FOLLOW) {
        put(archive->bytes, &archive->length, 0x08074b50, entry->signature ? 4 : 0);
        put(archive->bytes, &archive->length, crc, 4);
        put(archive->bytes, &archive->length, packed, entry->wide ? 8 : 4);
        put(archive->bytes, &archive->length, size, entry->wide ? 8 : 4);
    }
    put(archive->records, &archive->records_length, 0x02014b50, 4);
    memset(archive->records + archive->records_length, 0, 42);
    archive->records[archive->records_length + 24] = 7;
    archive->records_length += 38;
    put(archive->records, &archive->records_length, offset, 4);
    memcpy(archive->records + archive->records_length, "DICOM/1", 7);
    archive->records_length += 7;
    archive->entries++;
}

static void finish(archive_t *archive)
{
    size_t directory = archive->length;

    memcpy(archive->bytes + archive->length, archive->records, archive->records_length);
    archive->length += archive->records_length;
    put(archive->bytes, &archive->length, 0x06054b50, 4);
    put(archive->bytes, &archive->length, 0, 4);
    put(archive->bytes, &archive->length, (uint64_t)archive->entries, 2);
    put(archive->bytes, &archive->length, (uint64_t)archive->entries, 2);
    put(archive->bytes, &archive->length, archive->records_length, 4);
    put(archive->bytes, &archive->length, directory, 4);
    put(archive->bytes, &archive->length, 0, 2);
}

static const char *judge(const archive_t *archive, size_t most, apr_pool_t *parent)
{
    dossier_content_t *content;
    const char *fault;
    apr_pool_t *pool;

    apr_pool_create(&pool, parent);
    content = dossier_content_make("application/zip", pool);
    for (size_t at = 0; at < archive->length; at += most) {
        dossier_content_feed(content, archive->bytes + at,
                             archive->length - at < most ? archive->length - at : most);
    }
    fault = dossier_content_finish(content);
    apr_pool_destroy(pool);
    return fault;
}

#define TEXT "an image, an image, an image, and nothing but an image"

static const entry_t looked_into[] = {
    {STORED, 0, 0, 0, TEXT},        {STORED, 0, 0, 1, TEXT},        {DEFLATED, 0, 0, 0, TEXT},
    {DEFLATED, 0, 0, 1, TEXT},      {DEFLATED, FOLLOW, 1, 0, TEXT}, {DEFLATED, FOLLOW, 0, 0, TEXT},
    {DEFLATED, FOLLOW, 1, 1, TEXT}, {DEFLATED, FOLLOW, 0, 1, TEXT}, {DEFLATED, FOLLOW, 1, 0, ""},
    {STORED, FOLLOW, 1, 0, ""},
};

/* What is before it does not keep it from being found. */
static const entry_t before[] = {
    {STORED, 0, 0, 0, "x"},
    {STORED, 0, 0, 0, ""},
    {STORED, FOLLOW, 1, 0, ""},
    {ODD, 0, 0, 0, "x"},
    {STORED, ENCRYPTED, 0, 0, "secret"},
    {DEFLATED, FOLLOW, 1, 0, "x"},
    {DEFLATED, FOLLOW, 0, 1, "x"},
};

static void sees_every_changed_byte(void **state)
{
    for (size_t b = 0; b < COUNT(before); b++) {
        for (size_t i = 0; i < COUNT(looked_into); i++) {
            archive_t archive = {.length = 0};

            add(&archive, &before[b]);
            add(&archive, &looked_into[i]);
            finish(&archive);
            for (size_t most = 1; most < 400; most = most * 3 + 1) {
                CHECK(!judge(&archive, most, *state), "%zu after %zu in pieces of %zu", i, b, most);
            }
            /* the last bits of a deflated stream may mean nothing */
            archive.data_end -= looked_into[i].method == DEFLATED;
            for (size_t at = archive.data; at < archive.data_end; at++) {
                archive.bytes[at] ^= 0x10;
                CHECK(same_text(judge(&archive, 1000, *state), "damaged"),
                      "%zu after %zu: byte %zu", i, b, at - archive.data);
                archive.bytes[at] ^= 0x10;
            }
        }
    }
}

static void sees_a_wrong_promise(void **state)
{
    for (size_t i = 0; i < COUNT(looked_into); i++) {
        const entry_t *entry = &looked_into[i];
        archive_t archive = {.length = 0};
        size_t crc;

        if (!*entry->text) {
            continue;
        }
        add(&archive, entry);
        finish(&archive);
        crc = entry->flags & FOLLOW ? archive.data_end + (entry->signature ? 4 : 0) : 14;
        for (size_t at = crc; at < crc + 4; at++) {
            archive.bytes[at]++;
            CHECK(same_text(judge(&archive, 1000, *state), "damaged"), "%zu: byte %zu", i, at);
            archive.bytes[at]--;
        }
    }
}

/* Where only the directory can tell what there is, or nothing here can unpack it, it is taken. */
static void forgives_what_it_cannot_look_into(void **state)
{
    const entry_t unseen[] = {{ODD, 0, 0, 0, TEXT},
                              {ODD, FOLLOW, 1, 0, TEXT},
                              {STORED, FOLLOW, 1, 0, TEXT},
                              {DEFLATED, ENCRYPTED, 0, 0, TEXT},
                              {DEFLATED, ENCRYPTED | FOLLOW, 1, 0, TEXT}};

    for (size_t i = 0; i < COUNT(unseen); i++) {
        archive_t archive = {.length = 0};

        add(&archive, &unseen[i]);
        archive.bytes[archive.data]++;
        finish(&archive);
        CHECK(!judge(&archive, 7, *state), "%zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sees_every_changed_byte),
        TEST(sees_a_wrong_promise),
        TEST(forgives_what_it_cannot_look_into),
    };

    return cmocka_run_group_tests_name("content_zip", tests, NULL, NULL);
}
