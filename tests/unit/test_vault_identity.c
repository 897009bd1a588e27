/* Which vault this is, what it has heard, and the files that are set aside in it. */
#include <utime.h>

#include "vault_fixture.h"

#define UUID_1 "5afe5afe-0000-4000-8000-000000000001"
#define UUID_2 "5afe5afe-0000-4000-8000-000000000002"
#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static dossier_vault_identity_t identity_of(place_t *place)
{
    dossier_vault_identity_t identity;

    assert_int_equal(dossier_vault_identity(&identity, place->vault, place->pool), APR_SUCCESS);
    return identity;
}

static const char *file_in(const place_t *place, const char *name)
{
    return apr_pstrcat(place->pool, place->folder, "/", name, NULL);
}

static void an_id_is_made_once(void **state)
{
    place_t *place = *state;
    const char *id;

    open_vault(place, 4);
    assert_null(identity_of(place).id);
    assert_int_equal(dossier_vault_identify(&id, place->vault, UUID_1, place->pool), APR_SUCCESS);
    assert_string_equal(id, UUID_1);
    assert_int_equal(dossier_vault_identify(&id, place->vault, UUID_2, place->pool), APR_SUCCESS);
    assert_string_equal(id, UUID_1);
    assert_string_equal(identity_of(place).id, UUID_1);
}

static void a_damaged_id_is_none(void **state)
{
    place_t *place = *state;
    const char *id;

    open_vault(place, 4);
    write_text(file_in(place, "vault.id"), "5afe5afe", 0600);
    assert_null(identity_of(place).id);
    assert_int_equal(dossier_vault_identify(&id, place->vault, UUID_2, place->pool), APR_SUCCESS);
    assert_string_equal(id, UUID_2);
}

static void the_newest_seal_is_noted(void **state)
{
    place_t *place = *state;

    open_vault(place, 4);
    assert_int_equal(identity_of(place).seal, 0);
    for (int number = 7; number < 9; number++) {
        assert_int_equal(dossier_vault_note_seal(place->vault, number, HASH, place->pool),
                         APR_SUCCESS);
        assert_int_equal(identity_of(place).seal, number);
        assert_string_equal(identity_of(place).seal_hash, HASH);
    }
    assert_int_equal(dossier_vault_note_seal(place->vault, 0, "none", place->pool), APR_SUCCESS);
    assert_int_equal(identity_of(place).seal, 0);
}

static void a_receipt_names_where_the_bytes_went(void **state)
{
    place_t *place = *state;
    dossier_vault_receipt_t receipt;
    dossier_vault_writer_t *writer;
    const char *id;
    const char *away = apr_pstrcat(place->pool, place->top, "/away", NULL);

    open_vault(place, 4);
    assert_null(store(place, ID_A, (const unsigned char *)"x", 1, 1)->vault_id);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_B, place->pool), 0);
    /* another is mounted while it is written */
    assert_int_equal(rename(place->folder, away), 0);
    assert_int_equal(mkdir(place->folder, 0700), 0);
    assert_int_equal(mkdir(file_in(place, "tmp"), 0700), 0);
    assert_int_equal(dossier_vault_identify(&id, place->vault, UUID_1, place->pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), APR_SUCCESS);
    assert_null(receipt.vault_id);
    assert_string_equal(store(place, ID_B, (const unsigned char *)"x", 1, 1)->vault_id, UUID_1);
}

typedef struct {
    int count;
    apr_time_t since;
} seen_t;

static void see(void *context, const char *object_id, apr_time_t since)
{
    seen_t *seen = context;

    assert_string_equal(object_id, ID_A);
    seen->count++;
    seen->since = since;
}

static seen_t aside(place_t *place)
{
    seen_t seen = {0, 0};

    assert_int_equal(dossier_vault_each_aside(place->vault, see, &seen, place->pool), APR_SUCCESS);
    return seen;
}

static void assert_reads(place_t *place, const dossier_vault_receipt_t *receipt)
{
    dossier_vault_reader_t *reader;
    char buffer[8];
    apr_size_t length = sizeof(buffer);

    assert_int_equal(dossier_vault_read_begin(&reader, place->vault, receipt, place->pool), 0);
    assert_int_equal(dossier_vault_read(reader, 0, buffer, &length), APR_SUCCESS);
    assert_int_equal(length, 5);
    assert_memory_equal(buffer, "bytes", 5);
}

