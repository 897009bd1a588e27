/* Whatever is changed in a file or a row, no byte of the chunk concerned comes out. */
#include "vault_fixture.h"

enum { SMALL = 50, CHUNK = 16, SEALED = CHUNK + 16, CHUNKS = 4 };

/* A small document in four chunks, and its file. */
typedef struct {
    place_t *place;
    const unsigned char *text;
    dossier_vault_receipt_t *receipt;
    const char *path;
    unsigned char *file;
    apr_size_t length;
} victim_t;

static victim_t make_victim(place_t *place, const char *id, apr_size_t size, int chunk_log2)
{
    victim_t victim = {.place = place};

    if (!place->vault) {
        open_vault(place, chunk_log2);
    }
    victim.text = make_text(size, (unsigned char)id[35], place->pool);
    victim.receipt = store(place, id, victim.text, size, 1000);
    victim.path = path_of(place, id);
    victim.file = load_file(victim.path, &victim.length, place->pool);
    return victim;
}

/* Opens the victim with a pool of its own, which the caller destroys. */
static apr_status_t begin(dossier_vault_reader_t **reader, const victim_t *victim,
                          apr_pool_t **pool)
{
    apr_pool_create(pool, victim->place->pool);
    return dossier_vault_read_begin(reader, victim->place->vault, victim->receipt, *pool);
}

static void expect_no_begin(const victim_t *victim, apr_status_t expected)
{
    dossier_vault_reader_t *reader = NULL;
    apr_pool_t *pool;

    assert_int_equal(begin(&reader, victim, &pool), expected);
    assert_null(reader);
    apr_pool_destroy(pool);
}

/* Reads each chunk by itself: those in the mask fail without a byte, the others come out right. */
static void expect_chunks(const victim_t *victim, unsigned failing)
{
    dossier_vault_reader_t *reader;
    apr_pool_t *pool;
    apr_off_t size = victim->receipt->size;
    apr_off_t chunk = (apr_off_t)1 << victim->place->vault->chunk_log2;

    assert_int_equal(begin(&reader, victim, &pool), APR_SUCCESS);
    for (apr_off_t start = 0; start < size; start += chunk) {
        unsigned char *out = apr_pcalloc(pool, (apr_size_t)chunk);
        unsigned char *zeros = apr_pcalloc(pool, (apr_size_t)chunk);
        apr_size_t expected = (apr_size_t)(size - start < chunk ? size - start : chunk);
        apr_size_t got = expected;
        int fails = failing >> (start / chunk) & 1;

        assert_int_equal(dossier_vault_read(reader, start, out, &got),
                         fails ? APR_EMISMATCH : APR_SUCCESS);
        assert_int_equal(got, fails ? 0 : expected);
        assert_memory_equal(out, fails ? zeros : victim->text + start, expected);
    }
    apr_pool_destroy(pool);
}

static void every_flipped_bit_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);

    assert_int_equal(victim.length, 16 + SMALL + CHUNKS * 16);
    expect_chunks(&victim, 0);
    for (apr_size_t bit = 0; bit < victim.length * 8; bit++) {
        apr_size_t byte = bit / 8;

        victim.file[byte] ^= (unsigned char)(1 << bit % 8);
        save_file(victim.path, victim.file, victim.length);
        if (byte < 7 || byte == 14 || byte == 15) {
            expect_no_begin(&victim, APR_EMISMATCH); /* the header's fixed part */
        } else if (byte < 16) {
            expect_chunks(&victim, 15); /* the nonce prefix concerns all */
        } else {
            expect_chunks(&victim, 1U << ((byte - 16) / SEALED));
        }
        victim.file[byte] ^= (unsigned char)(1 << bit % 8);
    }
    save_file(victim.path, victim.file, victim.length);
    expect_chunks(&victim, 0);
}

static void flipped_bits_of_full_chunks_are_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, 2 * 65536 + 1000, 16);
    int file = open(victim.path, O_WRONLY);

    assert_true(file >= 0);
    for (apr_size_t byte = 16; byte < victim.length; byte += 331) {
        unsigned char changed = (unsigned char)(victim.file[byte] ^ (1 << byte % 8));

        assert_int_equal(pwrite(file, &changed, 1, (off_t)byte), 1);
        expect_chunks(&victim, 1U << ((byte - 16) / (65536 + 16)));
        assert_int_equal(pwrite(file, victim.file + byte, 1, (off_t)byte), 1);
    }
    close(file);
    expect_chunks(&victim, 0);
}

