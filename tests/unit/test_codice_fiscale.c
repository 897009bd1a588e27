#include "domain/codice_fiscale.h"
#include "fixture.h"

/* The check letters were worked out by python3-stdnum. */
static void reads_people(void **state)
{
    static const struct {
        const char *typed;
        const char *text;
        int year;
        int month;
        int day;
        char sex;
        const char *place;
    } cases[] = {
        {"RSSMRA80A01E897X", "RSSMRA80A01E897X", 80, 1, 1, 'M', "E897"},
        {" rssmra 80a01 e897x\t", "RSSMRA80A01E897X", 80, 1, 1, 'M', "E897"},
        {"RCCMNL83S18D969H", "RCCMNL83S18D969H", 83, 11, 18, 'M', "D969"},
        {"CNTCHR83T41D969D", "CNTCHR83T41D969D", 83, 12, 1, 'F', "D969"},
        {"RSSMRA04B29Z404Z", "RSSMRA04B29Z404Z", 4, 2, 29, 'M', "Z404"},
        {"RSSMRA00B69Z404Z", "RSSMRA00B69Z404Z", 0, 2, 29, 'F', "Z404"},
        {"RSSMRA80T71A000W", "RSSMRA80T71A000W", 80, 12, 31, 'F', "A000"},
        /* a place that never was is not an error */
        {"RSSMRA80A01X999W", "RSSMRA80A01X999W", 80, 1, 1, 'M', "X999"},
        /* omocodia, one digit and all seven */
        {"RSSMRA80A01E89TU", "RSSMRA80A01E89TU", 80, 1, 1, 'M', "E897"},
        {"RSSMRAULALMEUVTO", "RSSMRAULALMEUVTO", 80, 1, 1, 'M', "E897"},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        dossier_cf_t cf;
        const char *error = dossier_cf_parse(&cf, cases[i].typed, *state);

        CHECK(!error, "%s: %s", cases[i].typed, error);
        assert_int_equal(cf.kind, DOSSIER_CF_PERSON);
        assert_string_equal(cf.text, cases[i].text);
        CHECK(cf.has_birth && cf.birth_year_2 == cases[i].year &&
                  cf.birth_month == cases[i].month && cf.birth_day == cases[i].day &&
                  cf.sex == cases[i].sex && same_text(cf.place, cases[i].place),
              "%s: %02d-%02d-%02d %c %s", cases[i].typed, cf.birth_year_2, cf.birth_month,
              cf.birth_day, cf.sex, cf.place);
    }
}

static void reads_codes_without_a_person(void **state)
{
    static const struct {
        const char *typed;
        const char *text;
        dossier_cf_kind_t kind;
    } cases[] = {
        {"00743110157", "00743110157", DOSSIER_CF_PROVISIONAL},
        {" 00743 110157 ", "00743110157", DOSSIER_CF_PROVISIONAL},
        {"12345670017", "12345670017", DOSSIER_CF_PROVISIONAL},
        {"stp0300012345678", "STP0300012345678", DOSSIER_CF_STP},
        {"ENI0300012345678", "ENI0300012345678", DOSSIER_CF_STP},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        dossier_cf_t cf;
        const char *error = dossier_cf_parse(&cf, cases[i].typed, *state);

        CHECK(!error, "%s: %s", cases[i].typed, error);
        assert_int_equal(cf.kind, cases[i].kind);
        assert_string_equal(cf.text, cases[i].text);
        assert_false(cf.has_birth);
        assert_null(cf.place);
    }
}

static const char *const MALFORMED[][2] = {
    {"", "length"},
    {"RSSMRA80A01E897", "length"},
    {"RSSMRA80A01E897XX", "length"},
    {"RSSMRA80A01E897XXXXXXXXXXXXXXXXXXXXXXXXXXXX", "length"},
    {"0074311015", "length"},
    {"007431101577", "length"},
    {"STP030001234567", "length"},
    {"1SSMRA80A01E897X", "structure"},
    {"RSSMRAA0A01E897X", "structure"}, /* A is not a letter of omocodia */
    {"RSSMRA80F01E897X", "structure"}, /* F is not a month */
    {"RSSMRA80101E897X", "structure"},
    {"RSSMRA80A01E8971", "structure"},
    {"RSSMRA80A010897X", "structure"},
    {"RSSMRA80A01E89AX", "structure"},
    {"RSSMRA-80A01E897", "structure"},
    {"RSSMR\xC3\x80"
     "80A01E897X",
     "structure"},
    {"RSSMRA80A01E897\xFF", "structure"},
    {"RSSMRA80A01\nE897", "structure"},
    {"RSSMRA80A01E897\n", "length"}, /* its line end is dropped */
    {"0074311015A", "structure"},
    {"00000000000", "structure"},
    {"STP03000123456A8", "structure"},
    {"ENI0300012345 6789", "length"},
    {"RSSMRA80B30E897A", "date"},
    {"RSSMRA01B29E897C", "date"}, /* neither 1901 nor 2001 was a leap year */
    {"RSSMRA80D31E897G", "date"}, /* 31 April */
    {"RSSMRA80D71E897K", "date"},
    {"RSSMRA80A00E897Y", "date"},
    {"RSSMRA80A32E897F", "date"},
    {"RSSMRA80A40E897C", "date"},
    {"RSSMRA80A72E897J", "date"},
    {"RSSMRA80A99E897B", "date"},
    {"RCCMNL83S18D969I", "check_character"},
    {"RCCMNL83S18D96VH", "check_character"}, /* omocodia has a check letter of its own */
    {"00743110158", "check_character"},
};

