/* The vault's folder: owners and modes, what aborted and failed writes leave. */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "vault_fixture.h"

/* In place of the C library's: the call that fails is chosen by the test. */
static int syncs;
static int failing_sync;

int fsync(int file)
{
    if (++syncs == failing_sync) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fsync, file);
}

static void refuses_a_folder_that_cannot_serve(void **state)
{
    place_t *place = *state;
    const char *right = place->folder;
    const char *error;

    place->folder = apr_pstrcat(place->pool, place->top, "/missing", NULL);
    error = refusal(place, LINE_K1);
    assert_non_null(error);
    assert_non_null(strstr(error, "install -d -m 700"));
    place->folder = place->key_file;
    assert_non_null(refusal(place, LINE_K1));
    place->folder = right;
    if (geteuid() != 0) {
        assert_int_equal(chmod(right, 0500), 0);
        assert_non_null(refusal(place, LINE_K1));
        assert_int_equal(chmod(right, 0700), 0);
    }
    assert_null(refusal(place, LINE_K1));
}

static void modes_are_private(void **state)
{
    static const char *const names[] = {"tmp", "keys", "3f", "3f/2a"};
    place_t *place = *state;
    struct stat info;
    mode_t mask = umask(0);

    open_vault(place, 4);
    store(place, ID_A, (const unsigned char *)"x", 1, 1);
    umask(mask);
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(stat(below(place, names[i]), &info), 0);
        assert_int_equal(info.st_mode & 07777, 0700);
    }
    assert_int_equal(stat(path_of(place, ID_A), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    assert_int_equal(stat(below(place, "keys/k1.canary"), &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
}

/* In a child process that is another user: 0 when the vault opens, knows its keys and takes a
   document. */
static int works_for(place_t *place, uid_t user)
{
    pid_t child = fork();
    int result = 1;

    assert_true(child >= 0);
    if (child == 0) {
        const char *error = NULL;
        dossier_vault_writer_t *writer;
        dossier_vault_receipt_t receipt;

        if (setgid(user) == 0 && setuid(user) == 0 &&
            dossier_vault_open(&place->vault, &error, place->folder, place->ring, place->pool) ==
                APR_SUCCESS &&
            dossier_vault_write_begin(&writer, place->vault, ID_B, place->pool) == APR_SUCCESS &&
            dossier_vault_write(writer, "x", 1) == APR_SUCCESS &&
            dossier_vault_write_finish(writer, &receipt) == APR_SUCCESS &&
            dossier_vault_check(place->vault, place->pool) == APR_SUCCESS) {
            result = 0;
        }
        _exit(result);
    }
    assert_int_equal(waitpid(child, &result, 0), child);
    return result;
}

/* httpd: the parent opens the vault as root, its children work there as another user. */
static void what_root_makes_belongs_to_the_folders_owner(void **state)
{
    static const char *const names[] = {"tmp", "keys",  "keys/k1.canary",
                                        "3f",  "3f/2a", "3f/2a/" ID_A};
    place_t *place = *state;

    if (geteuid() != 0) {
        print_message("not root: skipped\n");
        skip();
    }
    assert_int_equal(chmod(place->top, 0711), 0);
    assert_int_equal(chown(place->folder, 65534, 65534), 0);
    open_vault(place, 4);
    store(place, ID_A, (const unsigned char *)"x", 1, 1);
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat info;

        assert_int_equal(stat(below(place, names[i]), &info), 0);
        assert_int_equal(info.st_uid, 65534);
        assert_int_equal(info.st_gid, 65534);
    }
    assert_int_equal(works_for(place, 65534), 0);
    assert_int_not_equal(works_for(place, 65533), 0);
}

static void nothing_shows_before_the_end(void **state)
{
    place_t *place = *state;
    dossier_vault_writer_t *writer;
    dossier_vault_receipt_t receipt;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool), 0);
    assert_int_equal(dossier_vault_write(writer, make_text(100, 1, place->pool), 100), 0);
    assert_int_equal(files_in(place), 1);
    assert_int_not_equal(access(path_of(place, ID_A), F_OK), 0);
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), APR_SUCCESS);
    assert_int_equal(access(path_of(place, ID_A), F_OK), 0);
    assert_int_equal(files_in(place), 1);
}

