/* A document as a bucket: what httpd's filters do with it comes out right, and memory stays flat.
 */
#include <apr_buckets.h>

#include <dirent.h>

#include "vault_fixture.h"

enum { SIZE = 100, CHUNK = 16 };

typedef struct {
    place_t *place;
    apr_pool_t *pool; /* the reader's, as a request's */
    apr_bucket_alloc_t *list;
    apr_bucket_brigade *brigade;
    const unsigned char *text;
    dossier_vault_receipt_t *receipt;
} download_t;

static download_t start(place_t *place, apr_size_t size, int chunk_log2)
{
    download_t download = {.place = place};
    dossier_vault_reader_t *reader;

    open_vault(place, chunk_log2);
    download.text = make_text(size, 1, place->pool);
    download.receipt = store(place, ID_A, download.text, size, 65536);
    apr_pool_create(&download.pool, place->pool);
    download.list = apr_bucket_alloc_create(place->pool);
    download.brigade = apr_brigade_create(place->pool, download.list);
    assert_int_equal(
        dossier_vault_read_begin(&reader, place->vault, download.receipt, download.pool), 0);
    APR_BRIGADE_INSERT_TAIL(download.brigade, dossier_vault_bucket_create(reader, download.list));
    return download;
}

static int is_unread(const apr_bucket *bucket)
{
    return !strcmp(bucket->type->name, "DOSSIER_VAULT");
}

/* Reads bucket after bucket as a filter does, each compared and deleted. */
static void expect_slice(apr_bucket_brigade *brigade, const unsigned char *text, apr_size_t length)
{
    apr_size_t done = 0;

    while (!APR_BRIGADE_EMPTY(brigade)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(brigade);
        const char *bytes;
        apr_size_t part;

        assert_int_equal(apr_bucket_read(bucket, &bytes, &part, APR_NONBLOCK_READ), APR_SUCCESS);
        assert_in_range(done + part, 0, length);
        assert_int_equal(part, bucket->length);
        assert_false(is_unread(bucket));
        assert_memory_equal(bytes, text + done, part);
        done += part;
        apr_bucket_delete(bucket);
    }
    assert_int_equal(done, length);
}

static void a_read_gives_one_chunk_and_the_rest(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    const char *bytes;
    apr_size_t part;

    assert_true(is_unread(bucket));
    assert_int_equal(bucket->length, SIZE);
    assert_int_equal(apr_bucket_read(bucket, &bytes, &part, APR_BLOCK_READ), APR_SUCCESS);
    assert_int_equal(part, CHUNK);
    assert_true(APR_BUCKET_IS_HEAP(bucket));
    bucket = APR_BUCKET_NEXT(bucket);
    assert_true(is_unread(bucket));
    assert_int_equal(bucket->start, CHUNK);
    assert_int_equal(bucket->length, SIZE - CHUNK);
    expect_slice(download.brigade, download.text, SIZE);
}

static void whole_documents_of_any_size_come_out(void **state)
{
    place_t *place = *state;

    for (apr_size_t size = 0; size <= 3 * CHUNK + 1; size++) {
        download_t download = start(place, size, 4);

        assert_int_equal(APR_BRIGADE_FIRST(download.brigade)->length, size);
        expect_slice(download.brigade, download.text, size);
        apr_pool_destroy(download.pool);
        assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    }
}

static void the_length_is_known_without_reading(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_off_t length;

    assert_int_equal(apr_brigade_length(download.brigade, 0, &length), APR_SUCCESS);
    assert_int_equal(length, SIZE);
    assert_true(is_unread(APR_BRIGADE_FIRST(download.brigade)));
}

/* What httpd's byte-range filter does for one range (first to last, inclusive): partition the
   document, copy the buckets between, leave the document for the next range. */
static void copy_range(apr_bucket_brigade *to, apr_bucket_brigade *document, apr_off_t first,
                       apr_off_t last)
{
    apr_bucket *bucket;
    apr_bucket *end;
    apr_bucket *copy;

    assert_int_equal(apr_brigade_partition(document, first, &bucket), APR_SUCCESS);
    apr_brigade_partition(document, last + 1, &end); /* APR_INCOMPLETE at the end is none */
    assert_int_equal(apr_brigade_partition(document, first, &bucket), APR_SUCCESS);
    for (; bucket != end && bucket != APR_BRIGADE_SENTINEL(document);
         bucket = APR_BUCKET_NEXT(bucket)) {
        assert_true(is_unread(bucket));
        assert_int_equal(apr_bucket_copy(bucket, &copy), APR_SUCCESS);
        assert_true(is_unread(copy));
        APR_BRIGADE_INSERT_TAIL(to, copy);
    }
}