static void names_what_is_wrong(void **state)
{
    dossier_cf_t cf;

    for (size_t i = 0; i < COUNT(MALFORMED); i++) {
        const char *error = dossier_cf_parse(&cf, MALFORMED[i][0], *state);

        CHECK(same_text(error, MALFORMED[i][1]), "%s: %s", MALFORMED[i][0],
              error ? error : "taken");
        assert_null(cf.text);
    }
    assert_string_equal(dossier_cf_parse(&cf, NULL, *state), "length");
}

/* Every one of the 26 check letters but one is refused. */
static void takes_one_check_letter_only(void **state)
{
    char code[] = "RCCMNL83S18D969A";
    int taken = 0;

    for (char letter = 'A'; letter <= 'Z'; letter++) {
        dossier_cf_t cf;

        code[15] = letter;
        taken += dossier_cf_parse(&cf, code, *state) == NULL;
    }
    assert_int_equal(taken, 1);
}

/* The code of a person made from `letters`, the check letter found by trial. */
static void complete(dossier_cf_t *cf, const char *letters, apr_pool_t *pool)
{
    char *code = apr_pstrcat(pool, letters, "A", NULL);

    while (dossier_cf_parse(cf, code, pool)) {
        CHECK(code[strlen(letters)]++ < 'Z', "no check letter fits: %s", letters);
    }
}

/* What such a code says against the rest. */
static const char *disagreements(const char *letters, const char *first, const char *last,
                                 const char *date, const char *sex, apr_pool_t *pool)
{
    apr_array_header_t *warnings = apr_array_make(pool, 4, sizeof(const char *));
    dossier_date_t birth;
    dossier_cf_t cf;

    complete(&cf, letters, pool);
    if (date) {
        assert_true(dossier_date_parse(&birth, date));
    }
    dossier_cf_disagreements(warnings, &cf, first, last, date ? &birth : NULL, sex, pool);
    return apr_array_pstrcat(pool, warnings, ' ');
}

static void compares_names(void **state)
{
    static const struct {
        const char *letters;
        const char *first;
        const char *last;
        const char *expected;
    } cases[] = {
        {"RSSMRA80A01E897", "Mario", "Rossi", ""},
        {"RSSMRA80A01E897", NULL, NULL, ""},
        {"RSSMRA80A01E897", "Maria", "Rosso", ""},
        {"RSSMRA80A01E897", "Mario", "Bianchi", "last_name"},
        {"RSSMRA80A01E897", "Anna", "Rossi", "first_name"},
        {"RSSMRA80A01E897", "Rossi", "Mario", "last_name first_name"},
        {"RSSGNN80A01E897", "Gianni", "Rossi", ""},
        {"RSSGFR80A01E897", "Gianfranco", "Rossi", ""},           /* four consonants: 1, 3, 4 */
        {"RSSGNF80A01E897", "Gianfranco", "Rossi", "first_name"}, /* not 1, 2, 3 */
        {"RSSMGR80A01E897", "Maria Grazia", "Rossi", ""},
        {"FOXLUX80A01E897", "Lu", "Fo", ""},
        {"AEIAIO80A01E897", "Aio", "Aei", ""},
        {"DNGMRA80A01E897", "mario", "D'Angelo", ""},
        {"DNGMRA80A01E897", "mario",
         "D\xE2\x80\x99"
         "Angelo",
         ""},
        {"DRSMRA80A01E897", "MARIO", "De Rossi", ""},
        {"NCLNCL80A01E897", "Niccol\xC3\xB2", "Nicol\xC3\xA0", ""},
        {"NCLNCL80A01E897", "Niccolo\xCC\x80", "Nicola'", ""}, /* a mark of its own */
        {"DLCMRA80A01E897", "Mario", "D\xC3\xA0lc\xC3\xB2", ""},
        {"SKCCLV80A01E897", "\xC4\x8C\x65slav", "\xC5\xA0k\xC4\x8Coda", ""},
        {"STRMRA80A01E897", "Mario",
         "Stra\xC3\x9F"
         "er",
         ""},
        {"WSSMRA80A01E897", "Mario", "Wei\xC3\x9F", ""},
        {"OZIMRA80A01E897", "Mario", "\xC3\x96zi", "last_name"},
        {"ZOIMRA80A01E897", "Mario", "\xC3\x96zi", ""},
        {"ZOEMRA80A01E897", "Mario", "\xC3\x96zi", ""}, /* the same name, spelt Oezi */
        {"LKSMRA80A01E897", "Mario", "\xC5\x81ukas", ""},
        {"XXXXXX80A01E897", "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD", "\xD0\x9F\xD0\xB5", ""},
        {"RSSMRA80A01E897", "", "--", ""}, /* nothing to compare */
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found =
            disagreements(cases[i].letters, cases[i].first, cases[i].last, NULL, NULL, *state);

        CHECK(same_text(found, cases[i].expected), "case %zu, %s: %s", i, cases[i].letters, found);
    }
}