static void an_abandoned_write_leaves_nothing(void **state)
{
    place_t *place = *state;
    dossier_vault_writer_t *writer;
    apr_pool_t *pool;

    open_vault(place, 4);
    apr_pool_create(&pool, place->pool);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_write(writer, make_text(100, 1, pool), 100), APR_SUCCESS);
    assert_int_equal(files_in(place), 1);
    apr_pool_clear(pool);
    assert_int_equal(files_in(place), 0);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_write(writer, "x", 1), APR_SUCCESS);
    dossier_vault_write_abort(writer);
    assert_int_equal(files_in(place), 0);
    assert_int_not_equal(dossier_vault_write(writer, "x", 1), APR_SUCCESS);
    apr_pool_destroy(pool);
}

static void a_finished_write_outlives_its_pool(void **state)
{
    place_t *place = *state;
    dossier_vault_writer_t *writer;
    dossier_vault_receipt_t receipt;
    apr_pool_t *pool;

    open_vault(place, 4);
    apr_pool_create(&pool, place->pool);
    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, ID_A, pool), APR_SUCCESS);
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), APR_SUCCESS);
    apr_pool_destroy(pool);
    assert_int_equal(access(path_of(place, ID_A), F_OK), 0);
}

static void fails_at_sync(place_t *place, int which, const char *id)
{
    dossier_vault_receipt_t receipt = {0};
    dossier_vault_writer_t *writer;

    assert_int_equal(dossier_vault_write_begin(&writer, place->vault, id, place->pool), 0);
    assert_int_equal(dossier_vault_write(writer, "text", 4), APR_SUCCESS);
    syncs = 0;
    failing_sync = which;
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), EIO);
    assert_int_equal(syncs, which); /* neither retried nor followed by another */
    assert_int_equal(dossier_vault_write_finish(writer, &receipt), EIO);
    assert_int_equal(syncs, which);
    failing_sync = 0;
    assert_null(receipt.object_id);
}

/* File, the vault's own folder, the one below, its own: each sync may be the one that fails. */
static void a_failed_sync_is_final(void **state)
{
    static const char *const ids[] = {
        "10000000-0000-4000-8000-000000000000", "20000000-0000-4000-8000-000000000000",
        "30000000-0000-4000-8000-000000000000", "40000000-0000-4000-8000-000000000000"};
    place_t *place = *state;

    open_vault(place, 4);
    for (int which = 1; which <= 4; which++) {
        fails_at_sync(place, which, ids[which - 1]);
        assert_int_equal(files_in(place), 0);
    }
}

static int syncs_of(place_t *place, const char *id)
{
    syncs = 0;
    store(place, id, (const unsigned char *)"text", 4, 4);
    return syncs;
}

/* Once for each folder, by whoever comes first after it was made. */
static void a_new_folder_is_on_disk(void **state)
{
    place_t *place = *state;
    const char *outer = apr_pstrcat(place->pool, place->folder, "/ab", NULL);
    const char *inner = apr_pstrcat(place->pool, outer, "/cd", NULL);
    struct stat found;

    open_vault(place, 4);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000000"), 4);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000001"), 2);
    assert_int_equal(syncs_of(place, "abce0000-0000-4000-8000-000000000000"), 3);
    /* their maker was killed before it had synced */
    assert_int_equal(chmod(inner, 01700), 0);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000002"), 3);
    assert_int_equal(chmod(outer, 01700), 0);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000003"), 3);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000004"), 2);
    assert_int_equal(stat(outer, &found), 0);
    assert_int_equal(found.st_mode & 07777, 0700);
    /* it cannot be told whether the name is there */
    assert_int_equal(rename(inner, apr_pstrcat(place->pool, outer, "/away", NULL)), 0);
    fails_at_sync(place, 2, "abcd0000-0000-4000-8000-000000000005");
    assert_int_not_equal(access(inner, F_OK), 0);
    assert_int_equal(syncs_of(place, "abcd0000-0000-4000-8000-000000000006"), 3);
}

/* Writes until it fails; what it failed with. */
static apr_status_t write_until_full(place_t *place, apr_size_t limit)
{
    const unsigned char *text = make_text(65536, 1, place->pool);
    dossier_vault_receipt_t receipt;
    dossier_vault_writer_t *writer;
    apr_status_t status;

    status = dossier_vault_write_begin(&writer, place->vault, ID_A, place->pool);
    for (apr_size_t done = 0; status == APR_SUCCESS && done < limit; done += 65536) {
        status = dossier_vault_write(writer, text, 65536);
    }
    if (status == APR_SUCCESS) {
        status = dossier_vault_write_finish(writer, &receipt);
    } else {
        assert_int_equal(dossier_vault_write(writer, "x", 1), status);
        assert_int_equal(dossier_vault_write_finish(writer, &receipt), status);
    }
    return status;
}

