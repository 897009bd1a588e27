/* Documents go in and come out: whole, in every range, of any size; and what is refused. */
#include <apr_time.h>

#include "vault_fixture.h"

static void expect_text(place_t *place, const dossier_vault_receipt_t *receipt,
                        const unsigned char *text, apr_size_t length)
{
    unsigned char *out = apr_palloc(place->pool, length + 10);
    dossier_vault_reader_t *reader;
    apr_size_t got = length + 10;

    assert_int_equal(dossier_vault_read_begin(&reader, place->vault, receipt, place->pool), 0);
    assert_int_equal(dossier_vault_read(reader, 0, out, &got), APR_SUCCESS);
    assert_int_equal(got, length);
    assert_memory_equal(out, text, length);
}

static const char *new_id(int number, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%08x-0000-4000-8000-%012x", (unsigned)number * 2654435761U, number);
}

static void try_size(place_t *place, int number, apr_size_t size, apr_size_t piece)
{
    const unsigned char *text = make_text(size, (unsigned)number, place->pool);
    const char *id = new_id(number, place->pool);
    const dossier_vault_receipt_t *receipt = store(place, id, text, size, piece);
    apr_size_t chunk = (apr_size_t)1 << place->vault->chunk_log2;
    apr_size_t chunks = size ? (size + chunk - 1) / chunk : 1;
    apr_size_t file_size;

    assert_string_equal(receipt->object_id, id);
    assert_int_equal(receipt->size, size);
    assert_string_equal(receipt->sha256, dossier_secrets_sha256(text, size, place->pool));
    assert_string_equal(receipt->key_id, "k1");
    load_file(path_of(place, id), &file_size, place->pool);
    assert_int_equal(file_size, 16 + size + chunks * 16);
    expect_text(place, receipt, text, size);
}

static void every_small_size_comes_back(void **state)
{
    place_t *place = *state;

    open_vault(place, 4);
    for (apr_size_t size = 0; size <= 70; size++) {
        try_size(place, (int)size * 2, size, 1);
        try_size(place, (int)size * 2 + 1, size, 37);
    }
}

static void sizes_around_a_chunk_come_back(void **state)
{
    static const apr_size_t sizes[] = {0,      1,      65535,  65536,   65537,
                                       131071, 131072, 131073, 1000003, 1048576};
    static const apr_size_t pieces[] = {8000, 65536, 1000000};
    place_t *place = *state;
    int number = 0;

    open_vault(place, DOSSIER_SEALED_CHUNK_LOG2);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        for (size_t j = 0; j < COUNT(pieces); j++) {
            try_size(place, number++, sizes[i], pieces[j]);
        }
    }
}

static void nothing_readable_reaches_the_disk(void **state)
{
    static const char text[] = "Referto di Mario Rossi, nato a Mantova: esami nella norma.";
    place_t *place = *state;
    const dossier_vault_receipt_t *receipt;
    apr_size_t length;
    unsigned char *one;
    unsigned char *two;

    open_vault(place, DOSSIER_SEALED_CHUNK_LOG2);
    receipt = store(place, ID_A, (const unsigned char *)text, sizeof(text), 100);
    store(place, ID_B, (const unsigned char *)text, sizeof(text), 100);
    one = load_file(path_of(place, ID_A), &length, place->pool);
    two = load_file(path_of(place, ID_B), &length, place->pool);
    for (int i = 0; i + 4 < (int)sizeof(text); i++) {
        assert_null(memmem(one, length, text + i, 4));
    }
    assert_memory_not_equal(one + 16, two + 16, 16); /* another key each */
    assert_null(strstr(receipt->wrapped_key, "Mario"));
}

static void every_range_equals_the_slice(void **state)
{
    enum { SIZE = 100 };
    place_t *place = *state;
    const unsigned char *text = make_text(SIZE, 5, place->pool);
    dossier_vault_reader_t *reader;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_read_begin(&reader, place->vault,
                                              store(place, ID_A, text, SIZE, 9), place->pool),
                     APR_SUCCESS);
    for (int start = 0; start <= SIZE + 3; start++) {
        for (int room = 0; room <= SIZE + 3; room++) {
            unsigned char out[SIZE + 4];
            apr_size_t got = (apr_size_t)room;
            int expected = start >= SIZE ? 0 : (room < SIZE - start ? room : SIZE - start);

            assert_int_equal(dossier_vault_read(reader, start, out, &got), APR_SUCCESS);
            assert_int_equal(got, expected);
            assert_memory_equal(out, text + (expected ? start : 0), (size_t)expected);
        }
    }
}

