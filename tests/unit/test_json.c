#include "base/json.h"
#include "fixture.h"

static dossier_json_t *parse(const char *text, apr_pool_t *pool)
{
    return dossier_json_parse(text, strlen(text), pool);
}

static void takes_what_rfc_8259_allows(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        " \t\r\n{ \"a\" : [ 1 , true , false , null , \"x\" ] } \n",
        "0",
        "-0",
        "12",
        "1.5",
        "1e5",
        "1E+2",
        "1e-2",
        "1e999",
        "\"\"",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e0\"",
        "\"\\ud834\\udd1e\"",
        "\"\\u0000\"",
        "\"\x7F\"",
        "{\"\":1}",
        "{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
        "[\"{\\\"a\\\":1}\"]",
        "99999999999999999999999999",
        "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]",
    };

    for (size_t i = 0; i < COUNT(texts); i++) {
        CHECK(parse(texts[i], *state), "refused: %s", texts[i]);
    }
}

static const char *const MALFORMED[] = {
    "",
    " ",
    "null",
    "nul",
    "True",
    "NaN",
    "[NaN]",
    "Infinity",
    "[-Infinity]",
    "01",
    "-01",
    "-",
    "+1",
    ".5",
    "1.",
    "[1.]",
    "1e",
    "1e+",
    "0x10",
    "--1",
    "1 2",
    "{} x",
    "{}{}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1",
    "1]",
    "{\"a\":1,}",
    "{,}",
    "{'a':1}",
    "{a:1}",
    "{\"a\" 1}",
    "{\"a\":}",
    "{\"a\"}",
    "{1:1}",
    "[\"a\"\"b\"]",
    "[1}",
    "'a'",
    "\"a",
    "\"a\tb\"",
    "\"a\nb\"",
    "\"\\x41\"",
    "\"\\u12\"",
    "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"\xC3\x28\"",
    "\"\xED\xA0\x80\"",
    "\"\xC0\x80\"",
    "\xEF\xBB\xBF",
    "\xEF\xBB\xBF\xEF\xBB\xBF{}",
    "{}\xEF\xBB\xBF",
    "/*x*/1",
    "1//x",
    "[1\f]",
    "\v1",
    /* two members of one name: which one counts differs between readers */
    "{\"a\":1,\"a\":2}",
    "[{\"b\":{\"a\":1,\"\\u0061\":2}}]",
    /* a NUL would end the name */
    "{\"a\\u0000b\":1}",
    /* 17 levels */
    "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
};

static void ignores_a_byte_order_mark(void **state)
{
    dossier_json_t *object = parse("\xEF\xBB\xBF {\"a\": \"b\"}", *state);

    assert_string_equal(dossier_json_get(object, "a"), "b");
}

static void refuses_everything_else(void **state)
{

    for (size_t i = 0; i < COUNT(MALFORMED); i++) {
        CHECK(!parse(MALFORMED[i], *state), "taken: %s", MALFORMED[i]);
    }
    assert_null(dossier_json_parse("{}\0", 3, *state));
    assert_null(dossier_json_parse("{\0}", 3, *state));
    assert_null(dossier_json_parse("\"a\0b\"", 5, *state));
    assert_null(dossier_json_parse("1\0 2", 4, *state));
    assert_non_null(dossier_json_parse("12345", 2, *state)); /* only so far */
    assert_null(dossier_json_parse("[1]", 2, *state));
}

static void names_a_member_that_is_there_twice(void **state)
{
    static const char *const cases[][2] = {
        {"{\"a\":1,\"b\":2,\"a\":3}", "a"},
        {"{\"o\":{\"k\":1,\"a\":[{\"x\":1}],\"k\":2}}", "o.k"},
        {"{\"o\":[{\"k\":1},{\"k\":1,\"k\":2}],\"o\":1}", "o.k"},
        {"\xEF\xBB\xBF{\"\":1,\"\":2}", ""},
        {"{\"a\":{\"b\":1},\"b\":{\"a\":1}}", NULL},
        {"{\"a\":1,\"a\":", NULL}, /* no JSON in the first place */
        {"[]", NULL},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found = dossier_json_repeated(cases[i][0], strlen(cases[i][0]), *state);

        CHECK(same_text(found, cases[i][1]), "%s: %s", cases[i][0], found ? found : "none");
    }
}

