#include "domain/contact.h"
#include "fixture.h"

static void gives_mobiles_one_spelling(void **state)
{
    static const char *const cases[][2] = {
        {"+393331234567", "+393331234567"},
        {"3331234567", "+393331234567"},
        {"333123456", "+39333123456"},
        {"00393331234567", "+393331234567"},
        {" +39 333-123.45/67 ", "+393331234567"},
        {"(+39) 333 1234567", "+393331234567"},
        {"3931234567", "+393931234567"}, /* a mobile that begins like the country */
        {"+39\xC2\xA0"
         "333\xE2\x80\x93"
         "1234567",
         "+393331234567"},
        {"\xE2\x80\xAA+393331234567\xE2\x80\xAC", "+393331234567"}, /* as a phone pastes it */
        {"+41791234567", "+41791234567"},
        {"0041 79 123 45 67", "+41791234567"},
        {"+447700900123", "+447700900123"},
        {"+12345678", "+12345678"},
        {"+123456789012345", "+123456789012345"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *mobile = dossier_mobile_parse(cases[i][0], *state);

        CHECK(same_text(mobile, cases[i][1]), "%s: %s", cases[i][0], mobile ? mobile : "refused");
    }
}

static void refuses_what_is_no_mobile(void **state)
{
    static const char *const wrong[] = {
        "",
        "+",
        "00",
        "0",
        "+39",
        "+390376123456",
        "0376 123456",
        "+3933312345",
        "+39333123456789",
        "33312345",
        "33312345678",
        "+1234567",
        "+1234567890123456",
        "+0391234567",
        "000391234567",
        "++393331234567",
        "+39+3331234567",
        "00+393331234567",
        "333x1234567",
        "333,1234567",
        "3331234567;",
        "333123\n4567",
        "333\r\n1234567",
        "333\x01"
        "1234567",
        "\xD9\xA3\xD9\xA3\xD9\xA3",
        "333123456\xFF"
        "7",
        "+39333123456712345678901234567890",
    };

    for (size_t i = 0; i < COUNT(wrong); i++) {
        const char *mobile = dossier_mobile_parse(wrong[i], *state);

        CHECK(!mobile, "%s: taken as %s", wrong[i], mobile);
    }
    assert_null(dossier_mobile_parse(NULL, *state));
}

static void masks_emails(void **state)
{
    assert_string_equal(dossier_email_mask("mario@example.org", *state), "m****@example.org");
    assert_string_equal(dossier_email_mask("m@example.org", *state), "m****@example.org");
    assert_string_equal(dossier_email_mask("nowhere", *state), "****");
}

static void masks_mobiles(void **state)
{
    assert_string_equal(dossier_mobile_mask("+393331234567", *state), "+39*******567");
    assert_string_equal(dossier_mobile_mask("+12345678", *state), "+12***678");
    assert_string_equal(dossier_mobile_mask("+12345", *state), "******");
    assert_string_equal(dossier_mobile_mask("", *state), "");
}

static void gives_addresses_one_spelling(void **state)
{
    static const char *const cases[][2] = {
        {"mario@example.org", "mario@example.org"},
        {"  Mario.Rossi@Example.ORG\t", "mario.rossi@example.org"},
        {"a@b.it", "a@b.it"},
        {"mario+referti@sub.example.co.uk", "mario+referti@sub.example.co.uk"},
        {"o'neill_1-2@example.org", "o'neill_1-2@example.org"},
        {"x@1and1.com", "x@1and1.com"},
        {"x@xn--mller-kva.example", "x@xn--mller-kva.example"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *email = dossier_email_parse(cases[i][0], *state);

        CHECK(same_text(email, cases[i][1]), "%s: %s", cases[i][0], email ? email : "refused");
    }
}

static const char *const NO_ADDRESSES[] = {
    "",
    "@",
    "mario",
    "mario@",
    "@example.org",
    "mario@example",
    "mario@@example.org",
    "a@b@example.org",
    ".mario@example.org",
    "mario.@example.org",
    "ma..rio@example.org",
    "mario@.example.org",
    "mario@example..org",
    "mario@example.org.",
    "mario@-example.org",
    "mario@example-.org",
    "mario@exa_mple.org",
    "mario@example.o",
    "mario@192.168.1.10",
    "mario@[127.0.0.1]",
    "\"mario rossi\"@example.org",
    "\"a\\\"b\"@example.org",
    "mario rossi@example.org",
    "mario@example.org, b@example.org",
    "<mario@example.org>",
    "Mario <mario@example.org>",
    "mario@example.org>",
    "mario(x)@example.org",
    "mario:x@example.org",
    "mario;x@example.org",
    "mario\\@example.org",
    /* what would end a header line or an SMTP command */
    "mario@example.org\r\nBcc: x@example.org",
    "mario\n@example.org",
    "mario@\nexample.org",
    "mario\r@example.org",
    "mario@example.org\rRSET",
    "mario@exam\nple.org",
    "mario\x0B@example.org",
    "mario\x7F@example.org",
    "mario\xC2\x85@example.org",
    "mario@example\xE2\x80\xA8.org",
    "m\xC3\xA0rio@example.org",
    "mario@ex\xC3\xA0mple.org",
    "mario\xFF@example.org",
};

static void refuses_what_is_no_address(void **state)
{

    for (size_t i = 0; i < COUNT(NO_ADDRESSES); i++) {
        const char *email = dossier_email_parse(NO_ADDRESSES[i], *state);

        CHECK(!email, "taken as %s", email);
    }
    assert_null(dossier_email_parse(NULL, *state));
}

/* 64 before the @, 63 in a label, 254 in all. */
static void keeps_to_the_lengths(void **state)
{
    static const struct {
        int local;
        int label;
        int labels;
        int allowed;
    } cases[] = {
        {64, 10, 1, 1}, {65, 10, 1, 0}, {1, 63, 1, 1},
        {1, 64, 1, 0},  {58, 63, 3, 1}, /* 58 + 1 + 3 * 64 + 3 = 254 */
        {59, 63, 3, 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        char *email = memset(apr_pcalloc(*state, 400), 'a', (size_t)cases[i].local);

        strcat(email, "@");
        for (int k = 0; k < cases[i].labels; k++) {
            memset(email + strlen(email), 'b', (size_t)cases[i].label);
            strcat(email, ".");
        }
        strcat(email, "org");
        CHECK(!!dossier_email_parse(email, *state) == cases[i].allowed, "case %zu, %zu characters",
              i, strlen(email));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(gives_mobiles_one_spelling),
        TEST(refuses_what_is_no_mobile),
        TEST(masks_mobiles),
        TEST(masks_emails),
        TEST(gives_addresses_one_spelling),
        TEST(refuses_what_is_no_address),
        TEST(keeps_to_the_lengths),
    };

    return cmocka_run_group_tests_name("contacts", tests, NULL, NULL);
}
