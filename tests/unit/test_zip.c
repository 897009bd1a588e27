/* Archives written here are read back by programs that others wrote. */
#include <apr_file_io.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/zip.h"
#include "fixture.h"

/* Where the archive goes; blocks of zeros become holes, so that 4 GiB cost no disk. */
typedef struct {
    FILE *file;
    const char *path;
    apr_status_t answer; /* what the sink says when its `left` calls are over */
    int left;
} target_t;

enum { HOLE = 4096 };
static char zeros[1 << 20];
static const apr_time_t AT = APR_TIME_C(1795514430000000); /* 24 November 2026, 10:00:30 */

static apr_status_t to_file(void *context, const void *bytes, apr_size_t length)
{
    target_t *target = context;

    if (target->left == 0) {
        return target->answer;
    }
    target->left--;
    for (apr_size_t done = 0; done < length; done += HOLE) {
        const char *block = (const char *)bytes + done;
        apr_size_t size = length - done < HOLE ? length - done : HOLE;

        if (size == HOLE && !memcmp(block, zeros, HOLE)) {
            if (fseeko(target->file, (off_t)size, SEEK_CUR) != 0) {
                return APR_EGENERAL;
            }
        } else if (fwrite(block, 1, size, target->file) != size) {
            return APR_EGENERAL;
        }
    }
    return APR_SUCCESS;
}

static target_t target_make(apr_pool_t *pool)
{
    target_t target = {.left = -1, .path = NULL};
    const char *folder;
    char *path;

    assert_int_equal(apr_temp_dir_get(&folder, pool), APR_SUCCESS);
    path = apr_pstrcat(pool, folder, "/dossier-zip-XXXXXX", NULL);
    target.file = fdopen(mkstemp(path), "w+");
    assert_non_null(target.file);
    target.path = path;
    return target;
}

static int runs(apr_pool_t *pool, const char *command, const char *path)
{
    fflush(NULL);
    return system(apr_psprintf(pool, command, path)) == 0;
}

static void target_end(target_t *target)
{
    fclose(target->file);
    remove(target->path);
}

static void put_entry(dossier_zip_t *zip, const char *name, const char *text)
{
    assert_int_equal(dossier_zip_entry(zip, name, AT, -1), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, text, strlen(text)), APR_SUCCESS);
}

#define PYTHON "/usr/bin/python3 -c '"

static void others_read_it(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

    put_entry(zip, "documents/001 Esami – città è già.pdf", "%PDF one");
    put_entry(zip, "empty", "");
    assert_int_equal(dossier_zip_entry(zip, "parts", AT, 6), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, "abc", 3), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, "def", 3), APR_SUCCESS);
    assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
    assert_true(runs(*state, "unzip -tqq %s >/dev/null", target.path));
    assert_true(runs(*state,
                     PYTHON "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); "
                            "assert z.testzip() is None; "
                            "got = [(n, z.read(n)) for n in z.namelist()]; "
                            "assert got == [(\"documents/001 Esami \\u2013 citt\\u00e0 \\u00e8 "
                            "gi\\u00e0.pdf\", b\"%%PDF one\"), (\"empty\", b\"\"), (\"parts\", "
                            "b\"abcdef\")], got' %s",
                     target.path));
    target_end(&target);
}

/* From a pipe a reader sees no directory: each entry has to say where it ends. */
static void it_is_read_as_a_stream(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

    put_entry(zip, "text", "abcabcabcabc");
    assert_int_equal(dossier_zip_entry(zip, "zeros", AT, (apr_off_t)sizeof(zeros)), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, zeros, sizeof(zeros)), APR_SUCCESS);
    /* signatures of other records among the bytes do not end it */
    assert_int_equal(dossier_zip_entry(zip, "decoys", AT, 8), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, "PK\7\10PK\3\4", 8), APR_SUCCESS);
    assert_int_equal(dossier_zip_entry(zip, "wide", AT, (apr_off_t)1 << 32), APR_SUCCESS);
    assert_int_equal(dossier_zip_write(zip, "seven", 5), APR_SUCCESS);
    assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
    assert_true(runs(*state, "cat %s | bsdtar -xOf - text | grep -qx abcabcabcabc", target.path));
    assert_true(
        runs(*state, "test $(cat %s | bsdtar -xOf - zeros | wc -c) = 1048576", target.path));
    assert_true(runs(*state, "test $(cat %s | bsdtar -xOf - decoys | wc -c) = 8", target.path));
    assert_true(runs(*state, "cat %s | bsdtar -xOf - wide | grep -qx seven", target.path));
    assert_true(runs(*state, "cat %s | funzip 2>/dev/null | grep -qx abcabcabcabc", target.path));
    target_end(&target);
}