static void odd_offsets_are_refused_or_empty(void **state)
{
    place_t *place = *state;
    dossier_vault_reader_t *reader;
    unsigned char out[8];
    apr_size_t got = sizeof(out);

    open_vault(place, 4);
    assert_int_equal(
        dossier_vault_read_begin(&reader, place->vault, store(place, ID_A, out, 0, 1), place->pool),
        APR_SUCCESS);
    assert_int_equal(dossier_vault_read(reader, -1, out, &got), APR_EINVAL);
    assert_int_equal(got, 0);
    got = sizeof(out);
    assert_int_equal(dossier_vault_read(reader, INT64_MAX, out, &got), APR_SUCCESS);
    assert_int_equal(got, 0);
}

/* A sparse file whose last chunk alone is sealed, with the second implementation of the format. */
static dossier_vault_receipt_t *far_away(place_t *place, const char *id, apr_off_t size,
                                         const unsigned char *text, int length)
{
    static const unsigned char key[32] = {7};
    unsigned char header[16] = "MDOS\1\1\4prefix!";
    unsigned char chunk[32];
    dossier_vault_receipt_t *receipt = apr_pcalloc(place->pool, sizeof(*receipt));
    apr_off_t number = (size - 1) / 16;
    int file;

    store(place, id, text, 1, 1); /* makes the folders */
    file = open(path_of(place, id), O_WRONLY | O_TRUNC);
    assert_true(file >= 0);
    other_seal(chunk, header, id, key, (apr_uint32_t)number, 1, text, length);
    assert_int_equal(pwrite(file, header, 16, 0), 16);
    assert_int_equal(pwrite(file, chunk, (size_t)length + 16, 16 + number * 32), length + 16);
    close(file);
    *receipt = (dossier_vault_receipt_t){
        id, size, "", "k1", dossier_keyring_wrap(place->ring, id, size, key, place->pool), NULL};
    return receipt;
}

static void offsets_have_64_bits(void **state)
{
    static const apr_off_t sizes[] = {((apr_off_t)5 << 30) + 3, (apr_off_t)1 << 36};
    static const unsigned char text[16] = "the far end ....";
    place_t *place = *state;

    open_vault(place, 4);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        int length = i == 0 ? 3 : 16;
        dossier_vault_reader_t *reader;
        unsigned char out[32];
        apr_size_t got = sizeof(out);

        assert_int_equal(dossier_vault_read_begin(
                             &reader, place->vault,
                             far_away(place, new_id((int)i, place->pool), sizes[i], text, length),
                             place->pool),
                         APR_SUCCESS);
        assert_int_equal(dossier_vault_read(reader, sizes[i] - length, out, &got), APR_SUCCESS);
        assert_int_equal(got, length);
        assert_memory_equal(out, text, (size_t)length);
    }
}

static void more_chunks_than_can_be_counted_are_refused(void **state)
{
    static const unsigned char key[32] = {7};
    static const unsigned char text[16] = "the far end ....";
    apr_off_t size = ((apr_off_t)1 << 36) + 1;
    place_t *place = *state;
    dossier_vault_receipt_t *receipt;
    dossier_vault_reader_t *reader;

    open_vault(place, 4);
    receipt = far_away(place, ID_A, size - 1, text, 16);
    receipt->size = size;
    receipt->wrapped_key = dossier_keyring_wrap(place->ring, ID_A, size, key, place->pool);
    assert_int_equal(truncate(path_of(place, ID_A), 16 + size + 16 * (((apr_off_t)1 << 32) + 1)),
                     0);
    assert_int_equal(dossier_vault_read_begin(&reader, place->vault, receipt, place->pool),
                     APR_EMISMATCH);
}

static void ids_that_are_no_uuid_are_refused(void **state)
{
    static const char *const ids[] = {"", "../../../etc/passwd",
                                      "3F2A1B00-0000-4000-8000-00000000000A",
                                      "3f2a1b00-0000-4000-8000-00000000000a/"};
    place_t *place = *state;

    open_vault(place, 4);
    for (size_t i = 0; i < COUNT(ids); i++) {
        dossier_vault_receipt_t receipt = {ids[i], 1, "", "k1", "AAAA", NULL};
        dossier_vault_writer_t *writer;
        dossier_vault_reader_t *reader;

        assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ids[i], place->pool),
                         APR_EINVAL);
        assert_int_equal(dossier_vault_read_begin(&reader, place->vault, &receipt, place->pool),
                         APR_EINVAL);
        assert_int_equal(dossier_vault_remove(place->vault, ids[i], place->pool), APR_EINVAL);
    }
}

