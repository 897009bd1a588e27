#include "base/fields.h"
#include "fixture.h"

static const dossier_field_t BODY[] = {
    {"name", DOSSIER_FIELD_STRING, 5, 1},     {"note", DOSSIER_FIELD_STRING, 0, 0},
    {"password", DOSSIER_FIELD_SECRET, 8, 0}, {"agree", DOSSIER_FIELD_BOOL, 0, 0},
    {"count", DOSSIER_FIELD_INTEGER, 0, 0},   {"profile", DOSSIER_FIELD_OBJECT, 0, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t PROFILE[] = {
    {"mobile", DOSSIER_FIELD_STRING, 20, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* The errors as "field:code field:code". */
static const char *errors_of(const dossier_fields_t *fields)
{
    const char *text = "";

    for (int i = 0; i < fields->errors->nelts; i++) {
        dossier_field_error_t *error = &APR_ARRAY_IDX(fields->errors, i, dossier_field_error_t);

        text = apr_pstrcat(
            fields->pool, text, i ? " " : "", error->field, ":", error->code,
            error->max ? apr_psprintf(fields->pool, "=%" APR_SIZE_T_FMT, error->max) : "", NULL);
    }
    return text;
}

static const char *check(const char *body, apr_pool_t *pool)
{
    dossier_fields_t *fields = dossier_fields_make(pool);
    dossier_json_t *object = dossier_json_parse(body, strlen(body), pool);

    CHECK(object, "no JSON: %s", body);
    dossier_fields_check(fields, object, BODY, NULL);
    dossier_fields_check(fields, dossier_json_get_value(object, "profile"), PROFILE, "profile");
    assert_int_equal(dossier_fields_ok(fields), fields->errors->nelts == 0);
    return errors_of(fields);
}

static void names_each_fault(void **state)
{
    static const char *const cases[][2] = {
        {"{\"name\":\"Anna\"}", ""},
        {"{\"name\":\"perch\xC3\xA9\"}", "name:too_long=5"}, /* six */
        {"{\"name\":\"citt\xC3\xA0\"}", ""},                 /* five characters in six bytes */
        {"{\"name\":\"  Anna  \"}", ""},
        {"{}", "name:required"},
        {"{\"name\":null}", "name:required"},
        {"{\"name\":\"\"}", "name:empty"},
        {"{\"name\":\" \xC2\xA0\"}", "name:empty"},
        {"{\"name\":7}", "name:type"},
        {"{\"name\":[\"a\"]}", "name:type"},
        {"{\"name\":\"a\\nb\"}", "name:characters"},
        {"{\"name\":\"a\\nb\"}", "name:characters"},
        {"{\"name\":\"a\\u0000b\"}", "name:characters"},
        {"{\"name\":\"a\\u007f\"}", "name:characters"},
        {"{\"name\":\"a\\u2028b\"}", "name:characters"},
        {"{\"name\":\"a\",\"note\":null}", ""},
        {"{\"name\":\"a\",\"note\":\"\"}", "note:empty"},
        {"{\"name\":\"a\",\"password\":\"  x  \"}", ""},
        {"{\"name\":\"a\",\"password\":\"        \"}", ""},
        {"{\"name\":\"a\",\"password\":\"         \"}", "password:too_long=8"},
        {"{\"name\":\"a\",\"password\":\"\"}", "password:empty"},
        {"{\"name\":\"a\",\"password\":\"a\\tb\"}", "password:characters"},
        {"{\"name\":\"a\",\"agree\":1}", "agree:type"},
        {"{\"name\":\"a\",\"agree\":false,\"count\":-3}", ""},
        {"{\"name\":\"a\",\"count\":1.0}", "count:type"},
        {"{\"name\":\"a\",\"count\":\"1\"}", "count:type"},
        {"{\"name\":\"a\",\"count\":9223372036854775808}", "count:type"},
        {"{\"name\":\"a\",\"profile\":{}}", "profile.mobile:required"},
        {"{\"name\":\"a\",\"profile\":{\"mobile\":\"x\",\"y\":1}}", "profile.y:unknown"},
        {"{\"name\":\"a\",\"profile\":\"x\"}", "profile:type"},
        {"{\"x\":1,\"name\":\"a\",\"Name\":\"b\"}", "x:unknown Name:unknown"},
        {"[]", ":type"},
        {"\"x\"", ":type"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found = check(cases[i][0], *state);

        CHECK(same_text(found, cases[i][1]), "%s: %s", cases[i][0], found);
    }
}

static void trims_strings_but_no_secrets(void **state)
{
    const char *body = "{\"name\":\" Anna \",\"password\":\" x \"}";
    dossier_json_t *object = dossier_json_parse(body, strlen(body), *state);

    dossier_fields_check(dossier_fields_make(*state), object, BODY, NULL);
    assert_string_equal(dossier_json_get(object, "name"), "Anna");
    assert_string_equal(dossier_json_get(object, "password"), " x ");
}

static void reports_a_field_once_and_stops_at_64(void **state)
{
    dossier_fields_t *fields = dossier_fields_make(*state);

    dossier_fields_error(fields, "a", "mobile");
    dossier_fields_error(fields, "a", "required");
    assert_string_equal(errors_of(fields), "a:mobile");
    for (int i = 0; i < 1000; i++) {
        dossier_fields_error(fields, apr_psprintf(*state, "f%d", i), "unknown");
    }
    assert_int_equal(fields->errors->nelts, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(names_each_fault),
        TEST(trims_strings_but_no_secrets),
        TEST(reports_a_field_once_and_stops_at_64),
    };

    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
