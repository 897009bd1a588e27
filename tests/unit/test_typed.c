/* What people type and paste, by the table that the pages are held to as well
 * (tests/unit/typed.json). */
#include <apr_file_io.h>
#include <apr_time.h>

#include "base/json.h"
#include "base/typed.h"
#include "domain/code.h"
#include "domain/codice_fiscale.h"
#include "domain/contact.h"
#include "domain/date.h"
#include "fixture.h"

static const char *codice_fiscale(const char *typed, apr_pool_t *pool)
{
    dossier_cf_t *cf = apr_palloc(pool, sizeof(*cf));

    return dossier_cf_parse(cf, typed, pool) ? NULL : cf->text;
}

static const char *date(const char *typed, apr_pool_t *pool)
{
    const char *text = dossier_typed_code(typed, pool);
    dossier_date_t found;

    return dossier_date_parse(&found, text) ? text : NULL;
}

static const struct {
    const char *kind;
    const char *(*clean)(const char *typed, apr_pool_t *pool);
} KINDS[] = {
    {"text", dossier_typed_text},
    {"code", dossier_typed_code},
    {"secret", dossier_typed_secret},
    {"mobile", dossier_mobile_parse},
    {"email", dossier_email_parse},
    {"codice_fiscale", codice_fiscale},
    {"activation_code", dossier_activation_code_parse},
    {"verification_code", dossier_verification_code_parse},
    {"date", date},
};

static dossier_json_t *read_table(apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 64 * 1024);
    apr_size_t length = 64 * 1024;
    apr_file_t *file;

    assert_int_equal(apr_file_open(&file, "tests/unit/typed.json", APR_FOPEN_READ, 0, pool), 0);
    assert_int_equal(apr_file_read_full(file, text, length, &length), APR_EOF);
    return dossier_json_parse(text, length, pool);
}

static void every_spelling_is_the_one(void **state)
{
    dossier_json_t *table = read_table(*state);
    apr_size_t compared = 0;

    for (apr_size_t i = 0; i < dossier_json_length(table); i++) {
        dossier_json_t *row = dossier_json_at(table, i);
        dossier_json_t *typed = dossier_json_get_value(row, "typed");
        const char *wanted = dossier_json_get(row, "clean");

        for (apr_size_t k = 0; k < COUNT(KINDS); k++) {
            for (apr_size_t t = 0; t < dossier_json_length(typed); t++) {
                const char *text = dossier_json_text_at(typed, t);
                const char *clean;

                if (strcmp(KINDS[k].kind, dossier_json_get(row, "kind"))) {
                    continue;
                }
                clean = KINDS[k].clean(text, *state);
                CHECK(same_text(clean, wanted), "%s, row %zu, spelling %zu: \"%s\" became \"%s\"",
                      KINDS[k].kind, i, t, text, clean ? clean : "(none)");
                if (clean) {
                    assert_string_equal(KINDS[k].clean(clean, *state), clean);
                }
                compared++;
            }
        }
    }
    assert_true(compared > 120);
}

static void what_is_no_text_is_left(void **state)
{
    static const char *const broken[] = {"\xC3",
                                         "a\xFF"
                                         "b",
                                         "\xED\xA0\x80", "\xF8\x88\x80\x80\x80"};

    for (size_t i = 0; i < COUNT(broken); i++) {
        assert_string_equal(dossier_typed_text(broken[i], *state), broken[i]);
        assert_string_equal(dossier_typed_code(broken[i], *state), broken[i]);
        assert_string_equal(dossier_typed_secret(broken[i], *state), broken[i]);
    }
}

/* A thousand accents of two classes in turn cost the square of their number to order. */
static void a_long_row_of_accents_costs_little(void **state)
{
    char *text = apr_palloc(*state, 60000);
    apr_time_t began = apr_time_now();

    for (int i = 0; i < 29999; i += 2) {
        memcpy(text + 2 * i, "\xCC\x80\xCC\xA3", i + 1 < 29999 ? 4 : 2);
    }
    text[59998] = '\0';
    for (int i = 0; i < 20; i++) {
        text[i ? 2040 : 59998] = '\0';
        (void)dossier_typed_text(text, *state);
    }
    assert_true(apr_time_now() - began < apr_time_from_sec(5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_spelling_is_the_one),
        TEST(what_is_no_text_is_left),
        TEST(a_long_row_of_accents_costs_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