static void reads_by_type_or_not_at_all(void **state)
{
    dossier_json_t *o =
        parse("{\"s\":\"x\",\"i\":-7,\"b\":true,\"n\":null,\"d\":1.5,\"o\":{\"k\":\"v\"},"
              "\"a\":[\"p\",2],\"z\":\"a\\u0000b\",\"big\":9223372036854775808,"
              "\"max\":9223372036854775807}",
              *state);

    assert_string_equal(dossier_json_get(o, "s"), "x");
    assert_null(dossier_json_get(o, "i"));
    assert_null(dossier_json_get(o, "n"));
    assert_null(dossier_json_get(o, "missing"));
    assert_null(dossier_json_get(o, "z"));
    assert_null(dossier_json_get(NULL, "s"));
    assert_int_equal(dossier_json_get_int(o, "i", 0), -7);
    assert_int_equal(dossier_json_get_int(o, "s", 5), 5);
    assert_int_equal(dossier_json_get_int(o, "d", 5), 5);
    assert_int_equal(dossier_json_get_int(o, "big", 5), 5);
    assert_int_equal(dossier_json_get_int(o, "max", 5), INT64_MAX);
    assert_int_equal(dossier_json_get_bool(o, "b", 0), 1);
    assert_int_equal(dossier_json_get_bool(o, "i", 0), 0);
    assert_string_equal(dossier_json_get(dossier_json_get_value(o, "o"), "k"), "v");
    assert_int_equal(dossier_json_length(dossier_json_get_value(o, "a")), 2);
    assert_int_equal(dossier_json_length(o), 0);
    assert_string_equal(dossier_json_text_at(dossier_json_get_value(o, "a"), 0), "p");
    assert_null(dossier_json_text_at(dossier_json_get_value(o, "a"), 1));
    assert_null(dossier_json_at(dossier_json_get_value(o, "a"), 2));
    assert_int_equal(dossier_json_type(dossier_json_get_value(o, "n")), DOSSIER_JSON_NULL);
    assert_int_equal(dossier_json_type(dossier_json_get_value(o, "d")), DOSSIER_JSON_NUMBER);
    assert_int_equal(dossier_json_type(dossier_json_get_value(o, "big")), DOSSIER_JSON_NUMBER);
    assert_int_equal(dossier_json_type(dossier_json_get_value(o, "max")), DOSSIER_JSON_INTEGER);
    assert_int_equal(dossier_json_type(dossier_json_get_value(o, "z")), DOSSIER_JSON_STRING);
}

static void writes_compact_text(void **state)
{
    apr_pool_t *pool = *state;
    dossier_json_t *o = dossier_json_object(pool);
    dossier_json_t *a = dossier_json_array(pool);

    dossier_json_append_text(a, "x/y");
    dossier_json_append_text(a, NULL);
    dossier_json_append(a, dossier_json_set(dossier_json_object(pool), "k", "\xC3\xA8\"\n"));
    dossier_json_set(o, "s", "old");
    dossier_json_set(o, "s", NULL);
    dossier_json_set_int(o, "i", INT64_MAX);
    dossier_json_set_bool(o, "b", 2);
    dossier_json_set_value(o, "a", a);
    dossier_json_set_value(o, "v", NULL);
    dossier_json_set(o, "gone", "x");
    dossier_json_remove(o, "gone");
    dossier_json_remove(o, "never");
    assert_string_equal(dossier_json_text(o, pool),
                        "{\"s\":null,\"i\":9223372036854775807,\"b\":true,"
                        "\"a\":[\"x/y\",null,{\"k\":\"\xC3\xA8\\\"\\n\"}],\"v\":null}");
    /* a setter on what is not an object changes nothing */
    assert_ptr_equal(dossier_json_set(a, "k", "v"), a);
    assert_int_equal(dossier_json_length(a), 3);
}

static void shares_values_between_containers(void **state)
{
    apr_pool_t *pool = *state;
    apr_pool_t *other;
    dossier_json_t *keeper = dossier_json_object(pool);
    dossier_json_t *value;

    assert_int_equal(apr_pool_create(&other, pool), APR_SUCCESS);
    value = dossier_json_set(dossier_json_object(other), "k", "v");
    dossier_json_set_value(keeper, "one", value);
    dossier_json_set_value(keeper, "two", value);
    apr_pool_destroy(other);
    dossier_json_remove(keeper, "one");
    assert_string_equal(dossier_json_text(keeper, pool), "{\"two\":{\"k\":\"v\"}}");
}

static int collect(void *context, const char *key, dossier_json_t *value)
{
    strcat(context, key);
    return dossier_json_type(value) != DOSSIER_JSON_NULL;
}

static void walks_members_in_order(void **state)
{
    char seen[16] = "";

    dossier_json_each(parse("{\"b\":1,\"a\":2,\"c\":null,\"d\":4}", *state), collect, seen);
    assert_string_equal(seen, "bac");
    dossier_json_each(parse("[1]", *state), collect, seen);
    dossier_json_each(NULL, collect, seen);
    assert_string_equal(seen, "bac");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(takes_what_rfc_8259_allows), TEST(ignores_a_byte_order_mark),
        TEST(refuses_everything_else),    TEST(reads_by_type_or_not_at_all),
        TEST(writes_compact_text),        TEST(shares_values_between_containers),
        TEST(walks_members_in_order),     TEST(names_a_member_that_is_there_twice),
    };

    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
