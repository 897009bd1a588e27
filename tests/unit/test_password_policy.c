#include "domain/password_policy.h"
#include "fixture.h"

static const char *const PERSONAL[] = {
    "Niccol\xC3\xB2",           "De Blasi",         "1980-03-07", "Mantova", "+393338417259", "Ada",
    "nico.deblasi@example.org", "DBLNCL80C07E897X", NULL};

static void accepts_what_is_hard_to_guess(void **state)
{
    static const char *const passwords[] = {
        "tavolo giallo senza nome",
        "correct-ladder-battery",
        "aeromobile piovoso",
        "xK9#mQ2$vL5n",
        "aaaaaabcdzxq", /* lower case only: no composition rules */
        "819274650138",
        "\xC3\xA8\xC3\xB2\xC3\xA0\xC3\xB9 qualcosa!",
        "\xE6\xA4\x9C\xE6\x9F\xBB\xE7\xB5\x90\xE6\x9E\x9C\xE3\x82\x92\xE8\xA6\x8B\xE3\x82\x8B\xE3"
        "\x81"
        "\x93\xE3\x81\xA8\xE3\x81\xAF\xE8\x89\xAF\xE3\x81\x84",
        "  spazi   ovunque  ",
        "ciao mantova bella citta",
        "niccolo cavalca elefanti", /* holds a name, and enough besides */
        "adadadenziale",            /* "Ada" is too short to be looked for */
    };

    for (size_t i = 0; i < COUNT(passwords); i++) {
        const char *refusal = dossier_password_refusal(passwords[i], PERSONAL, *state);

        CHECK(!refusal, "%s: %s", passwords[i], refusal);
    }
    assert_null(dossier_password_refusal("tavolo giallo", (const char *const[]){NULL}, *state));
    assert_null(dossier_password_refusal("tavolo giallo", NULL, *state));
}

static void counts_characters(void **state)
{
    char *text = apr_pcalloc(*state, 600);

    assert_string_equal(dossier_password_refusal("", PERSONAL, *state), "too_short");
    assert_string_equal(dossier_password_refusal("xK9#mQ2$vL5", PERSONAL, *state), "too_short");
    assert_null(dossier_password_refusal("xK9#mQ2$vL5n", PERSONAL, *state));
    /* eleven characters in 22 bytes */
    assert_string_equal(dossier_password_refusal("\xC3\xA8\xC3\xB2\xC3\xA0\xC3\xB9\xC3\xA8\xC3\xB2"
                                                 "\xC3\xA0\xC3\xB9\xC3\xA9\xC3\xAC\xC3\xB2",
                                                 PERSONAL, *state),
                        "too_short");
    for (int i = 0; i < 128; i++) {
        memcpy(text + i * 4, i % 7 ? "\xF0\x9F\x98\x80" : "\xF0\x9F\x98\x83", 4);
    }
    assert_null(dossier_password_refusal(text, PERSONAL, *state)); /* 128 in 512 bytes */
    strcat(text, "x");
    assert_string_equal(dossier_password_refusal(text, PERSONAL, *state), "too_long");
}

static const char *const COMMON[] = {
    "aaaaaaaaaaaa",
    "ababababababa",
    "abcabcabcabc",
    "Ab1!Ab1!Ab1!A",
    "            ",
    "\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8\xC3\xA8"
    "\xC3"
    "\xA8",
    "abcdefghijkl",
    "lkjihgfedcba",
    "xyzabcdefghi",
    "ABCDEFGHIJKL",
    "123456789012",
    "098765432109",
    "987654321098",
    "qwertyuiopas",
    "sapoiuytrewq",
    "QWERTYuiopasd",
    "qwertzuiopasd",
    "azertyuiopqs",
    "1234567890qwerty",
    "qwerty123456",
    "abcdef123456",
    "abc123def456",
    "aaaabbbbcccc",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4",
    "qazwsxedcrfv",
    "1q2w3e4r5t6y",
    "password1234",
    "Password1234",
    "PASSWORD-1234!",
    "passwordpassword",
    "password.password",
    "P@ssw0rd1234",
    "p@$$w0rd2024!",
    "mantovamantova",
    "mantova123456",
    "dossier12345",
    "1234dossier56",
    "!!!dossier!!!",
    "mammamammamamma",
    "iloveyou1234",
    "juventus1897!",
    "ospedale2026",
    "benvenuto2026",
    "forzajuventus",
    "cambiami1234",
    "correct horse battery staple",
    "correcthorsebatterystaple",
    "administrator",
    "sanpellegrino",
};

static void refuses_what_everybody_chooses(void **state)
{

    for (size_t i = 0; i < COUNT(COMMON); i++) {
        const char *refusal =
            dossier_password_refusal(COMMON[i], (const char *const[]){NULL}, *state);

        CHECK(same_text(refusal, "common"), "%s: %s", COMMON[i], refusal ? refusal : "accepted");
    }
}

static void refuses_what_is_made_of_the_person(void **state)
{
    static const char *const passwords[] = {
        "niccolodeblasi",     "Niccol\xC3\xB2 De Blasi",
        "NICCOLO-blasi!!",    "deblasi-x7k2m",
        "niccolo07031980",    "07/03/1980!!!!",
        "blasi19800307",      "1980niccolo80",
        "3338417259xyz",      "+393338417259",
        "393338417259ab",     "dblncl80c07e897x",
        "DBLNCL80C07E897X!1", "nico.deblasi@example.org",
        "nicodeblasi12",      "blasi12345678",
        "niccoloabcdefgh",    "blasipassword",
        "deblasideblasi",
    };

    for (size_t i = 0; i < COUNT(passwords); i++) {
        const char *refusal = dossier_password_refusal(passwords[i], PERSONAL, *state);

        CHECK(same_text(refusal, "personal"), "%s: %s", passwords[i],
              refusal ? refusal : "accepted");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(accepts_what_is_hard_to_guess),
        TEST(counts_characters),
        TEST(refuses_what_everybody_chooses),
        TEST(refuses_what_is_made_of_the_person),
    };

    return cmocka_run_group_tests_name("password_policy", tests, NULL, NULL);
}