static void entries_have_their_date(void **state)
{
    static const struct {
        apr_time_t at;
        const char *expected;
    } cases[] = {
        {AT, "(2026, 11, 24, 10, 0, 30)"},
        {APR_TIME_C(1782863999000000), "(2026, 6, 30, 23, 59, 58)"}, /* an odd second */
        {0, "(1980, 1, 1, 0, 0, 0)"},
        {APR_TIME_C(4354819200000000), "(1980, 1, 1, 0, 0, 0)"}, /* 2108 */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        target_t target = target_make(*state);
        dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

        assert_int_equal(dossier_zip_entry(zip, "name", cases[i].at, -1), APR_SUCCESS);
        assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
        fflush(NULL);
        CHECK(system(apr_psprintf(*state,
                                  PYTHON "import sys, zipfile; d = zipfile.ZipFile(sys.argv[1])"
                                         ".infolist()[0].date_time; assert d == %s, d' %s",
                                  cases[i].expected, target.path)) == 0,
              "case %zu", i);
        target_end(&target);
    }
}

static void an_empty_archive_is_one(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

    assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
    assert_true(runs(*state,
                     PYTHON "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).namelist() "
                            "== []' %s",
                     target.path));
    target_end(&target);
}

static void more_than_4_gib(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);
    apr_off_t size = ((apr_off_t)1 << 32) + (1 << 20);

    put_entry(zip, "first", "1");
    assert_int_equal(dossier_zip_entry(zip, "large", AT, size), APR_SUCCESS);
    for (apr_off_t done = 0; done < size; done += (apr_off_t)sizeof(zeros)) {
        assert_int_equal(dossier_zip_write(zip, zeros, sizeof(zeros)), APR_SUCCESS);
    }
    put_entry(zip, "behind", "2");
    assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
    assert_true(runs(*state,
                     PYTHON "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); "
                            "assert [i.file_size for i in z.infolist()] == [1, 2**32 + 2**20, 1]; "
                            "assert z.read(\"first\") + z.read(\"behind\") == b\"12\"' %s",
                     target.path));
    assert_true(runs(*state, "unzip -p %s behind | grep -qx 2", target.path));
    target_end(&target);
}

static void more_than_65535_entries(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

    for (int i = 0; i < 65540; i++) {
        put_entry(zip, apr_psprintf(*state, "%d", i), "");
    }
    assert_int_equal(dossier_zip_finish(zip), APR_SUCCESS);
    assert_true(runs(*state,
                     PYTHON "import sys, zipfile; assert len(zipfile.ZipFile(sys.argv[1])."
                            "namelist()) == 65540' %s",
                     target.path));
    target_end(&target);
}

static void a_broken_sink_ends_it(void **state)
{
    for (int left = 0; left < 8; left++) {
        target_t target = target_make(*state);
        dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);
        apr_status_t status;

        target.left = left;
        target.answer = APR_ECONNABORTED;
        status = dossier_zip_entry(zip, "name", AT, -1); /* header, name */
        if (status == APR_SUCCESS) {
            status = dossier_zip_write(zip, "abc", 3);
        }
        if (status == APR_SUCCESS) {
            status = dossier_zip_finish(zip); /* descriptor, header, name, end */
        }
        CHECK(status == (left < 7 ? APR_ECONNABORTED : APR_SUCCESS), "%d calls: %d", left, status);
        target_end(&target);
    }
}

static void nothing_is_written_outside_an_entry(void **state)
{
    target_t target = target_make(*state);
    dossier_zip_t *zip = dossier_zip_begin(to_file, &target, *state);

    assert_int_equal(dossier_zip_write(zip, "abc", 3), APR_EINVAL);
    target_end(&target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(others_read_it),          TEST(it_is_read_as_a_stream),
        TEST(entries_have_their_date), TEST(an_empty_archive_is_one),
        TEST(more_than_4_gib),         TEST(more_than_65535_entries),
        TEST(a_broken_sink_ends_it),   TEST(nothing_is_written_outside_an_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
