/* Canaries: a vault does not open with a key missing or changed. */
#include <sys/syscall.h>
#include <sys/wait.h>

#include "vault/key_need.h"
#include "vault_fixture.h"

/* Written at the next sync: what another process does meanwhile. */
static const char *rival_path;
static const char *rival_text;

/* In place of the C library's. */
int fsync(int file)
{
    if (rival_path) {
        write_text(rival_path, rival_text, 0600);
        rival_path = NULL;
    }
    return (int)syscall(SYS_fsync, file);
}

static void knows_its_keys_again(void **state)
{
    place_t *place = *state;

    assert_null(refusal(place, LINE_K1));
    assert_null(refusal(place, LINE_K1));
    assert_null(refusal(place, LINE_K2 LINE_K1));
    assert_int_equal(access(below(place, "keys/k1.canary"), F_OK), 0);
    assert_int_equal(access(below(place, "keys/k2.canary"), F_OK), 0);
    assert_int_equal(files_in(place), 0);
}

/* Several servers may start on one vault at the same moment. */
static void starts_many_times_at_once(void **state)
{
    enum { STARTS = 16 };
    place_t *place = *state;
    pid_t children[STARTS];

    for (int i = 0; i < STARTS; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            const char *error;

            _exit(dossier_vault_open(&place->vault, &error, place->folder, place->ring,
                                     place->pool) != APR_SUCCESS ||
                  dossier_vault_take_up(&error, place->vault, place->pool) != APR_SUCCESS);
        }
    }
    for (int i = 0; i < STARTS; i++) {
        int result;

        assert_int_equal(waitpid(children[i], &result, 0), children[i]);
        assert_int_equal(result, 0);
    }
    assert_int_equal(files_in(place), 0);
}

static void compares_the_canary_of_a_rival(void **state)
{
    place_t *place = *state;
    const char *right = dossier_keyring_canary(place->ring, "k1", place->pool);

    assert_int_equal(mkdir(below(place, "keys"), 0700), 0);
    rival_path = below(place, "keys/k1.canary");
    rival_text = "of another key\n";
    assert_non_null(refusal(place, LINE_K1));
    assert_null(rival_path);
    assert_int_equal(files_in(place), 0);
    assert_int_equal(unlink(below(place, "keys/k1.canary")), 0);
    rival_path = below(place, "keys/k1.canary");
    rival_text = apr_pstrcat(place->pool, right, "\n", NULL);
    assert_null(refusal(place, LINE_K1));
    assert_null(rival_path);
    assert_int_equal(files_in(place), 0);
}

static void refuses_a_missing_key(void **state)
{
    place_t *place = *state;
    const char *error;

    assert_null(refusal(place, LINE_K1 LINE_K2));
    error = refusal(place, LINE_K2);
    assert_non_null(error);
    assert_non_null(strstr(error, "\"k1\" is missing"));
    assert_non_null(strstr(error, "put its line back"));
    assert_null(strstr(error, "canary")); /* whoever removed it would start, and read nothing */
    assert_null(refusal(place, LINE_K2 LINE_K1));
    assert_null(refusal(place, LINE_K2 "k1 lost\n")); /* the other cure that the sentence names */
    assert_non_null(refusal(place, LINE_K2));
}

static void note(place_t *place, apr_int64_t documents, apr_int64_t others)
{
    dossier_key_need_t need = {documents, others, "2026-11-29"};

    assert_int_equal(dossier_key_need_note(place->folder, "k1", &need, place->pool), APR_SUCCESS);
}

/* What the portal has counted decides whether a line may go. */
static void lets_a_key_go_that_no_row_needs(void **state)
{
    place_t *place = *state;
    const char *error;

    assert_null(refusal(place, LINE_K2 LINE_K1));
    note(place, 12, 3);
    error = refusal(place, LINE_K2);
    assert_non_null(strstr(error, "12 documents and 3 codes need it (counted on 2026-11-29)"));
    note(place, 0, 3);
    assert_non_null(strstr(refusal(place, LINE_K2), "0 documents and 3 codes"));
    note(place, 0, 0);
    note(place, 0, 0);
    assert_null(refusal(place, LINE_K2));
    assert_null(refusal(place, LINE_K2 LINE_K1)); /* and back */
    assert_non_null(refusal(place, LINE_K2 "k1 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9PkA=\n"));
    assert_int_equal(dossier_key_need_note(place->folder, "k1", NULL, place->pool), APR_SUCCESS);
    assert_non_null(strstr(refusal(place, LINE_K2), "not known"));
    assert_int_equal(files_in(place), 0);
}

