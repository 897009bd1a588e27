/* Filling a gateway's request: a value can never become anything else than a value. */
#include "base/json.h"
#include "base/template.h"
#include "fixture.h"

static const dossier_template_value_t values[] = {{"to", "+393331234567"},
                                                  {"text", "A \"b\"\\c\n\n@host #1 & d={to}%"},
                                                  {"id", "0b6f-9"},
                                                  {NULL, NULL}};

static void placeholders_become_values(void **state)
{
    static const struct {
        const char *template;
        const char *expected;
    } cases[] = {
        {"", ""},
        {"nothing to do", "nothing to do"},
        {"{to}", "%2B393331234567"},
        {"{id}{id}", "0b6f-90b6f-9"},
        {"http://h/send?to={to}&id={id}", "http://h/send?to=%2B393331234567&id=0b6f-9"},
        {"{unknown} {to", "{unknown} {to"},
        {"{ to} {TO} {} }{", "{ to} {TO} {} }{"},
        {"{{id}}", "{0b6f-9}"},
        {"{tot}", "{tot}"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *made =
            dossier_template_expand(cases[i].template, values, DOSSIER_TEMPLATE_URL, *state);
        CHECK(same_text(made, cases[i].expected), "%s became %s", cases[i].template, made);
    }
}

static void url_keeps_only_unreserved_characters(void **state)
{
    const dossier_template_value_t accents[] = {{"text", "è-._~"}, {NULL, NULL}};

    assert_string_equal(
        dossier_template_expand("text={text}", values, DOSSIER_TEMPLATE_URL, *state),
        "text=A%20%22b%22%5Cc%0A%0A%40host%20%231%20%26%20d%3D%7Bto%7D%25");
    assert_string_equal(dossier_template_expand("{text}", accents, DOSSIER_TEMPLATE_URL, *state),
                        "%C3%A8-._~");
}

/* What the JSON library reads back is the value, to the byte. */
static void json_value_survives(void **state)
{
    const char *body = dossier_template_expand("{\"to\": [\"{to}\"], \"text\": \"{text}\"}", values,
                                               DOSSIER_TEMPLATE_JSON, *state);
    dossier_json_t *read = dossier_json_parse(body, strlen(body), *state);
    assert_non_null(read);
    assert_string_equal(dossier_json_get(read, "text"), values[1].value);
    assert_string_equal(dossier_json_text_at(dossier_json_get_value(read, "to"), 0),
                        values[0].value);
}

static void json_escapes_every_control_character(void **state)
{
    for (char c = 1; c < 0x20; c++) {
        const char value[] = {'<', c, '>', '\0'};
        const dossier_template_value_t one[] = {{"text", value}, {NULL, NULL}};
        const char *body =
            dossier_template_expand("{\"text\":\"{text}\"}", one, DOSSIER_TEMPLATE_JSON, *state);
        dossier_json_t *read = dossier_json_parse(body, strlen(body), *state);
        assert_non_null(read);
        assert_string_equal(dossier_json_get(read, "text"), value);
    }
}

static void header_cannot_be_ended(void **state)
{
    const dossier_template_value_t evil[] = {{"id", "1\r\nX-Evil: yes\x7F"}, {NULL, NULL}};
    assert_string_equal(
        dossier_template_expand("Idempotency-Key: {id}", evil, DOSSIER_TEMPLATE_HEADER, *state),
        "Idempotency-Key: 1  X-Evil: yes ");
}

/* A value that looks like a placeholder is not filled in again. */
static void values_are_not_templates(void **state)
{
    const dossier_template_value_t nested[] = {{"text", "{to}"}, {"to", "SECRET"}, {NULL, NULL}};
    assert_string_equal(dossier_template_expand("{text}", nested, DOSSIER_TEMPLATE_JSON, *state),
                        "{to}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(placeholders_become_values), TEST(url_keeps_only_unreserved_characters),
        TEST(json_value_survives),        TEST(json_escapes_every_control_character),
        TEST(header_cannot_be_ended),     TEST(values_are_not_templates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
