/* The key file and what is made with its keys. */
#include "vault/keyring.h"
#include "vault_fixture.h"

#define KEY_TEXT "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

static void reads_keys_in_order(void **state)
{
    place_t *place = *state;
    const dossier_keyring_t *ring =
        load_ring(place, "# keys of the portal\n\n  \t" LINE_K2 "old-2025   " KEY_TEXT
                         "  # until the spring\r\n");
    const apr_array_header_t *ids = dossier_keyring_ids(ring);

    assert_int_equal(ids->nelts, 2);
    assert_string_equal(APR_ARRAY_IDX(ids, 0, const char *), "k2");
    assert_string_equal(APR_ARRAY_IDX(ids, 1, const char *), "old-2025");
    assert_string_equal(dossier_keyring_current(ring), "k2");
}

static void takes_a_last_line_without_end(void **state)
{
    assert_string_equal(dossier_keyring_current(load_ring(*state, "k1 " KEY_TEXT)), "k1");
}

static const struct {
    const char *lines;
    const char *says;
} mistakes[] = {
    {"", "holds no key"},
    {"# only a comment\n", "holds no key"},
    {KEY_TEXT "\n", "line 1: a line is"},
    {LINE_K1 "K2 " KEY_TEXT "\n", "line 2: a line is"},
    {"k_1 " KEY_TEXT "\n", "line 1: a line is"},
    {"abcdefghijklmnopqrstuvwxyz0123456 " KEY_TEXT "\n", "line 1: a line is"},
    {"\n\nk1\n", "line 3: the key is missing"},
    {"k1 " KEY_TEXT " more\n", "line 1: something follows"},
    {"k1 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw==\n", "line 1: the key is not 32 bytes"},
    {"k1 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAh\n", "line 1: the key is not 32 bytes"},
    {"k1 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\n", "line 1: the key is not 32 bytes"},
    {"k1 AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyB=\n", "line 1: the key is not 32 bytes"},
    {"k1 !QIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n", "line 1: the key is not 32 bytes"},
    {"k1 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "line 1: the key is all zeros"},
    {LINE_K1 "k1 lost\n", "line 2: the key \"k1\" stands here, and is said to be lost"},
    {"k1 lost\n" LINE_K1, "line 2: the key \"k1\" is said to be lost above"},
    {"k1 lost\n", "holds no key"},
    {LINE_K1 LINE_K1, "line 2: the key id \"k1\" stands here twice"},
    {LINE_K1 "k3 " KEY_TEXT "\n", "line 2: this is the key of \"k1\" again"},
};

static void says_file_line_and_cure(void **state)
{
    place_t *place = *state;

    for (size_t i = 0; i < COUNT(mistakes); i++) {
        dossier_keyring_t *ring = NULL;
        const char *error = NULL;

        write_text(place->key_file, mistakes[i].lines, 0600);
        CHECK(dossier_keyring_load(&ring, &error, place->key_file, place->pool) != APR_SUCCESS,
              "accepted: %s", mistakes[i].lines);
        assert_null(ring);
        CHECK(error && strstr(error, mistakes[i].says), "%s", error);
        assert_ptr_equal(strstr(error, place->key_file), error);
        assert_null(strstr(error, "AQIDBAUG")); /* a log is not a place for keys */
    }
}

static void refuses_a_file_that_others_can_read(void **state)
{
    static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0666};
    place_t *place = *state;

    for (size_t i = 0; i < COUNT(modes); i++) {
        dossier_keyring_t *ring;
        const char *error = NULL;

        write_text(place->key_file, LINE_K1, modes[i]);
        assert_int_not_equal(dossier_keyring_load(&ring, &error, place->key_file, place->pool),
                             APR_SUCCESS);
        assert_non_null(strstr(error, "chmod 600"));
    }
    write_text(place->key_file, LINE_K1, 0400);
}

static void expect_refusal(place_t *place, const char *path, const char *says)
{
    dossier_keyring_t *ring;
    const char *error = NULL;

    assert_int_not_equal(dossier_keyring_load(&ring, &error, path, place->pool), APR_SUCCESS);
    CHECK(error && strstr(error, says), "%s", error);
}