static void compares_birth_and_sex(void **state)
{
    static const struct {
        const char *letters;
        const char *date;
        const char *sex;
        const char *expected;
    } cases[] = {
        {"RSSMRA80A01E897", "1980-01-01", "M", ""},
        {"RSSMRA80A41E897", "1980-01-01", "F", ""},
        {"RSSMRA20A41E897", "1920-01-01", "F", ""},
        {"RSSMRA20A41E897", "2020-01-01", "F", ""},
        {"RSSMRA80A01E897", "1981-01-01", "M", "birth_date"},
        {"RSSMRA80A01E897", "1980-02-01", "M", "birth_date"},
        {"RSSMRA80A01E897", "1980-01-02", "M", "birth_date"},
        {"RSSMRA80A01E897", "1980-01-01", "F", "sex"},
        {"RSSMRA80A41E897", "1980-01-02", "M", "birth_date sex"},
        {"RSSMRAULALMEUVT", "1980-01-01", "M", ""},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *found =
            disagreements(cases[i].letters, NULL, NULL, cases[i].date, cases[i].sex, *state);

        CHECK(same_text(found, cases[i].expected), "case %zu: %s", i, found);
    }
}

static void says_nothing_about_codes_without_a_person(void **state)
{
    apr_array_header_t *warnings = apr_array_make(*state, 4, sizeof(const char *));
    dossier_date_t birth = {1980, 1, 1};
    dossier_cf_t cf;

    assert_null(dossier_cf_parse(&cf, "00743110157", *state));
    dossier_cf_disagreements(warnings, &cf, "Anna", "Verdi", &birth, "F", *state);
    assert_null(dossier_cf_parse(&cf, "STP0300012345678", *state));
    dossier_cf_disagreements(warnings, &cf, "Anna", "Verdi", &birth, "F", *state);
    assert_int_equal(warnings->nelts, 0);
}

static void the_day_of_birth_to_go_by(void **state)
{
    static const struct {
        const char *letters;
        dossier_date_t typed;
        dossier_date_t expected;
    } cases[] = {
        {"RSSMRA80A01E897", {1980, 1, 1}, {1980, 1, 1}},
        {"RSSMRA80A01E897", {1980, 1, 2}, {1980, 1, 1}},   /* the code holds */
        {"RSSLCU15E20E897", {1915, 5, 20}, {1915, 5, 20}}, /* it does not say the century */
        {"RSSLCU15E20E897", {1916, 5, 20}, {2015, 5, 20}},
        {"RSSLCU26T31E897", {1980, 1, 1}, {1926, 12, 31}}, /* not to come */
        {"RSSLCU23A05E897", {1923, 1, 5}, {1923, 1, 5}},
        {"RSSLCU23A05E897", {2023, 1, 5}, {2023, 1, 5}},
        {"RSSLCU23A05E897", {1923, 1, 6}, {2023, 1, 5}},
    };
    dossier_date_t today = {2026, 11, 25};
    dossier_cf_t cf;

    for (size_t i = 0; i < COUNT(cases); i++) {
        dossier_date_t birth;

        complete(&cf, cases[i].letters, *state);
        birth = dossier_cf_birth(&cf, cases[i].typed, today);
        CHECK(dossier_date_compare(birth, cases[i].expected) == 0, "case %zu: %d-%d-%d", i,
              birth.year, birth.month, birth.day);
    }
    assert_null(dossier_cf_parse(&cf, "00743110157", *state));
    assert_int_equal(dossier_cf_birth(&cf, (dossier_date_t){2015, 5, 20}, today).year, 2015);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_people),
        TEST(reads_codes_without_a_person),
        TEST(names_what_is_wrong),
        TEST(takes_one_check_letter_only),
        TEST(compares_names),
        TEST(compares_birth_and_sex),
        TEST(says_nothing_about_codes_without_a_person),
        TEST(the_day_of_birth_to_go_by),
    };

    return cmocka_run_group_tests_name("codice_fiscale", tests, NULL, NULL);
}