static void every_truncation_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);

    for (apr_size_t length = victim.length; length-- > 0;) {
        assert_int_equal(truncate(victim.path, (off_t)length), 0);
        expect_no_begin(&victim, APR_EMISMATCH);
    }
    save_file(victim.path, victim.file, victim.length);
    expect_chunks(&victim, 0);
}

static void every_truncation_of_full_chunks_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, 65536 + 300, 16);

    for (apr_size_t length = victim.length; length-- > 0;) {
        assert_int_equal(truncate(victim.path, (off_t)length), 0);
        expect_no_begin(&victim, APR_EMISMATCH);
    }
}

static void every_longer_file_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);

    for (apr_size_t more = 1; more <= 3 * SEALED; more++) {
        assert_int_equal(truncate(victim.path, (off_t)(victim.length + more)), 0);
        expect_no_begin(&victim, APR_EMISMATCH);
    }
}

/* An attacker cuts at a chunk's end and gives the row the shorter length: the wrap tells. */
static void a_truncation_with_the_length_to_match_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);

    for (apr_size_t chunks = 1; chunks < CHUNKS; chunks++) {
        victim.receipt->size = (apr_off_t)(chunks * CHUNK);
        assert_int_equal(truncate(victim.path, (off_t)(16 + chunks * SEALED)), 0);
        expect_no_begin(&victim, APR_EMISMATCH);
        save_file(victim.path, victim.file, victim.length);
    }
}

/* Even with a wrap for the shorter length (which only the key's holder could make), the last flag
   tells. */
static void a_truncation_with_a_forged_wrap_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    place_t *place = victim.place;
    unsigned char key[32];

    assert_int_equal(dossier_keyring_unwrap(place->ring, key, "k1", ID_A, SMALL,
                                            victim.receipt->wrapped_key, place->pool),
                     APR_SUCCESS);
    victim.receipt->size = 2 * CHUNK;
    victim.receipt->wrapped_key =
        dossier_keyring_wrap(place->ring, ID_A, 2 * CHUNK, key, place->pool);
    assert_int_equal(truncate(victim.path, 16 + 2 * SEALED), 0);
    expect_chunks(&victim, 2); /* the first is what it was; the second was not the last */
}

static void every_swap_of_chunks_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, CHUNKS * CHUNK, 4);

    for (int a = 0; a < CHUNKS; a++) {
        for (int b = 0; b < CHUNKS; b++) {
            unsigned char *changed = apr_pmemdup(victim.place->pool, victim.file, victim.length);

            memcpy(changed + 16 + a * SEALED, victim.file + 16 + b * SEALED, SEALED);
            save_file(victim.path, changed, victim.length);
            expect_chunks(&victim, a == b ? 0 : 1U << a); /* b in the place of a */
            memcpy(changed + 16 + b * SEALED, victim.file + 16 + a * SEALED, SEALED);
            save_file(victim.path, changed, victim.length);
            expect_chunks(&victim, a == b ? 0 : 1U << a | 1U << b);
        }
    }
}

static void chunks_and_files_of_another_document_are_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, CHUNKS * CHUNK, 4);
    victim_t other = make_victim(*state, ID_B, CHUNKS * CHUNK, 4);

    save_file(victim.path, other.file, other.length);
    expect_chunks(&victim, 15);
    memcpy(other.file, victim.file, 16); /* with the header that belongs there */
    save_file(victim.path, other.file, other.length);
    expect_chunks(&victim, 15);
    memcpy(victim.file + 16 + SEALED, other.file + 16 + SEALED, SEALED);
    save_file(victim.path, victim.file, victim.length);
    expect_chunks(&victim, 2);
}

static void a_row_that_points_to_another_document_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    victim_t other = make_victim(*state, ID_B, SMALL, 4);
    dossier_vault_receipt_t right = *victim.receipt;

    victim.receipt->object_id = ID_B;
    expect_no_begin(&victim, APR_EMISMATCH);
    *victim.receipt = right;
    victim.receipt->wrapped_key = other.receipt->wrapped_key;
    expect_no_begin(&victim, APR_EMISMATCH);
    *victim.receipt = right;
    expect_chunks(&victim, 0);
}

