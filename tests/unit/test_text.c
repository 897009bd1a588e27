#include "base/text.h"
#include "fixture.h"

static void decodes_what_rfc_3629_allows(void **state)
{
    static const struct {
        const char *bytes;
        int read;
        apr_uint32_t character;
        int moved;
    } cases[] = {
        {"a", 1, 'a', 1},
        {"\xC3\xA8", 1, 0xE8, 2},
        {"\xE2\x82\xAC", 1, 0x20AC, 3},
        {"\xF0\x9F\x98\x80", 1, 0x1F600, 4},
        {"\xF4\x8F\xBF\xBF", 1, 0x10FFFF, 4},
        {"", 0, 0, 0},
        {"\x80", -1, 0, 1},             /* a continuation in front */
        {"\xC0\xAF", -1, 0, 1},         /* overlong slash */
        {"\xE0\x80\xAF", -1, 0, 1},     /* overlong slash */
        {"\xED\xA0\x80", -1, 0, 1},     /* a surrogate */
        {"\xF4\x90\x80\x80", -1, 0, 1}, /* beyond Unicode */
        {"\xF8\x88\x80\x80\x80", -1, 0, 1},
        {"\xC3", -1, 0, 1},
        {"\xE2\x82", -1, 0, 1},
        {"\xC3(", -1, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *cursor = cases[i].bytes;
        apr_uint32_t character = 0;
        int read = dossier_text_next(&character, &cursor, cursor + strlen(cursor));

        CHECK(read == cases[i].read && character == cases[i].character &&
                  cursor - cases[i].bytes == cases[i].moved,
              "case %zu: read %d, character %X", i, read, character);
    }
}

static void counts_characters_not_bytes(void **state)
{
    (void)state;
    assert_int_equal(dossier_text_length(""), 0);
    assert_int_equal(dossier_text_length("perch\xC3\xA9"), 6);
    assert_int_equal(dossier_text_length("\xF0\x9F\x98\x80\xF0\x9F\x98\x80"), 2);
    assert_int_equal(dossier_text_length("a\xFF\xFFz"), 4);
}

static void trims_blanks_of_any_width(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"  \t ", ""},
        {" a b ", "a b"},
        {"\xC2\xA0\xE2\x80\x83"
         "Anna\xE3\x80\x80",
         "Anna"},
        {"\n\ta\n\xC2\x85 \xE2\x80\xA8", "a"},
        {"a\nb", "a\nb"}, /* within, it must be seen and refused */
        {"\xC3\xA8", "\xC3\xA8"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(dossier_text_trim(cases[i][0], *state), cases[i][1]);
    }
}

static void tells_kinds_apart(void **state)
{
    (void)state;
    assert_true(dossier_text_is_blank(' ') && dossier_text_is_blank(0xA0));
    assert_false(dossier_text_is_blank('\n') || dossier_text_is_blank('a'));
    assert_true(dossier_text_is_dash('-') && dossier_text_is_dash(0x2013));
    assert_false(dossier_text_is_dash('_'));
    assert_true(dossier_text_is_control(0) && dossier_text_is_control(0x7F) &&
                dossier_text_is_control(0x85) && dossier_text_is_control(0x2028));
    assert_false(dossier_text_is_control(' ') || dossier_text_is_control(0xA0));
    assert_true(dossier_text_is_invisible(0x202E) && dossier_text_is_invisible(0xFEFF));
    assert_false(dossier_text_is_invisible(' '));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(decodes_what_rfc_3629_allows),
        TEST(counts_characters_not_bytes),
        TEST(trims_blanks_of_any_width),
        TEST(tells_kinds_apart),
    };

    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