static void every_range_equals_the_slice(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket_brigade *range = apr_brigade_create(download.pool, download.list);

    for (int first = 0; first < SIZE; first++) {
        for (int last = first; last < SIZE; last++) {
            copy_range(range, download.brigade, first, last);
            expect_slice(range, download.text + first, (apr_size_t)(last - first + 1));
        }
    }
    expect_slice(download.brigade, download.text, SIZE); /* all in pieces, all there */
}

/* httpd's other way: copy the bucket, split the copy, delete what is outside. */
static void every_range_of_a_copy_equals_the_slice(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket_brigade *range = apr_brigade_create(download.pool, download.list);
    apr_bucket *document = APR_BRIGADE_FIRST(download.brigade);

    for (int first = 0; first < SIZE; first++) {
        for (int last = first; last < SIZE; last++) {
            apr_bucket *copy;

            assert_int_equal(apr_bucket_copy(document, &copy), APR_SUCCESS);
            APR_BRIGADE_INSERT_TAIL(range, copy);
            assert_int_equal(apr_bucket_split(copy, (apr_size_t)first), APR_SUCCESS);
            apr_bucket_delete(copy);
            copy = APR_BRIGADE_FIRST(range);
            assert_int_equal(apr_bucket_split(copy, (apr_size_t)(last + 1 - first)), APR_SUCCESS);
            apr_bucket_delete(APR_BUCKET_NEXT(copy));
            assert_true(is_unread(copy));
            expect_slice(range, download.text + first, (apr_size_t)(last - first + 1));
        }
    }
    assert_int_equal(document->length, SIZE);
    expect_slice(download.brigade, download.text, SIZE);
}

static void many_ranges_may_overlap(void **state)
{
    static const int ranges[][2] = {{90, 99}, {0, 0}, {15, 16}, {0, 99}, {16, 31}, {50, 60}};
    download_t download = start(*state, SIZE, 4);
    apr_bucket_brigade *all = apr_brigade_create(download.pool, download.list);
    unsigned char expected[300];
    apr_size_t length = 0;

    for (size_t i = 0; i < COUNT(ranges); i++) {
        apr_size_t part = (apr_size_t)(ranges[i][1] - ranges[i][0] + 1);

        copy_range(all, download.brigade, ranges[i][0], ranges[i][1]);
        memcpy(expected + length, download.text + ranges[i][0], part);
        length += part;
    }
    apr_brigade_cleanup(download.brigade);
    expect_slice(all, expected, length);
}

static void splits_refuse_what_lies_outside(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);

    assert_int_equal(apr_bucket_split(bucket, SIZE + 1), APR_EINVAL);
    assert_int_equal(apr_bucket_split(bucket, SIZE), APR_SUCCESS); /* an empty one behind */
    assert_int_equal(apr_bucket_split(bucket, 0), APR_SUCCESS);    /* and one before */
    expect_slice(download.brigade, download.text, SIZE);
}

static void a_damaged_chunk_ends_the_download(void **state)
{
    download_t download = start(*state, SIZE, 4);
    const char *path = path_of(download.place, ID_A);
    apr_size_t length;
    unsigned char *file = load_file(path, &length, download.pool);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    const char *bytes;
    apr_size_t part;

    file[16 + 2 * (CHUNK + 16) + 3] ^= 1; /* the third chunk */
    save_file(path, file, length);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apr_bucket_read(bucket, &bytes, &part, APR_BLOCK_READ), APR_SUCCESS);
        assert_memory_equal(bytes, download.text + i * CHUNK, CHUNK);
        bucket = APR_BUCKET_NEXT(bucket);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(apr_bucket_read(bucket, &bytes, &part, APR_BLOCK_READ), APR_EMISMATCH);
        assert_null(bytes);
        assert_int_equal(part, 0);
        assert_true(is_unread(bucket));
    }
    apr_brigade_cleanup(download.brigade);
}

static int open_files(void)
{
    DIR *stream = opendir("/proc/self/fd");
    int count = 0;

    assert_non_null(stream);
    while (readdir(stream)) {
        count++;
    }
    closedir(stream);
    return count;
}

static void the_file_is_closed_with_the_pool(void **state)
{
    download_t download = start(*state, SIZE, 4);
    int before = open_files();

    apr_pool_destroy(download.pool); /* a client that went away: nothing was read */
    assert_int_equal(open_files(), before - 1);
    apr_brigade_cleanup(download.brigade);
}

/* httpd sets what it could not send aside into a pool that may end before the request's ... */
static void set_aside_into_a_shorter_life(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    apr_pool_t *shorter;

    apr_pool_create(&shorter, download.pool);
    assert_int_equal(apr_bucket_setaside(bucket, download.pool), APR_SUCCESS);
    assert_int_equal(apr_bucket_setaside(bucket, shorter), APR_SUCCESS);
    assert_true(is_unread(bucket));
    apr_pool_destroy(shorter);
    expect_slice(download.brigade, download.text, SIZE);
}

