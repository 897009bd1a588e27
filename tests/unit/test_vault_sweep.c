/* The sweep: shows old objects, removes what dead writers left, touches nothing else. */
#include <apr_time.h>

#include <sys/wait.h>
#include <utime.h>

#include "vault_fixture.h"

enum { ROOM = 64 };

typedef struct {
    const char *seen[ROOM]; /* "-" for a temporary file */
    int count;
    const char *remove; /* the object to have removed; "all": every one */
    apr_pool_t *pool;
} seen_t;

static int note(void *context, const char *object_id)
{
    seen_t *seen = context;

    assert_in_range(seen->count, 0, ROOM - 1);
    seen->seen[seen->count++] = object_id ? apr_pstrdup(seen->pool, object_id) : "-";
    return object_id && seen->remove &&
           (!strcmp(seen->remove, "all") || !strcmp(seen->remove, object_id));
}

static seen_t sweep(place_t *place, apr_time_t before, const char *remove)
{
    seen_t seen = {.remove = remove, .pool = place->pool};

    assert_int_equal(dossier_vault_sweep(place->vault, before, note, &seen, place->pool),
                     APR_SUCCESS);
    return seen;
}

static int times_seen(const seen_t *seen, const char *name)
{
    int times = 0;

    for (int i = 0; i < seen->count; i++) {
        times += !strcmp(seen->seen[i], name);
    }
    return times;
}

static apr_time_t later(void)
{
    return apr_time_now() + apr_time_from_sec(60);
}

static void make_older(const char *path, int seconds)
{
    time_t then = apr_time_sec(apr_time_now()) - seconds;
    struct utimbuf times = {then, then};

    assert_int_equal(utime(path, &times), 0);
}

static void put(place_t *place, const char *id)
{
    store(place, id, (const unsigned char *)"text", 4, 4);
}

/* A process that dies while it writes. */
static void die_writing(place_t *place, const char *id)
{
    pid_t child = fork();
    int result;

    assert_true(child >= 0);
    if (child == 0) {
        dossier_vault_writer_t *writer;

        _exit(dossier_vault_write_begin(&writer, place->vault, id, place->pool) != APR_SUCCESS ||
              dossier_vault_write(writer, "some text", 9) != APR_SUCCESS);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_int_equal(result, 0);
}

static void shows_each_object_once(void **state)
{
    static const char *const ids[] = {ID_A, ID_B, "3f2b0000-0000-4000-8000-000000000000",
                                      "00000000-0000-4000-8000-000000000000",
                                      "ffffffff-ffff-4fff-bfff-ffffffffffff"};
    place_t *place = *state;
    seen_t seen;

    open_vault(place, 4);
    for (size_t i = 0; i < COUNT(ids); i++) {
        put(place, ids[i]);
    }
    seen = sweep(place, later(), NULL);
    assert_int_equal(seen.count, COUNT(ids));
    for (size_t i = 0; i < COUNT(ids); i++) {
        assert_int_equal(times_seen(&seen, ids[i]), 1);
        assert_int_equal(access(path_of(place, ids[i]), F_OK), 0);
    }
}

static void removes_what_it_is_told_to(void **state)
{
    place_t *place = *state;

    open_vault(place, 4);
    put(place, ID_A);
    put(place, ID_B);
    sweep(place, later(), ID_A);
    assert_int_not_equal(access(path_of(place, ID_A), F_OK), 0);
    assert_int_equal(access(path_of(place, ID_B), F_OK), 0);
    sweep(place, later(), "all");
    assert_int_equal(sweep(place, later(), NULL).count, 0);
}

static void leaves_young_files(void **state)
{
    place_t *place = *state;
    apr_time_t hour_ago = apr_time_now() - apr_time_from_sec(3600);
    seen_t seen;

    open_vault(place, 4);
    put(place, ID_A);
    put(place, ID_B);
    die_writing(place, ID_A);
    make_older(path_of(place, ID_B), 7200);
    seen = sweep(place, hour_ago, "all");
    assert_int_equal(seen.count, 1);
    assert_int_equal(times_seen(&seen, ID_B), 1);
    assert_int_equal(access(path_of(place, ID_A), F_OK), 0);
    seen = sweep(place, later(), NULL); /* the dead writer's is there still */
    assert_int_equal(times_seen(&seen, "-"), 1);
}

static void removes_what_dead_writers_left(void **state)
{
    place_t *place = *state;
    seen_t seen;

    open_vault(place, 4);
    put(place, ID_A);
    die_writing(place, ID_A);
    die_writing(place, ID_B);
    seen = sweep(place, later(), NULL);
    assert_int_equal(times_seen(&seen, "-"), 2);
    assert_int_equal(times_seen(&seen, ID_A), 1);
    assert_int_equal(times_seen(&seen, ID_B), 0);
    seen = sweep(place, later(), NULL);
    assert_int_equal(seen.count, 1);
}

static void a_writer_whose_file_was_swept_fails(void **state)
{
    place_t *place = *state;
    dossier_vault_receipt_t receipt;
    dossier_vault_writer_t *writer;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool), 0);
    sweep(place, later(), NULL);
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), APR_ENOENT);
    assert_int_not_equal(access(path_of(place, ID_A), F_OK), 0);
}

static void leaves_what_is_not_the_vaults(void **state)
{
    static const char *const names[] = {"README", "3f/note", "3f/2a/note", "3f/2a/" ID_A ".bak",
                                        "keys/k1.canary"};
    place_t *place = *state;
    seen_t seen;

    open_vault(place, 4);
    put(place, ID_A);
    for (size_t i = 0; i + 1 < COUNT(names); i++) {
        write_text(apr_pstrcat(place->pool, place->folder, "/", names[i], NULL), "x", 0600);
    }
    seen = sweep(place, later(), "all");
    assert_int_equal(seen.count, 1);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(access(apr_pstrcat(place->pool, place->folder, "/", names[i], NULL), F_OK),
                         0);
    }
}

/* A folder that is a link would lead the sweep out of the vault. */
static void follows_no_link(void **state)
{
    place_t *place = *state;
    const char *outside = apr_pstrcat(place->pool, place->top, "/outside", NULL);
    const char *bait = apr_pstrcat(place->pool, outside, "/2a/" ID_A, NULL);

    open_vault(place, 4);
    assert_int_equal(mkdir(outside, 0700), 0);
    assert_int_equal(mkdir(apr_pstrcat(place->pool, outside, "/2a", NULL), 0700), 0);
    write_text(bait, "x", 0600);
    assert_int_equal(symlink(outside, apr_pstrcat(place->pool, place->folder, "/3f", NULL)), 0);
    assert_int_equal(sweep(place, later(), "all").count, 0);
    assert_int_equal(access(bait, F_OK), 0);
    assert_int_not_equal(dossier_vault_remove(place->vault, ID_A, place->pool), APR_SUCCESS);
    assert_int_equal(access(bait, F_OK), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLACE_TEST(shows_each_object_once),
        PLACE_TEST(removes_what_it_is_told_to),
        PLACE_TEST(leaves_young_files),
        PLACE_TEST(removes_what_dead_writers_left),
        PLACE_TEST(a_writer_whose_file_was_swept_fails),
        PLACE_TEST(leaves_what_is_not_the_vaults),
        PLACE_TEST(follows_no_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
