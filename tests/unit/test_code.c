#include "base/secrets.h"
#include "domain/code.h"
#include "fixture.h"

static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static void verification_codes_are_six_digits(void **state)
{
    static const char *const wrong[] = {"",       "12345",  "1234567", "12345a",
                                        "12 456", " 12345", "-12345",  "\xD9\xA1\xD9\xA2\xD9\xA3"};
    int small = 0;

    for (int i = 0; i < 2000; i++) {
        const char *code = dossier_verification_code_make(*state);

        CHECK(same_text(dossier_verification_code_parse(code, *state), code), "not valid: %s",
              code);
        small += code[0] == '0';
    }
    assert_in_range(small, 100,
                    320); /* a tenth, leading zero kept: 200, give or take 9 deviations */
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(!dossier_verification_code_parse(wrong[i], *state), "valid: %s", wrong[i]);
    }
    assert_null(dossier_verification_code_parse(NULL, *state));
}

static void activation_codes_read_back(void **state)
{
    int seen[32] = {0};

    for (int i = 0; i < 2000; i++) {
        const char *code = dossier_activation_code_make(*state);
        const char *parsed = dossier_activation_code_parse(code, *state);

        assert_int_equal(strlen(code), 16);
        assert_true(code[4] == '-' && code[9] == '-' && code[14] == '-');
        CHECK(parsed && strlen(parsed) == 13, "does not read back: %s", code);
        for (int k = 0; k < 12; k++) {
            seen[strchr(ALPHABET, parsed[k]) - ALPHABET]++;
        }
    }
    for (int i = 0; i < 32; i++) {
        CHECK(seen[i] > 500, "%c comes %d times in 24000", ALPHABET[i], seen[i]); /* 750 expected */
    }
}

static void activation_codes_forgive_spelling(void **state)
{
    static const char *const spellings[] = {
        "ABC0-1DEF-GHJ2-N",
        "abc0-1def-ghj2-n",
        "ABC01DEFGHJ2N",
        "ABCO-IDEF-GHJ2-N",
        "abco ldef ghj2 n",
        (" ABC0\xE2\x80\x93"
         "1DEF\xC2\xA0GHJ2\tN "),
        "--ABC0-1DEF-GHJ2-N--",
    };

    for (size_t i = 0; i < COUNT(spellings); i++) {
        const char *parsed = dossier_activation_code_parse(spellings[i], *state);

        CHECK(same_text(parsed, "ABC01DEFGHJ2N"), "%s: %s", spellings[i],
              parsed ? parsed : "refused");
    }
}

static void activation_codes_refuse_other_characters(void **state)
{
    static const char *const wrong[] = {"",
                                        "-",
                                        "ABC01DEFGHJ2",
                                        "ABC01DEFGHJ2N1",
                                        "UBC01DEFGHJ2N",
                                        "ABC01DEFGHJ2\nN",
                                        "ABC01DEFGHJ2\xFF",
                                        "ABC01DEFGHJ2\xC3\xA8",
                                        "ABC0_1DEFGHJ2N",
                                        "0000000000001"};

    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(!dossier_activation_code_parse(wrong[i], *state), "taken: %s", wrong[i]);
    }
    assert_null(dossier_activation_code_parse(NULL, *state));
}

/* All of them, on 50 codes: 13 places with 31 other characters, and 78 swaps. */
static void activation_codes_detect_every_slip(void **state)
{
    for (int n = 0; n < 50; n++) {
        const char *made = dossier_activation_code_make(*state);
        char code[14];

        apr_cpystrn(code, dossier_activation_code_parse(made, *state), sizeof(code));
        for (int i = 0; i < 13; i++) {
            char right = code[i];

            for (const char *other = ALPHABET; *other; other++) {
                code[i] = *other;
                CHECK(*other == right || !dossier_activation_code_parse(code, *state),
                      "one wrong character passes: %s", code);
            }
            code[i] = right;
            for (int k = 0; k < i; k++) {
                code[i] = code[k];
                code[k] = right;
                CHECK(code[i] == right || !dossier_activation_code_parse(code, *state),
                      "a swap passes: %s", code);
                code[k] = code[i];
                code[i] = right;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(verification_codes_are_six_digits),  TEST(activation_codes_read_back),
        TEST(activation_codes_forgive_spelling),  TEST(activation_codes_refuse_other_characters),
        TEST(activation_codes_detect_every_slip),
    };

    if (dossier_secrets_init() != APR_SUCCESS) {
        return 1;
    }
    return cmocka_run_group_tests_name("codes", tests, NULL, NULL);
}