static void refuses_what_is_no_key_file(void **state)
{
    place_t *place = *state;
    const char *fifo = apr_pstrcat(place->pool, place->top, "/fifo", NULL);
    const char *missing = apr_pstrcat(place->pool, place->top, "/missing", NULL);
    const char *large = apr_pstrcat(place->pool, place->top, "/large", NULL);

    expect_refusal(place, missing, "there is no such file: create it");
    expect_refusal(place, place->folder, "is not a regular file");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    expect_refusal(place, fifo, "is not a regular file");
    save_file(large, (const unsigned char *)"k1\0" KEY_TEXT, 40);
    expect_refusal(place, large, "is not a text file");
    save_file(large, make_text(70000, 1, place->pool), 70000);
    expect_refusal(place, large, "is larger than 65536 bytes");
}

static void refuses_more_keys_than_it_holds(void **state)
{
    place_t *place = *state;
    apr_pool_t *pool = place->pool;
    const char *lines = "";

    for (int i = 0; i < 65; i++) {
        lines = apr_psprintf(pool, "%sk%d %c%cIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n", lines,
                             i, 'A' + i % 26, 'A' + i / 26);
    }
    write_text(place->key_file, lines, 0600);
    expect_refusal(place, place->key_file, "line 65: more than 64 keys");
}

/* HKDF and HMAC have their own test vectors in test_secrets.c. */
static void mac_is_hmac_under_a_derived_key(void **state)
{
    static const char *const parts[] = {"verification", "subject", "123456", NULL};
    place_t *place = *state;
    unsigned char master[32];
    unsigned char key[32];

    for (int i = 0; i < 32; i++) {
        master[i] = (unsigned char)(i + 1);
    }
    dossier_secrets_derive(key, master, "mantova-dossier mac 1 verification");
    assert_string_equal(
        dossier_keyring_mac(place->ring, NULL, "verification", "subject", "123456", place->pool),
        dossier_secrets_hmac(key, parts, place->pool));
}

static void mac_depends_on_every_part(void **state)
{
    place_t *place = *state;
    const dossier_keyring_t *ring = load_ring(place, LINE_K1 LINE_K2);
    const char *macs[] = {
        dossier_keyring_mac(ring, NULL, "activation", "ab", "cd", place->pool),
        dossier_keyring_mac(ring, "k2", "activation", "ab", "cd", place->pool),
        dossier_keyring_mac(ring, NULL, "verification", "ab", "cd", place->pool),
        dossier_keyring_mac(ring, NULL, "activation", "abc", "d", place->pool),
        dossier_keyring_mac(ring, NULL, "activation", "ab", "ce", place->pool),
    };

    for (size_t i = 0; i < COUNT(macs); i++) {
        assert_int_equal(strlen(macs[i]), 64);
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(macs[i], macs[j]);
        }
    }
    assert_string_equal(macs[0],
                        dossier_keyring_mac(ring, "k1", "activation", "ab", "cd", place->pool));
    assert_null(dossier_keyring_mac(ring, "k3", "activation", "ab", "cd", place->pool));
    assert_null(dossier_keyring_mac(ring, NULL, "activation", NULL, "cd", place->pool));
}

static void sealed_text_opens(void **state)
{
    static const char *const texts[] = {"", "1", "123456", "perch\xc3\xa9 no: a longer text"};
    place_t *place = *state;
    apr_pool_t *pool = place->pool;

    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *sealed = dossier_keyring_seal(place->ring, "context", texts[i], pool);

        assert_ptr_equal(strstr(sealed, "k1:"), sealed);
        assert_string_equal(dossier_keyring_open(place->ring, "context", sealed, pool), texts[i]);
        assert_string_not_equal(sealed,
                                dossier_keyring_seal(place->ring, "context", texts[i], pool));
        assert_null(dossier_keyring_open(place->ring, "contexts", sealed, pool));
        assert_null(dossier_keyring_open(place->ring, "", sealed, pool));
    }
    assert_string_equal(dossier_keyring_open(place->ring, "",
                                             dossier_keyring_seal(place->ring, "", "x", pool),
                                             pool),
                        "x");
}

static void every_changed_character_is_noticed(void **state)
{
    place_t *place = *state;
    apr_pool_t *pool = place->pool;
    const char *sealed = dossier_keyring_seal(place->ring, "context", "123456", pool);

    for (size_t i = 0; i < strlen(sealed); i++) {
        char *changed = apr_pstrdup(pool, sealed);

        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_null(dossier_keyring_open(place->ring, "context", changed, pool));
        changed[i] = '\0';
        assert_null(dossier_keyring_open(place->ring, "context", changed, pool));
    }
    assert_null(dossier_keyring_open(place->ring, "context", NULL, pool));
    assert_null(dossier_keyring_open(place->ring, "context",
                                     apr_pstrcat(pool, sealed, "AAAA", NULL), pool));
}