static void every_wrong_length_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);

    for (apr_off_t size = 0; size < 2 * SMALL; size++) {
        victim.receipt->size = size;
        if (size != SMALL) {
            expect_no_begin(&victim, APR_EMISMATCH);
        }
    }
    victim.receipt->size = -1;
    expect_no_begin(&victim, APR_EINVAL);
}

static void a_wrong_or_missing_key_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    place_t *place = victim.place;

    place->vault->ring = load_ring(place, "k1 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n");
    expect_no_begin(&victim, APR_EMISMATCH);
    place->vault->ring = load_ring(place, LINE_K2);
    expect_no_begin(&victim, APR_NOTFOUND);
    victim.receipt->key_id = "k2";
    expect_no_begin(&victim, APR_EMISMATCH);
}

static void an_empty_document_is_checked_too(void **state)
{
    victim_t victim = make_victim(*state, ID_A, 0, 4);

    expect_chunks(&victim, 0);
    for (apr_size_t bit = 0; bit < victim.length * 8; bit++) {
        victim.file[bit / 8] ^= (unsigned char)(1 << bit % 8);
        save_file(victim.path, victim.file, victim.length);
        expect_no_begin(&victim, APR_EMISMATCH);
        victim.file[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
}

/* A reader keeps the chunk it opened last: a failure in between must not spoil it. */
static void a_good_chunk_is_good_after_a_bad_one(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    dossier_vault_reader_t *reader;
    apr_pool_t *pool;
    unsigned char out[CHUNK];

    victim.file[16 + SEALED] ^= 1;
    save_file(victim.path, victim.file, victim.length);
    assert_int_equal(begin(&reader, &victim, &pool), APR_SUCCESS);
    for (int i = 0; i < 6; i++) {
        apr_size_t got = CHUNK;
        int bad = i % 2;

        assert_int_equal(dossier_vault_read(reader, bad ? CHUNK : 0, out, &got),
                         bad ? APR_EMISMATCH : APR_SUCCESS);
        assert_int_equal(got, bad ? 0 : CHUNK);
        assert_memory_equal(out, victim.text, CHUNK);
    }
    apr_pool_destroy(pool);
}

static void a_file_cut_while_it_is_read_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    dossier_vault_reader_t *reader;
    apr_pool_t *pool;
    unsigned char out[SMALL];
    apr_size_t got = CHUNK;

    assert_int_equal(begin(&reader, &victim, &pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_read(reader, 0, out, &got), APR_SUCCESS);
    assert_int_equal(truncate(victim.path, 16 + SEALED + 5), 0);
    got = SMALL;
    assert_int_equal(dossier_vault_read(reader, 0, out, &got), APR_EMISMATCH);
    assert_int_equal(got, 0);
    apr_pool_destroy(pool);
}

/* The link's target would be a file outside the vault. */
static void a_link_in_place_of_a_file_is_detected(void **state)
{
    victim_t victim = make_victim(*state, ID_A, SMALL, 4);
    const char *elsewhere = apr_pstrcat(victim.place->pool, victim.place->top, "/x", NULL);

    assert_int_equal(rename(victim.path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, victim.path), 0);
    expect_no_begin(&victim, APR_EMISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(every_flipped_bit_is_detected),
        PLACE_TEST(flipped_bits_of_full_chunks_are_detected),
        PLACE_TEST(every_truncation_is_detected),
        PLACE_TEST(every_truncation_of_full_chunks_is_detected),
        PLACE_TEST(every_longer_file_is_detected),
        PLACE_TEST(a_truncation_with_the_length_to_match_is_detected),
        PLACE_TEST(a_truncation_with_a_forged_wrap_is_detected),
        PLACE_TEST(every_swap_of_chunks_is_detected),
        PLACE_TEST(chunks_and_files_of_another_document_are_detected),
        PLACE_TEST(a_row_that_points_to_another_document_is_detected),
        PLACE_TEST(every_wrong_length_is_detected),
        PLACE_TEST(a_wrong_or_missing_key_is_detected),
        PLACE_TEST(an_empty_document_is_checked_too),
        PLACE_TEST(a_good_chunk_is_good_after_a_bad_one),
        PLACE_TEST(a_file_cut_while_it_is_read_is_detected),
        PLACE_TEST(a_link_in_place_of_a_file_is_detected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
