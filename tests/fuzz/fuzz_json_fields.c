/*
 * JSON bodies and their shapes: what is parsed can be written and parsed again to the same text,
 * and the check of a shape says the same about both.
 */
#include <apr_general.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fields.h"
#include "base/json.h"

#define REQUIRE(truth)                                                                             \
    do {                                                                                           \
        if (!(truth)) {                                                                            \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

static const dossier_field_t shape[] = {
    {"name", DOSSIER_FIELD_STRING, 8, 1},  {"secret", DOSSIER_FIELD_SECRET, 12, 0},
    {"flag", DOSSIER_FIELD_BOOL, 0, 0},    {"number", DOSSIER_FIELD_INTEGER, 0, 0},
    {"inner", DOSSIER_FIELD_OBJECT, 0, 1}, {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t inner_shape[] = {
    {"name", DOSSIER_FIELD_STRING, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_fields_t *check(dossier_json_t *body, apr_pool_t *pool)
{
    dossier_fields_t *fields = dossier_fields_make(pool);

    dossier_fields_check(fields, body, shape, NULL);
    if (dossier_json_type(body) == DOSSIER_JSON_OBJECT) {
        dossier_fields_check(fields, dossier_json_get_value(body, "inner"), inner_shape, "inner");
    }
    return fields;
}

static void compare(const dossier_fields_t *a, const dossier_fields_t *b)
{
    REQUIRE(a->errors->nelts == b->errors->nelts);
    for (int i = 0; i < a->errors->nelts; ++i) {
        const dossier_field_error_t *left = &APR_ARRAY_IDX(a->errors, i, dossier_field_error_t);
        const dossier_field_error_t *right = &APR_ARRAY_IDX(b->errors, i, dossier_field_error_t);

        REQUIRE(!strcmp(left->field, right->field) && !strcmp(left->code, right->code) &&
                left->max == right->max);
    }
}

static void check_accepted(const dossier_json_t *body)
{
    const char *name = dossier_json_get(body, "name");

    REQUIRE(name && *name && *name != ' ' && name[strlen(name) - 1] != ' ');
    REQUIRE(dossier_json_type(dossier_json_get_value(body, "inner")) == DOSSIER_JSON_OBJECT);
}

static void check_body(const char *text, size_t length, apr_pool_t *pool)
{
    dossier_json_t *body = dossier_json_parse(text, length, pool);
    dossier_json_t *again;
    const dossier_fields_t *found;
    const char *written;

    if (!body) {
        return;
    }
    written = dossier_json_text(body, pool);
    again = dossier_json_parse(written, strlen(written), pool);
    REQUIRE(again && !strcmp(written, dossier_json_text(again, pool)));
    found = check(body, pool);
    compare(found, check(again, pool));
    if (dossier_fields_ok(found)) {
        check_accepted(body);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size ? size : 1); /* no NUL behind it */
    apr_pool_t *pool;

    memcpy(text, data, size);
    apr_pool_create(&pool, NULL);
    check_body(text, size, pool);
    apr_pool_destroy(pool);
    free(text);
    return 0;
}