/* A note that cannot be read is none. */
static void refuses_when_the_note_is_damaged(void **state)
{
    static const char *const damages[] = {"",
                                          "0",
                                          "0 0",
                                          "0 0 2026-11-29",
                                          "0  2026-11-29\n",
                                          "-1 0 2026-11-29\n",
                                          "none none today\n"};
    place_t *place = *state;

    assert_null(refusal(place, LINE_K2 LINE_K1));
    for (size_t i = 0; i < COUNT(damages); i++) {
        write_text(below(place, "keys/k1.need"), damages[i], 0600);
        assert_non_null(strstr(refusal(place, LINE_K2), "not known"));
    }
}

static void refuses_a_changed_key(void **state)
{
    place_t *place = *state;
    const char *error;

    assert_null(refusal(place, LINE_K1));
    error = refusal(place, "k1 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n");
    assert_non_null(error);
    assert_non_null(strstr(error, "\"k1\" in the key file is another"));
    assert_null(strstr(error, "ICEiIyQl"));
    assert_null(refusal(place, LINE_K1));
}

/* Such a folder may be the place where a vault is to be mounted. */
static void opening_writes_nothing(void **state)
{
    place_t *place = *state;
    dossier_vault_writer_t *writer;
    const char *error = NULL;
    const char *const made[] = {"tmp", "keys", "destroyed"};

    assert_int_equal(
        dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool),
        APR_SUCCESS);
    assert_int_not_equal(dossier_vault_check(place->vault, place->pool), APR_SUCCESS);
    assert_int_not_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool),
                         APR_SUCCESS);
    assert_false(dossier_vault_taken_up(place->vault));
    assert_int_equal(rmdir(place->folder), 0); /* it is empty */
    assert_int_equal(mkdir(place->folder, 0700), 0);
    assert_int_equal(dossier_vault_take_up(&error, place->vault, place->pool), APR_SUCCESS);
    assert_true(dossier_vault_taken_up(place->vault));
    for (size_t i = 0; i < COUNT(made); i++) {
        assert_int_equal(access(below(place, made[i]), F_OK), 0);
    }
}

static void a_vault_with_an_id_is_refused_at_once(void **state)
{
    place_t *place = *state;
    const char *error = NULL;

    assert_null(refusal(place, LINE_K1));
    place->ring = load_ring(place, LINE_K2);
    assert_int_equal(
        dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool),
        APR_SUCCESS);
    write_text(below(place, "vault.id"), ID_A "\n", 0600);
    assert_int_equal(
        dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool),
        APR_EMISMATCH);
    assert_non_null(strstr(error, "\"k1\" is missing"));
    assert_int_not_equal(access(below(place, "keys/k2.canary"), F_OK), 0);
}

static void refuses_a_damaged_canary(void **state)
{
    static const char *const damages[] = {"", "x", "0123456789012345678901234567890123456789"};
    place_t *place = *state;

    assert_null(refusal(place, LINE_K1));
    for (size_t i = 0; i < COUNT(damages); i++) {
        write_text(below(place, "keys/k1.canary"), damages[i], 0600);
        assert_non_null(refusal(place, LINE_K1));
    }
    save_file(below(place, "keys/k1.canary"), make_text(1000, 1, place->pool), 1000);
    assert_non_null(refusal(place, LINE_K1));
    assert_int_equal(unlink(below(place, "keys/k1.canary")), 0);
    assert_int_equal(symlink(place->key_file, below(place, "keys/k1.canary")), 0);
    assert_non_null(refusal(place, LINE_K1));
}

static void other_files_beside_the_canaries_do_not_matter(void **state)
{
    place_t *place = *state;

    assert_null(refusal(place, LINE_K1));
    write_text(below(place, "keys/README"), "?", 0600);
    write_text(below(place, "keys/Not An Id.canary"), "?", 0600);
    write_text(below(place, "keys/.canary"), "?", 0600);
    assert_null(refusal(place, LINE_K1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(knows_its_keys_again),
        PLACE_TEST(starts_many_times_at_once),
        PLACE_TEST(compares_the_canary_of_a_rival),
        PLACE_TEST(refuses_a_missing_key),
        PLACE_TEST(lets_a_key_go_that_no_row_needs),
        PLACE_TEST(refuses_when_the_note_is_damaged),
        PLACE_TEST(refuses_a_changed_key),
        PLACE_TEST(opening_writes_nothing),
        PLACE_TEST(a_vault_with_an_id_is_refused_at_once),
        PLACE_TEST(refuses_a_damaged_canary),
        PLACE_TEST(other_files_beside_the_canaries_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