static void what_is_set_aside_is_read_and_comes_back(void **state)
{
    place_t *place = *state;
    apr_time_t before = apr_time_now() - apr_time_from_sec(2);
    const dossier_vault_receipt_t *receipt;
    struct utimbuf old = {1000, 1000};

    open_vault(place, 4);
    receipt = store(place, ID_A, (const unsigned char *)"bytes", 5, 5);
    assert_int_equal(aside(place).count, 0);
    assert_int_equal(utime(path_of(place, ID_A), &old), 0);
    for (int times = 0; times < 2; times++) {
        assert_int_equal(dossier_vault_move(place->vault, ID_A, DOSSIER_VAULT_ASIDE, place->pool),
                         APR_SUCCESS);
        assert_int_equal(aside(place).count, 1);
    }
    assert_true(aside(place).since >= before); /* not the document's own age */
    assert_int_equal(access(path_of(place, ID_A), F_OK), -1);
    assert_reads(place, receipt);
    for (int times = 0; times < 2; times++) {
        assert_int_equal(dossier_vault_move(place->vault, ID_A, DOSSIER_VAULT_BACK, place->pool),
                         APR_SUCCESS);
        assert_int_equal(aside(place).count, 0);
        assert_reads(place, receipt);
    }
    assert_int_equal(access(path_of(place, ID_A), F_OK), 0);
}

static void what_is_set_aside_can_be_destroyed(void **state)
{
    place_t *place = *state;

    open_vault(place, 4);
    store(place, ID_A, (const unsigned char *)"bytes", 5, 5);
    assert_int_equal(dossier_vault_move(place->vault, ID_A, DOSSIER_VAULT_ASIDE, place->pool),
                     APR_SUCCESS);
    assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    assert_int_equal(aside(place).count, 0);
    assert_int_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
}

static void collect(void *context, const char *lines)
{
    const char **all = context;
    place_t *place = *(place_t **)(all + 1);

    *all = apr_pstrcat(place->pool, *all, lines, NULL);
}

static const char *destroyed(place_t *place, apr_time_t before)
{
    struct {
        const char *all;
        place_t *place;
    } context = {"", place};

    assert_int_equal(
        dossier_vault_destroyed_each(place->vault, before, collect, &context, place->pool), 0);
    return context.all;
}

static void what_was_destroyed_is_remembered_for_a_time(void **state)
{
    place_t *place = *state;
    struct utimbuf old = {1000, 1000};

    open_vault(place, 4);
    assert_string_equal(destroyed(place, 0), "");
    assert_int_equal(dossier_vault_destroyed_add(place->vault, "day.a", "1\n", place->pool), 0);
    assert_int_equal(dossier_vault_destroyed_add(place->vault, "day.a", "2\n", place->pool), 0);
    assert_string_equal(destroyed(place, 0), "1\n2\n");
    assert_int_equal(dossier_vault_destroyed_add(place->vault, "old.a", "0\n", place->pool), 0);
    assert_int_equal(utime(file_in(place, "destroyed/old.a"), &old), 0);
    assert_string_equal(destroyed(place, apr_time_from_sec(2000)), "1\n2\n");
    assert_int_equal(access(file_in(place, "destroyed/old.a"), F_OK), -1);
}

static void a_vault_is_known_by_its_documents(void **state)
{
    place_t *place = *state;
    apr_array_header_t *objects = apr_array_make(place->pool, 2, sizeof(const char *));

    open_vault(place, 4);
    store(place, ID_A, (const unsigned char *)"bytes", 5, 5);
    assert_int_equal(dossier_vault_holds(place->vault, objects, place->pool), 0);
    APR_ARRAY_PUSH(objects, const char *) = ID_B;
    assert_int_equal(dossier_vault_holds(place->vault, objects, place->pool), 0);
    APR_ARRAY_PUSH(objects, const char *) = ID_A;
    assert_int_equal(dossier_vault_holds(place->vault, objects, place->pool), 1);
}

static void what_a_vault_lacks_is_named(void **state)
{
    place_t *place = *state;
    apr_array_header_t *objects = apr_array_make(place->pool, 3, sizeof(const char *));
    apr_array_header_t *lacking;

    open_vault(place, 4);
    store(place, ID_A, (const unsigned char *)"bytes", 5, 5);
    APR_ARRAY_PUSH(objects, const char *) = ID_A;
    assert_int_equal(dossier_vault_lacks(place->vault, objects, place->pool)->nelts, 0);
    APR_ARRAY_PUSH(objects, const char *) = ID_B;
    APR_ARRAY_PUSH(objects, const char *) = "no object";
    lacking = dossier_vault_lacks(place->vault, objects, place->pool);
    assert_int_equal(lacking->nelts, 1);
    assert_string_equal(APR_ARRAY_IDX(lacking, 0, const char *), ID_B);
    assert_int_equal(dossier_vault_move(place->vault, ID_A, DOSSIER_VAULT_ASIDE, place->pool),
                     APR_SUCCESS);
    assert_int_equal(dossier_vault_lacks(place->vault, objects, place->pool)->nelts, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(an_id_is_made_once),
        PLACE_TEST(a_damaged_id_is_none),
        PLACE_TEST(the_newest_seal_is_noted),
        PLACE_TEST(a_receipt_names_where_the_bytes_went),
        PLACE_TEST(what_is_set_aside_is_read_and_comes_back),
        PLACE_TEST(what_is_set_aside_can_be_destroyed),
        PLACE_TEST(what_was_destroyed_is_remembered_for_a_time),
        PLACE_TEST(a_vault_is_known_by_its_documents),
        PLACE_TEST(what_a_vault_lacks_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