/* ... or after it: then the document must not end with the request. */
static void set_aside_into_a_longer_life(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    int before = open_files();
    apr_pool_t *connection;

    apr_pool_create(&connection, download.place->pool);
    assert_int_equal(apr_bucket_setaside(bucket, connection), APR_SUCCESS);
    assert_int_equal(apr_bucket_setaside(bucket, connection), APR_SUCCESS);
    assert_true(is_unread(bucket));
    apr_pool_destroy(download.pool);
    assert_int_equal(open_files(), before);
    expect_slice(download.brigade, download.text, SIZE);
    apr_pool_destroy(connection);
    assert_int_equal(open_files(), before - 1);
}

/* The first part stays with the request, the second goes on with the connection. */
static void set_aside_a_part(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    apr_bucket_brigade *kept = apr_brigade_create(download.place->pool, download.list);
    apr_bucket *copy;
    apr_pool_t *connection;

    apr_pool_create(&connection, download.place->pool);
    assert_int_equal(apr_bucket_copy(bucket, &copy), APR_SUCCESS);
    assert_int_equal(apr_bucket_split(copy, 40), APR_SUCCESS);
    APR_BRIGADE_INSERT_TAIL(kept, APR_BUCKET_NEXT(copy));
    assert_int_equal(apr_bucket_setaside(APR_BRIGADE_FIRST(kept), connection), APR_SUCCESS);
    apr_bucket_destroy(copy);
    expect_slice(download.brigade, download.text, SIZE);
    apr_pool_destroy(download.pool);
    expect_slice(kept, download.text + 40, SIZE - 40);
    apr_pool_destroy(connection);
}

/* A part that was set aside and has ended takes nothing from the others with it. */
static void set_aside_one_after_the_other(void **state)
{
    download_t download = start(*state, SIZE, 4);
    apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
    apr_bucket *copy;
    apr_pool_t *one;
    apr_pool_t *two;

    apr_pool_create(&one, download.place->pool);
    assert_int_equal(apr_bucket_copy(bucket, &copy), APR_SUCCESS);
    assert_int_equal(apr_bucket_setaside(copy, one), APR_SUCCESS);
    apr_bucket_destroy(copy);
    apr_pool_destroy(one);
    apr_pool_create(&two, download.place->pool); /* may well lie where the first one lay */
    assert_int_equal(apr_bucket_setaside(bucket, two), APR_SUCCESS);
    apr_pool_destroy(download.pool);
    expect_slice(download.brigade, download.text, SIZE);
    apr_pool_destroy(two);
}

static apr_size_t resident_kib(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%*s %ld", &pages), 1);
    fclose(file);
    return (apr_size_t)(pages * (sysconf(_SC_PAGESIZE) / 1024));
}

static void memory_stays_flat(void **state)
{
    enum { LARGE = 48 << 20 };
    download_t download = start(*state, LARGE, DOSSIER_SEALED_CHUNK_LOG2);
    apr_size_t before = 0;
    apr_size_t done = 0;

    while (!APR_BRIGADE_EMPTY(download.brigade)) {
        apr_bucket *bucket = APR_BRIGADE_FIRST(download.brigade);
        const char *bytes;
        apr_size_t part;

        assert_int_equal(apr_bucket_read(bucket, &bytes, &part, APR_BLOCK_READ), APR_SUCCESS);
        assert_in_range(part, 1, 65536);
        assert_int_equal(memcmp(bytes, download.text + done, part), 0);
        done += part;
        apr_bucket_delete(bucket);
        before = before ? before : resident_kib(); /* after the first chunk */
    }
    assert_int_equal(done, LARGE);
    CHECK(resident_kib() < before + 1024, "%d KiB grew to %d", (int)before, (int)resident_kib());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(a_read_gives_one_chunk_and_the_rest),
        PLACE_TEST(whole_documents_of_any_size_come_out),
        PLACE_TEST(the_length_is_known_without_reading),
        PLACE_TEST(every_range_equals_the_slice),
        PLACE_TEST(every_range_of_a_copy_equals_the_slice),
        PLACE_TEST(many_ranges_may_overlap),
        PLACE_TEST(splits_refuse_what_lies_outside),
        PLACE_TEST(a_damaged_chunk_ends_the_download),
        PLACE_TEST(the_file_is_closed_with_the_pool),
        PLACE_TEST(set_aside_into_a_shorter_life),
        PLACE_TEST(set_aside_into_a_longer_life),
        PLACE_TEST(set_aside_a_part),
        PLACE_TEST(set_aside_one_after_the_other),
        PLACE_TEST(memory_stays_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
