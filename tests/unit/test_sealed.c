/* The sealed format: what it looks like, and that no chunk opens that is not the one asked for. */
#include "vault/sealed.h"
#include "vault_fixture.h"

enum { LOG2 = 4, CHUNK = 16, TAG = DOSSIER_SEALED_TAG };

static const unsigned char KEY[32] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
static const unsigned char TEXT[CHUNK] = "sixteen bytes !!";

static void layout_counts_chunks(void **state)
{
    static const struct {
        apr_off_t size;
        apr_off_t chunks;
    } cases[] = {{0, 1}, {1, 1}, {15, 1}, {16, 1}, {17, 2}, {32, 2}, {33, 3}, {160, 10}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dossier_sealed_layout_t layout;

        assert_int_equal(dossier_sealed_layout(&layout, cases[i].size, LOG2), APR_SUCCESS);
        assert_int_equal(layout.chunks, cases[i].chunks);
        assert_int_equal(layout.file_size, 16 + cases[i].size + 16 * cases[i].chunks);
        assert_int_equal(layout.chunk_size, CHUNK);
    }
}

static void layout_stops_at_four_billion_chunks(void **state)
{
    dossier_sealed_layout_t layout;
    apr_off_t most = (apr_off_t)1 << (32 + LOG2);

    (void)state;
    assert_int_equal(dossier_sealed_layout(&layout, most, LOG2), APR_SUCCESS);
    assert_int_equal(layout.chunks, (apr_off_t)1 << 32);
    assert_int_equal(dossier_sealed_layout(&layout, most + 1, LOG2), APR_EINVAL);
    assert_int_equal(dossier_sealed_layout(&layout, -1, LOG2), APR_EINVAL);
    assert_int_equal(dossier_sealed_layout(&layout, (apr_off_t)1 << 48, 16), APR_SUCCESS);
    assert_int_equal(dossier_sealed_layout(&layout, ((apr_off_t)1 << 48) + 1, 16), APR_EINVAL);
    assert_int_equal(dossier_sealed_layout(&layout, INT64_MAX, 20), APR_EINVAL);
}

static void places_follow_each_other(void **state)
{
    dossier_sealed_layout_t layout;
    apr_off_t expected = DOSSIER_SEALED_HEADER;

    (void)state;
    dossier_sealed_layout(&layout, 5 * CHUNK + 3, LOG2);
    for (apr_uint32_t i = 0; i < 6; i++) {
        apr_off_t offset;
        apr_size_t length;

        dossier_sealed_place(&offset, &length, &layout, i);
        assert_int_equal(offset, expected);
        assert_int_equal(length, (i < 5 ? CHUNK : 3) + TAG);
        expected += (apr_off_t)length;
    }
    assert_int_equal(expected, layout.file_size);
}

static void header_is_as_described(void **state)
{
    unsigned char one[DOSSIER_SEALED_HEADER];
    unsigned char two[DOSSIER_SEALED_HEADER];
    dossier_sealed_t *sealed;

    assert_int_equal(dossier_sealed_create(&sealed, one, 16, ID_A, KEY, *state), APR_SUCCESS);
    assert_int_equal(dossier_sealed_create(&sealed, two, 16, ID_A, KEY, *state), APR_SUCCESS);
    assert_memory_equal(one, "MDOS\1\1\20", 7);
    assert_memory_equal(one + 14, "\0\0", 2);
    assert_memory_not_equal(one + 7, two + 7, 7);
    assert_int_equal(dossier_sealed_create(&sealed, one, 16, "../../x", KEY, *state), APR_EINVAL);
    assert_int_equal(dossier_sealed_create(&sealed, one, 3, ID_A, KEY, *state), APR_EINVAL);
    assert_int_equal(dossier_sealed_create(&sealed, one, 21, ID_A, KEY, *state), APR_EINVAL);
}

static void chunks_are_as_described(void **state)
{
    unsigned char header[DOSSIER_SEALED_HEADER];
    unsigned char mine[CHUNK + TAG];
    unsigned char others[CHUNK + TAG];
    dossier_sealed_t *sealed;

    assert_int_equal(dossier_sealed_create(&sealed, header, LOG2, ID_A, KEY, *state), APR_SUCCESS);
    for (apr_uint32_t i = 0; i < 300; i++) {
        int last = i == 299;
        apr_size_t length = last ? 5 : CHUNK;

        assert_int_equal(dossier_sealed_next(mine, sealed, last, TEXT, length), APR_SUCCESS);
        other_seal(others, header, ID_A, KEY, i, last, TEXT, (int)length);
        assert_memory_equal(mine, others, length + TAG);
    }
}

static void writing_keeps_the_rules(void **state)
{
    unsigned char header[DOSSIER_SEALED_HEADER];
    unsigned char out[CHUNK + 1 + TAG];
    unsigned char longer[CHUNK + 1] = {0};
    dossier_sealed_t *sealed;

    assert_int_equal(dossier_sealed_create(&sealed, header, LOG2, ID_A, KEY, *state), APR_SUCCESS);
    assert_int_equal(dossier_sealed_next(out, sealed, 0, TEXT, CHUNK - 1), APR_EINVAL);
    assert_int_equal(dossier_sealed_next(out, sealed, 0, longer, CHUNK + 1), APR_EINVAL);
    assert_int_equal(dossier_sealed_next(out, sealed, 1, longer, CHUNK + 1), APR_EINVAL);
    assert_int_equal(dossier_sealed_next(out, sealed, 0, TEXT, CHUNK), APR_SUCCESS);
    assert_int_equal(dossier_sealed_next(out, sealed, 1, TEXT, 0), APR_EINVAL);
    assert_int_equal(dossier_sealed_next(out, sealed, 1, TEXT, 1), APR_SUCCESS);
    assert_int_equal(dossier_sealed_next(out, sealed, 1, TEXT, 1), APR_EINVAL);

    assert_int_equal(dossier_sealed_open(&sealed, header, ID_A, KEY, *state), APR_SUCCESS);
    assert_int_equal(dossier_sealed_next(out, sealed, 1, TEXT, 1), APR_EINVAL);
}

