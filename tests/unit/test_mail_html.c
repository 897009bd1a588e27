/* The HTML part of a mail: what is text stays text. */
#include "base/mail_html.h"
#include "fixture.h"

static void text_becomes_paragraphs_and_links(void **state)
{
    const char *html = dossier_mail_html("Nuovi documenti",
                                         "Accedi a https://host:8443/x?a=1&b=2.\n\nSeconda "
                                         "https://host/#/profilo",
                                         "it", *state);
    assert_non_null(strstr(html, "<html lang=\"it\">"));
    assert_non_null(strstr(html, "<title>Nuovi documenti</title>"));
    assert_non_null(strstr(html, "<p>Accedi a <a href=\"https://host:8443/x?a=1&amp;b=2\">https://"
                                 "host:8443/x?a=1&amp;b=2</a>.</p>\n<p>Seconda <a "
                                 "href=\"https://host/#/profilo\">https://host/#/profilo</a></p>"));
}

static void nothing_becomes_markup(void **state)
{
    const char *html =
        dossier_mail_html("\"><svg>", "<b>&amp; https://h/\"onclick=x\">", "en", *state);
    assert_null(strstr(html, "<svg>"));
    assert_null(strstr(html, "<b>"));
    assert_non_null(strstr(html, "<p>&lt;b&gt;&amp;amp; <a href=\"https://h/\">https://h/</a>&quot;"
                                 "onclick=x&quot;&gt;</p>"));
}

/* Nothing is loaded from anywhere: who reads a mail is nobody's business. */
static void nothing_is_loaded(void **state)
{
    const char *html = dossier_mail_html("a", "b", "it", *state);
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "<link"));
    assert_null(strstr(html, "url("));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_becomes_paragraphs_and_links),
        TEST(nothing_becomes_markup),
        TEST(nothing_is_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
