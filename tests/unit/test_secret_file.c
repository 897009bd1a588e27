/* The secrets of gateways: what a line is, and who may read the file. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/secret_file.h"
#include "fixture.h"

/* A file of that mode; removed with the pool. */
static apr_status_t remove_file(void *path)
{
    unlink(path);
    return APR_SUCCESS;
}

static const char *write_file(const char *content, mode_t mode, apr_pool_t *pool)
{
    char *path = apr_pstrdup(pool, "/tmp/dossier-secrets-XXXXXX");
    FILE *file = fdopen(mkstemp(path), "w");
    fputs(content, file);
    fclose(file);
    chmod(path, mode);
    apr_pool_cleanup_register(pool, path, remove_file, apr_pool_cleanup_null);
    return path;
}

static void values_are_the_rest_of_the_line(void **state)
{
    const dossier_template_value_t *values;
    const char *error;
    const char *path = write_file("# of the provider\n\n  token \t abc def#1  \r\nempty-handed x\n"
                                  "basic QUM6dG9rZW4=",
                                  0600, *state);
    assert_int_equal(dossier_secret_file_load(&values, &error, path, *state), APR_SUCCESS);
    assert_string_equal(values[0].name, "secret:token");
    assert_string_equal(values[0].value, "abc def#1");
    assert_string_equal(values[1].name, "secret:empty-handed");
    assert_string_equal(values[2].value, "QUM6dG9rZW4=");
    assert_null(values[3].name);
    assert_string_equal(dossier_secret_value(values, "basic"), "QUM6dG9rZW4=");
    assert_string_equal(dossier_secret_value(values, "other"), "");
    assert_string_equal(dossier_template_expand("a={secret:token}&b={secret:no}", values,
                                                DOSSIER_TEMPLATE_URL, *state),
                        "a=abc%20def%231&b={secret:no}");
    assert_string_equal(
        dossier_template_lacks("{secret:token}{secret:no}{x}", "secret:", values, *state),
        "secret:no");
    assert_null(dossier_template_lacks("{secret:token}{x}", "secret:", values, *state));
}

/* No sentence quotes what stands in the file. */
static void mistakes_are_told(void **state)
{
    static const struct {
        const char *content;
        mode_t mode;
        const char *says;
    } cases[] = {
        {"token SECRET\n", 0640, "chmod 600"},
        {"token SECRET\n", 0604, "chmod 600"},
        {"token SECRET\ntoken SECRET\n", 0600, "line 2: this name stands here twice"},
        {"\nSECRET\n", 0600, "line 2: a line is"},
        {"Token SECRET\n", 0600, "line 1: a line is"},
        {"abcdefghijklmnopqrstuvwxyz0123456 SECRET\n", 0600, "line 1: a line is"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const dossier_template_value_t *values;
        const char *error;
        const char *path = write_file(cases[i].content, cases[i].mode, *state);
        CHECK(dossier_secret_file_load(&values, &error, path, *state) != APR_SUCCESS,
              "%s was taken", cases[i].content);
        CHECK(strstr(error, cases[i].says) && !strstr(error, "SECRET"), "%s: %s", cases[i].content,
              error);
    }
}

static void what_is_no_file_is_told(void **state)
{
    const dossier_template_value_t *values;
    const char *error;
    assert_int_not_equal(dossier_secret_file_load(&values, &error, "/nowhere", *state),
                         APR_SUCCESS);
    assert_non_null(strstr(error, "cannot be read"));
    assert_int_not_equal(dossier_secret_file_load(&values, &error, "/tmp", *state), APR_SUCCESS);
    assert_non_null(strstr(error, "is not a regular file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(values_are_the_rest_of_the_line),
        TEST(mistakes_are_told),
        TEST(what_is_no_file_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