static void removing_is_for_good(void **state)
{
    place_t *place = *state;
    const dossier_vault_receipt_t *receipt;
    dossier_vault_reader_t *reader;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    receipt = store(place, ID_A, (const unsigned char *)"text", 4, 4);
    assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_read_begin(&reader, place->vault, receipt, place->pool),
                     APR_ENOENT);
}

static void an_object_is_never_written_over(void **state)
{
    place_t *place = *state;
    dossier_vault_receipt_t *first;
    dossier_vault_receipt_t second = {0};
    dossier_vault_writer_t *writer;

    open_vault(place, 4);
    first = store(place, ID_A, (const unsigned char *)"first", 5, 5);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool), 0);
    assert_int_equal(dossier_vault_write(writer, "second", 6), APR_SUCCESS);
    assert_true(APR_STATUS_IS_EEXIST(dossier_vault_write_finish(writer, &second)));
    assert_null(second.object_id);
    expect_text(place, first, (const unsigned char *)"first", 5);
}

static void a_finished_writer_takes_nothing_more(void **state)
{
    place_t *place = *state;
    dossier_vault_receipt_t receipt;
    dossier_vault_writer_t *writer;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool), 0);
    assert_int_equal(dossier_vault_write(writer, "a", 1), APR_SUCCESS);
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), APR_SUCCESS);
    assert_int_not_equal(dossier_vault_write(writer, "b", 1), APR_SUCCESS);
    assert_int_not_equal(dossier_vault_write_finish(writer, &receipt), APR_SUCCESS);
    dossier_vault_write_abort(writer);
    expect_text(place, &receipt, (const unsigned char *)"a", 1);
}

static void documents_survive_a_rotation_of_keys(void **state)
{
    place_t *place = *state;
    const dossier_vault_receipt_t *old;
    const dossier_vault_receipt_t *new;

    open_vault(place, 4);
    old = store(place, ID_A, (const unsigned char *)"old", 3, 3);
    place->ring = load_ring(place, LINE_K2 LINE_K1);
    open_vault(place, 4);
    new = store(place, ID_B, (const unsigned char *)"new", 3, 3);
    assert_string_equal(old->key_id, "k1");
    assert_string_equal(new->key_id, "k2");
    expect_text(place, old, (const unsigned char *)"old", 3);
    expect_text(place, new, (const unsigned char *)"new", 3);
}

/* Printed, not asserted: other work may share the machine. */
static void throughput(void **state)
{
    enum { SIZE = 64 << 20, PIECE = 8192 };
    place_t *place = *state;
    const unsigned char *text = make_text(SIZE, 3, place->pool);
    unsigned char *out = apr_palloc(place->pool, SIZE);
    const dossier_vault_receipt_t *receipt;
    dossier_vault_reader_t *reader;
    apr_size_t got = SIZE;
    apr_time_t times[3];

    open_vault(place, DOSSIER_SEALED_CHUNK_LOG2);
    times[0] = apr_time_now();
    receipt = store(place, ID_A, text, SIZE, PIECE);
    times[1] = apr_time_now();
    assert_int_equal(dossier_vault_read_begin(&reader, place->vault, receipt, place->pool), 0);
    assert_int_equal(dossier_vault_read(reader, 0, out, &got), APR_SUCCESS);
    times[2] = apr_time_now();
    assert_int_equal(got, SIZE);
    assert_memory_equal(out, text, SIZE);
    print_message("64 MiB written durably at %d MB/s, read at %d MB/s\n",
                  (int)(SIZE / (times[1] - times[0] + 1)), (int)(SIZE / (times[2] - times[1] + 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(every_small_size_comes_back),
        PLACE_TEST(sizes_around_a_chunk_come_back),
        PLACE_TEST(nothing_readable_reaches_the_disk),
        PLACE_TEST(every_range_equals_the_slice),
        PLACE_TEST(odd_offsets_are_refused_or_empty),
        PLACE_TEST(offsets_have_64_bits),
        PLACE_TEST(more_chunks_than_can_be_counted_are_refused),
        PLACE_TEST(ids_that_are_no_uuid_are_refused),
        PLACE_TEST(removing_is_for_good),
        PLACE_TEST(an_object_is_never_written_over),
        PLACE_TEST(a_finished_writer_takes_nothing_more),
        PLACE_TEST(documents_survive_a_rotation_of_keys),
        PLACE_TEST(throughput),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
