/* The texts that leave by SMS and mail: languages, length, alphabet, and what they must not say. */
#include <apr_lib.h>

#include "domain/message_text.h"
#include "fixture.h"

static const char *const templates[] = {
    "verification_code", "email_code",          "mobile_corrected",
    "mobile_changed",    "email_changed",       "password_changed",
    "new_device",        "relative_taken_over", "minor_handover",
    "service_disabled",  "minor_handover_soon", "account_deleted",
    "new_documents",     "last_call",           "codice_fiscale_changed"};
#define TEMPLATES (sizeof(templates) / sizeof(*templates))
static const char *const languages[] = {"it", "en"};
static const char *const portals[] = {NULL, "https://referti.example.it",
                                      "https://dossier.hospital.example.org:8443"};

/* One SMS. */
static const char *sms(const char *template, const char *language, const char *code,
                       const char *portal_url, apr_pool_t *pool)
{
    const dossier_message_t message = {
        .template = template, .language = language, .code = code, .site_url = portal_url};

    return dossier_message_sms(&message, pool);
}

/* ASCII letters, digits and the punctuation that costs one septet each: none of ` ^ { } [ ] ~ \ |,
   which are absent from the alphabet or count double. */
static int one_septet_each(const char *text)
{
    static const char punctuation[] = " \n@$_!\"#%&'()*+,-./:;<=>?";
    for (; *text; text++) {
        if (!apr_isalnum(*text) && !strchr(punctuation, *text)) {
            return 0;
        }
    }
    return 1;
}

static void every_text_is_one_sms(void **state)
{
    for (size_t t = 0; t < TEMPLATES; t++) {
        for (size_t l = 0; l < 2; l++) {
            for (size_t p = 0; p < 3; p++) {
                const char *text = sms(templates[t], languages[l], "012345", portals[p], *state);
                assert_non_null(text);
                assert_true(one_septet_each(text));
                assert_in_range(strlen(text), 30, DOSSIER_SMS_LENGTH);
            }
        }
    }
}

static void languages_differ(void **state)
{
    for (size_t t = 0; t < TEMPLATES; t++) {
        const char *it = sms(templates[t], "it", "012345", NULL, *state);
        const char *en = sms(templates[t], "en", "012345", NULL, *state);
        assert_string_not_equal(it, en);
        assert_string_not_equal(dossier_message_subject(templates[t], "it"),
                                dossier_message_subject(templates[t], "en"));
    }
}

static void anything_else_is_italian(void **state)
{
    const char *it = sms("new_documents", "it", NULL, NULL, *state);
    assert_string_equal(sms("new_documents", "de", NULL, NULL, *state), it);
    assert_string_equal(sms("new_documents", NULL, NULL, NULL, *state), it);
    assert_string_equal(dossier_message_subject("new_documents", NULL),
                        dossier_message_subject("new_documents", "it"));
}

static void code_is_shown_and_can_be_filled_in(void **state)
{
    const char *text =
        sms("verification_code", "it", "012345", "https://referti.example.it:8443", *state);
    const char *last;

    assert_ptr_equal(strstr(text, "012345"), strstr(text, ": 012345. ") + 2);
    last = strrchr(text, '\n') + 1;
    assert_string_equal(last, "@referti.example.it #012345");
}

static void without_portal_no_line_to_fill_in(void **state)
{
    const char *text = sms("verification_code", "en", "012345", NULL, *state);
    assert_null(strchr(text, '\n'));
    assert_null(strchr(text, '@'));
    assert_non_null(strstr(text, "012345"));
}

static void hidden_code_is_six_dots(void **state)
{
    const char *text = sms("verification_code", "it", NULL, NULL, *state);
    const char *portal;

    assert_non_null(strstr(text, ": ••••••. "));
    /* Hiding the code must not change what fits. */
    portal = "https://dossier.hospital.example.org";
    assert_non_null(strstr(sms("verification_code", "it", NULL, portal, *state), "#••••••"));
}

static void a_long_host_is_left_out(void **state)
{
    char host[120];
    const char *portal;

    memset(host, 'h', sizeof(host) - 1);
    host[sizeof(host) - 1] = '\0';
    portal = apr_pstrcat(*state, "https://", host, ".example.org", NULL);
    for (size_t t = 0; t < TEMPLATES; t++) {
        const char *text = sms(templates[t], "it", "012345", portal, *state);
        assert_in_range(strlen(text), 30, DOSSIER_SMS_LENGTH);
        assert_null(strstr(text, "hhhh"));
    }
}

static void alert_says_where_to_log_in(void **state)
{
    const char *text = sms("new_documents", "en", NULL, "https://referti.example.it:8443", *state);
    const char *url = strstr(text, "https://referti.example.it:8443");
    assert_non_null(url);
    /* Nothing behind it that a phone could take for a part of the link. */
    assert_string_equal(url, "https://referti.example.it:8443");
    assert_null(strstr(sms("new_documents", "en", NULL, NULL, *state), "http"));
}

static void no_text_speaks_of_health(void **state)
{
    static const char *const words[] = {"refert", "ospedal",  "clinic", "medic",   "salut", "esam",
                                        "report", "hospital", "health", "patient", "test"};
    for (size_t t = 0; t < TEMPLATES; t++) {
        for (size_t l = 0; l < 2; l++) {
            char *text =
                apr_pstrcat(*state, dossier_message_subject(templates[t], languages[l]), " ",
                            sms(templates[t], languages[l], "012345", NULL, *state), NULL);
            for (char *c = text; *c; c++) {
                *c = (char)apr_tolower(*c);
            }
            for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
                assert_null(strstr(text, words[w]));
            }
        }
    }
}