static void old_keys_still_open(void **state)
{
    place_t *place = *state;
    apr_pool_t *pool = place->pool;
    const char *sealed = dossier_keyring_seal(place->ring, "context", "123456", pool);
    const dossier_keyring_t *rotated = load_ring(place, LINE_K2 LINE_K1);
    const dossier_keyring_t *without = load_ring(place, LINE_K2);

    assert_string_equal(dossier_keyring_open(rotated, "context", sealed, pool), "123456");
    assert_null(dossier_keyring_open(without, "context", sealed, pool));
}

static void wrap_is_bound_to_id_length_and_key(void **state)
{
    static const unsigned char key[32] = {9, 8, 7, 0, 5};
    place_t *place = *state;
    apr_pool_t *pool = place->pool;
    const dossier_keyring_t *both = load_ring(place, LINE_K1 LINE_K2);
    const char *wrapped = dossier_keyring_wrap(place->ring, ID_A, 1234, key, pool);
    unsigned char out[32];

    assert_int_equal(strlen(wrapped), 80);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k1", ID_A, 1234, wrapped, pool), 0);
    assert_memory_equal(out, key, 32);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k1", ID_B, 1234, wrapped, pool),
                     APR_EMISMATCH);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k1", ID_A, 1235, wrapped, pool),
                     APR_EMISMATCH);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k2", ID_A, 1234, wrapped, pool),
                     APR_EMISMATCH);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k3", ID_A, 1234, wrapped, pool),
                     APR_NOTFOUND);
    assert_int_equal(dossier_keyring_unwrap(both, out, "k1", ID_A, 1234, NULL, pool),
                     APR_EMISMATCH);
}

static void every_changed_character_of_a_wrap_is_noticed(void **state)
{
    static const unsigned char key[32] = {9, 8, 7, 0, 5};
    place_t *place = *state;
    apr_pool_t *pool = place->pool;
    const char *wrapped = dossier_keyring_wrap(place->ring, ID_A, 0, key, pool);
    unsigned char out[32];

    for (size_t i = 0; i < strlen(wrapped); i++) {
        char *changed = apr_pstrdup(pool, wrapped);

        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        assert_int_equal(dossier_keyring_unwrap(place->ring, out, "k1", ID_A, 0, changed, pool),
                         APR_EMISMATCH);
        changed[i] = '\0';
        assert_int_equal(dossier_keyring_unwrap(place->ring, out, "k1", ID_A, 0, changed, pool),
                         APR_EMISMATCH);
    }
}

static void canaries_differ_by_key_and_id(void **state)
{
    place_t *place = *state;
    const dossier_keyring_t *ring = load_ring(place, LINE_K1 LINE_K2);
    const dossier_keyring_t *renamed = load_ring(place, "k9 " KEY_TEXT "\n");
    const char *canary = dossier_keyring_canary(ring, "k1", place->pool);

    assert_int_equal(strlen(canary), 64);
    assert_string_equal(canary, dossier_keyring_canary(place->ring, "k1", place->pool));
    assert_string_not_equal(canary, dossier_keyring_canary(ring, "k2", place->pool));
    assert_string_not_equal(canary, dossier_keyring_canary(renamed, "k9", place->pool));
    assert_null(dossier_keyring_canary(ring, "k9", place->pool));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(reads_keys_in_order),
        PLACE_TEST(takes_a_last_line_without_end),
        PLACE_TEST(says_file_line_and_cure),
        PLACE_TEST(refuses_a_file_that_others_can_read),
        PLACE_TEST(refuses_what_is_no_key_file),
        PLACE_TEST(refuses_more_keys_than_it_holds),
        PLACE_TEST(mac_is_hmac_under_a_derived_key),
        PLACE_TEST(mac_depends_on_every_part),
        PLACE_TEST(sealed_text_opens),
        PLACE_TEST(every_changed_character_is_noticed),
        PLACE_TEST(old_keys_still_open),
        PLACE_TEST(wrap_is_bound_to_id_length_and_key),
        PLACE_TEST(every_changed_character_of_a_wrap_is_noticed),
        PLACE_TEST(canaries_differ_by_key_and_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