/* One chunk, number 7 and not the last, to be opened in wrong ways. */
typedef struct {
    unsigned char header[DOSSIER_SEALED_HEADER];
    unsigned char chunk[CHUNK + TAG];
    dossier_sealed_t *sealed;
} seventh_t;

static void make_seventh(seventh_t *seventh, apr_pool_t *pool)
{
    dossier_sealed_t *sealed;

    assert_int_equal(dossier_sealed_create(&sealed, seventh->header, LOG2, ID_A, KEY, pool), 0);
    for (int i = 0; i <= 7; i++) {
        assert_int_equal(dossier_sealed_next(seventh->chunk, sealed, 0, TEXT, CHUNK), APR_SUCCESS);
    }
    assert_int_equal(dossier_sealed_open(&seventh->sealed, seventh->header, ID_A, KEY, pool), 0);
}

static void expect_refused(dossier_sealed_t *sealed, apr_uint32_t number, int last,
                           const unsigned char *chunk, apr_size_t length)
{
    static const unsigned char zeros[CHUNK + TAG];
    unsigned char out[CHUNK + TAG] = "left from before";

    assert_int_equal(dossier_sealed_chunk(out, sealed, number, last, chunk, length), APR_EMISMATCH);
    if (length > TAG) {
        assert_memory_equal(out, zeros, length - TAG);
    }
}

static void the_right_chunk_opens(void **state)
{
    seventh_t seventh;
    unsigned char out[CHUNK];

    make_seventh(&seventh, *state);
    assert_int_equal(
        dossier_sealed_chunk(out, seventh.sealed, 7, 0, seventh.chunk, sizeof(seventh.chunk)), 0);
    assert_memory_equal(out, TEXT, CHUNK);
}

static void every_flipped_bit_is_refused(void **state)
{
    seventh_t seventh;

    make_seventh(&seventh, *state);
    for (size_t bit = 0; bit < sizeof(seventh.chunk) * 8; bit++) {
        seventh.chunk[bit / 8] ^= (unsigned char)(1 << bit % 8);
        expect_refused(seventh.sealed, 7, 0, seventh.chunk, sizeof(seventh.chunk));
        seventh.chunk[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

static void every_shorter_chunk_is_refused(void **state)
{
    seventh_t seventh;

    make_seventh(&seventh, *state);
    for (apr_size_t length = 0; length < sizeof(seventh.chunk); length++) {
        expect_refused(seventh.sealed, 7, 0, seventh.chunk, length);
        expect_refused(seventh.sealed, 7, 1, seventh.chunk, length);
    }
}

static void another_place_or_flag_is_refused(void **state)
{
    seventh_t seventh;

    make_seventh(&seventh, *state);
    expect_refused(seventh.sealed, 7, 1, seventh.chunk, sizeof(seventh.chunk));
    for (int bit = 0; bit < 32; bit++) {
        expect_refused(seventh.sealed, 7U ^ (1U << bit), 0, seventh.chunk, sizeof(seventh.chunk));
    }
}

static void every_flipped_bit_of_the_header_is_refused(void **state)
{
    seventh_t seventh;
    int opened = 0;

    make_seventh(&seventh, *state);
    for (size_t bit = 0; bit < sizeof(seventh.header) * 8; bit++) {
        unsigned char changed[DOSSIER_SEALED_HEADER];
        dossier_sealed_t *sealed;

        memcpy(changed, seventh.header, sizeof(changed));
        changed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        if (dossier_sealed_open(&sealed, changed, ID_A, KEY, *state) == APR_SUCCESS) {
            expect_refused(sealed, 7, 0, seventh.chunk, sizeof(seventh.chunk));
            opened++;
        }
    }
    assert_in_range(opened, 7 * 8, 7 * 8 + 4); /* the prefix, and some chunk sizes */
}

static void another_id_or_key_is_refused(void **state)
{
    seventh_t seventh;

    make_seventh(&seventh, *state);
    for (size_t i = 0; i < strlen(ID_A); i++) {
        char *id = apr_pstrdup(*state, ID_A);
        dossier_sealed_t *sealed;

        if (id[i] != '-') {
            id[i] = id[i] == 'f' ? 'e' : 'f';
            assert_int_equal(dossier_sealed_open(&sealed, seventh.header, id, KEY, *state), 0);
            expect_refused(sealed, 7, 0, seventh.chunk, sizeof(seventh.chunk));
        }
    }
    for (int bit = 0; bit < 256; bit++) {
        unsigned char key[32];
        dossier_sealed_t *sealed;

        memcpy(key, KEY, sizeof(key));
        key[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(dossier_sealed_open(&sealed, seventh.header, ID_A, key, *state), 0);
        expect_refused(sealed, 7, 0, seventh.chunk, sizeof(seventh.chunk));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(layout_counts_chunks),
        TEST(layout_stops_at_four_billion_chunks),
        TEST(places_follow_each_other),
        TEST(header_is_as_described),
        TEST(chunks_are_as_described),
        TEST(writing_keeps_the_rules),
        TEST(the_right_chunk_opens),
        TEST(every_flipped_bit_is_refused),
        TEST(every_shorter_chunk_is_refused),
        TEST(another_place_or_flag_is_refused),
        TEST(every_flipped_bit_of_the_header_is_refused),
        TEST(another_id_or_key_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
