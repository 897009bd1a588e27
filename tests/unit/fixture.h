/* What every unit test of domain/ begins with: cmocka and a pool that lives for one test. */
#ifndef DOSSIER_TESTS_UNIT_FIXTURE_H
#define DOSSIER_TESTS_UNIT_FIXTURE_H

#include <apr_general.h>
#include <apr_pools.h>
#include <apr_strings.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* A case of a table that is not as told fails with its own words, not with a line number. */
#define CHECK(condition, ...)                                                                      \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fail_msg(__VA_ARGS__);                                                                 \
        }                                                                                          \
    } while (0)

static inline int same_text(const char *a, const char *b)
{
    return a == b || (a && b && !strcmp(a, b));
}

static inline int pool_setup(void **state)
{
    apr_pool_t *pool;

    if (apr_initialize() != APR_SUCCESS || apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return -1;
    }
    *state = pool;
    return 0;
}

static inline int pool_teardown(void **state)
{
    apr_pool_destroy(*state);
    apr_terminate();
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, pool_setup, pool_teardown)

#endif
