#include <apr_base64.h>

#include "base/base64.h"
#include "fixture.h"

enum { LENGTH = 5000, LINE = 64 };

/* Base64 in lines, between others. */
static char *lines(const unsigned char *bytes, const char *before, const char *behind,
                   apr_pool_t *pool)
{
    char *text = apr_palloc(pool, (apr_size_t)apr_base64_encode_len(LENGTH));
    const char *all = before;

    apr_base64_encode_binary(text, bytes, LENGTH);
    for (apr_size_t at = 0, end = strlen(text); at < end; at += LINE) {
        all = apr_pstrcat(pool, all, apr_pstrndup(pool, text + at, LINE), "\r\n", NULL);
    }
    return apr_pstrcat(pool, all, behind, NULL);
}

static apr_size_t decoded(unsigned char *out, dossier_base64_t *base64, const char *text,
                          apr_size_t most)
{
    apr_size_t made = 0;

    for (apr_size_t left = strlen(text), length; left; left -= length) {
        apr_size_t rest = length = left < most ? left : most;
        const unsigned char *data = (const unsigned char *)text;

        while (rest) {
            made += dossier_base64_decode(out + made, base64, &data, &rest);
        }
        text += length;
    }
    return made + dossier_base64_end(out + made, base64);
}

static void reads_lines_in_pieces(void **state)
{
    unsigned char *bytes = apr_palloc(*state, LENGTH);
    unsigned char *out = apr_palloc(*state, 2 * LENGTH);
    static const char *const around[][2] = {
        {"", ""},
        {" \n", "\n \n"},
        {"-----BEGIN CMS-----\r\n", "-----END CMS-----\r\n"},
        {"-----BEGIN CMS-----\n", "-----BEGIN CERTIFICATE-----\nMIIQ\n-----END CERTIFICATE-----\n"},
    };

    for (int i = 0; i < LENGTH; i++) {
        bytes[i] = (unsigned char)(i * 7 + i / 256);
    }
    for (size_t i = 0; i < COUNT(around); i++) {
        const char *text = lines(bytes, around[i][0], around[i][1], *state);

        for (size_t most = 1; most < 8192; most = most * 3 + 1) {
            dossier_base64_t base64 = {.have = 0};
            apr_size_t made = decoded(out, &base64, text, most);

            CHECK(made == LENGTH && !memcmp(out, bytes, LENGTH) && !base64.broken,
                  "case %zu in pieces of %zu: %zu bytes", i, most, (size_t)made);
        }
    }
}

static void ends_where_base64_ends(void **state)
{
    static const struct {
        const char *text;
        const char *bytes;
        int broken;
    } cases[] = {
        {"", "", 0},
        {"-", "", 0},
        {"YWJj", "abc", 0},
        {"YWJjZA==", "abcd", 0},
        {"YWJjZA", "abcd", 0},
        {"YWJjZGU", "abcde", 0}, /* not padded */
        {"YWJjZ", "abc", 0},
        {"YQ==YWJj", "a", 0},
        {"YWJj-YWJj", "abc", 0},
        {"YWJj*YWJj", "abc", 1},
        {"YWJjZA*", "abcd", 1},
        {"\xC3\xA9YWJj", "", 1},
    };
    unsigned char out[DOSSIER_BASE64_BYTES];

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        dossier_base64_t base64 = {.have = 0};
        apr_size_t made = decoded(out, &base64, cases[i].text, 3);

        CHECK(made == strlen(cases[i].bytes) && !memcmp(out, cases[i].bytes, made) &&
                  base64.broken == cases[i].broken,
              "case %zu: %zu bytes, broken %d", i, (size_t)made, base64.broken);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(reads_lines_in_pieces), TEST(ends_where_base64_ends)};

    return cmocka_run_group_tests_name("base64", tests, NULL, NULL);
}