static void a_file_that_may_not_grow_leaves_nothing(void **state)
{
    place_t *place = *state;
    struct rlimit before;
    struct rlimit small;

    open_vault(place, DOSSIER_SEALED_CHUNK_LOG2);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 300000;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(write_until_full(place, 1 << 20), EFBIG);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(files_in(place), 0);
    assert_int_equal(write_until_full(place, 1 << 20), APR_SUCCESS);
}

static void a_full_disk_leaves_nothing(void **state)
{
    place_t *place = *state;
    apr_size_t limit = 8 << 20;

    /* in a mount namespace of our own: nothing stays mounted, however the test ends */
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", place->folder, "tmpfs", 0, "size=4m") != 0) {
        print_message("no tmpfs can be mounted (%s): skipped\n", strerror(errno));
        skip();
    }
    open_vault(place, DOSSIER_SEALED_CHUNK_LOG2);
    assert_int_equal(write_until_full(place, limit), ENOSPC);
    assert_int_equal(files_in(place), 0);
    assert_int_equal(dossier_vault_check(place->vault, place->pool), APR_SUCCESS);
    assert_int_equal(write_until_full(place, 3 << 20), APR_SUCCESS); /* the room is back */
}

static int full_disk_teardown(void **state)
{
    umount2(((place_t *)*state)->folder, MNT_DETACH);
    return place_teardown(state);
}

static void check_leaves_nothing_and_tells(void **state)
{
    place_t *place = *state;

    open_vault(place, 4);
    assert_int_equal(dossier_vault_check(place->vault, place->pool), APR_SUCCESS);
    assert_int_equal(files_in(place), 0);
    syncs = 0;
    assert_int_equal(dossier_vault_check(place->vault, place->pool), APR_SUCCESS);
    assert_int_equal(syncs, 0); /* anybody may ask for it */
    nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_int_not_equal(dossier_vault_check(place->vault, place->pool), APR_SUCCESS);
}

static void keeps_a_reserve_of_room(void **state)
{
    const apr_uint64_t kib = 1024;
    const apr_uint64_t mib = 1024 * kib;
    const apr_uint64_t tib = 1024 * 1024 * mib;

    (void)state;
    assert_int_equal(dossier_vault_room_of(24 * kib, 2 * mib, 0), DOSSIER_VAULT_FULL);
    assert_int_equal(dossier_vault_room_of(mib, 2 * mib, 0), DOSSIER_VAULT_LOW);
    assert_int_equal(dossier_vault_room_of(mib, 2 * mib, 1), DOSSIER_VAULT_FULL);
    assert_int_equal(dossier_vault_room_of(0, 0, 0), DOSSIER_VAULT_FULL);
    assert_int_equal(dossier_vault_room_of(99 * mib, 10000 * mib, 0), DOSSIER_VAULT_FULL);
    assert_int_equal(dossier_vault_room_of(100 * mib, 10000 * mib, 0), DOSSIER_VAULT_LOW);
    assert_int_equal(dossier_vault_room_of(1000 * mib, 10000 * mib, 0), DOSSIER_VAULT_ROOMY);
    assert_int_equal(dossier_vault_room_of(1000 * mib, 10000 * mib, 901 * mib), DOSSIER_VAULT_FULL);
    assert_int_equal(dossier_vault_room_of(256 * mib, tib, 0), DOSSIER_VAULT_LOW);
    assert_int_equal(dossier_vault_room_of(2560 * mib, tib, 0), DOSSIER_VAULT_ROOMY);
    assert_int_equal(dossier_vault_room_of(tib, tib, tib + 1), DOSSIER_VAULT_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_a_reserve_of_room),
        PLACE_TEST(refuses_a_folder_that_cannot_serve),
        PLACE_TEST(modes_are_private),
        PLACE_TEST(what_root_makes_belongs_to_the_folders_owner),
        PLACE_TEST(nothing_shows_before_the_end),
        PLACE_TEST(an_abandoned_write_leaves_nothing),
        PLACE_TEST(a_finished_write_outlives_its_pool),
        PLACE_TEST(a_failed_sync_is_final),
        PLACE_TEST(a_new_folder_is_on_disk),
        PLACE_TEST(a_file_that_may_not_grow_leaves_nothing),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_nothing, place_setup,
                                        full_disk_teardown),
        PLACE_TEST(check_leaves_nothing_and_tells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