static void subjects_are_one_ascii_line(void **state)
{
    (void)state;
    for (size_t t = 0; t < TEMPLATES; t++) {
        for (size_t l = 0; l < 2; l++) {
            const char *subject = dossier_message_subject(templates[t], languages[l]);
            assert_in_range(strlen(subject), 5, 60);
            for (; *subject; subject++) {
                assert_in_range(*subject, 0x20, 0x7E);
            }
        }
    }
}

/* When, with what, and what to do. */
static void new_device_mail_says_what_is_known(void **state)
{
    dossier_message_t message = {.template = "new_device",
                                 .language = "it",
                                 .site_url = "https://referti.example.it",
                                 .at = "24/11/2026 alle 10:15",
                                 .device = "Safari, iPhone"};
    const char *text = dossier_message_mail(&message, *state);

    assert_non_null(strstr(text, "cambi la password e avvisi lo sportello"));
    assert_non_null(strstr(text, "Quando: 24/11/2026 alle 10:15 (ora italiana)"));
    assert_non_null(strstr(text, "Dispositivo: Safari, iPhone"));
    assert_non_null(strstr(text, "password: https://referti.example.it/#/profilo/accessi"));
    message.language = "en";
    message.device = NULL;
    text = dossier_message_mail(&message, *state);
    assert_non_null(strstr(text, "Device: not known"));
    assert_non_null(strstr(text, "change your password"));
}

/* What the SMS writes without accents, as a mail has it. */
static const char *accented(const char *sms, apr_pool_t *pool)
{
    static const char *const words[][2] = {{"e' cambiat", "è cambiat"},
                                           {"E' cambiat", "È cambiat"},
                                           {"e' entrat", "è entrat"},
                                           {"e' stat", "è stat"},
                                           {"puo' ", "può "},
                                           {"potra' ", "potrà "},
                                           {"vedra' ", "vedrà "},
                                           {"e' maggiorenne", "è maggiorenne"},
                                           {"piu'", "più"}};

    for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++) {
        const char *found;

        while ((found = strstr(sms, words[w][0])) != NULL) {
            sms = apr_pstrcat(pool, apr_pstrmemdup(pool, sms, (apr_size_t)(found - sms)),
                              words[w][1], found + strlen(words[w][0]), NULL);
        }
    }
    return sms;
}

/* What has happened has its time; codes and alerts are of now. */
static void other_mails_say_what_an_sms_says_and_when(void **state)
{
    static const char *const of_now[] = {"verification_code", "email_code", "new_documents",
                                         "last_call"};

    for (size_t t = 0; t < TEMPLATES; t++) {
        const dossier_message_t message = {
            .template = templates[t], .code = "012345", .at = "24/11/2026 alle 10:15"};
        const char *text = dossier_message_mail(&message, *state);
        int now = 0;

        for (size_t i = 0; i < sizeof(of_now) / sizeof(*of_now); i++) {
            now |= !strcmp(of_now[i], templates[t]);
        }
        assert_ptr_equal(strstr(text, accented(dossier_message_sms(&message, *state), *state)),
                         text);
        assert_int_equal(strstr(text, "Quando: 24/11/2026 alle 10:15") == NULL, now);
    }
}

/* Whoever is told to tell the desk is told how: in an SMS by its telephone, while that fits. */
static void the_desk_comes_with_the_text_that_names_it(void **state)
{
    const dossier_desk_t desk = {
        .telephone = "+39 0376 635101", .hours = "lun-ven 8-18", .address = "Via Roma 1, Mantova"};

    for (size_t t = 0; t < TEMPLATES; t++) {
        for (size_t l = 0; l < 2; l++) {
            dossier_message_t message = {.template = templates[t], .language = languages[l]};
            int named = dossier_desk_named(dossier_message_sms(&message, *state));
            const char *text;

            message.desk = &desk;
            text = dossier_message_sms(&message, *state);
            assert_int_equal(strstr(text, desk.telephone) != NULL, named);
            assert_true(strlen(text) <= DOSSIER_SMS_LENGTH || strstr(text, "••"));
            text = dossier_message_mail(&message, *state);
            assert_int_equal(strstr(text, dossier_desk_line(&desk, l == 1, *state)) != NULL, named);
            assert_null(strstr(text, "Tel."));
        }
    }
}

static void unknown_template_has_no_text(void **state)
{
    assert_null(sms("welcome", "it", "012345", NULL, *state));
    assert_null(sms(NULL, "it", NULL, NULL, *state));
    assert_null(dossier_message_subject("welcome", "it"));
    assert_null(dossier_message_subject(NULL, "it"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_text_is_one_sms),
        TEST(languages_differ),
        TEST(anything_else_is_italian),
        TEST(code_is_shown_and_can_be_filled_in),
        TEST(without_portal_no_line_to_fill_in),
        TEST(hidden_code_is_six_dots),
        TEST(a_long_host_is_left_out),
        TEST(alert_says_where_to_log_in),
        TEST(no_text_speaks_of_health),
        TEST(subjects_are_one_ascii_line),
        TEST(new_device_mail_says_what_is_known),
        TEST(other_mails_say_what_an_sms_says_and_when),
        TEST(the_desk_comes_with_the_text_that_names_it),
        TEST(unknown_template_has_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
