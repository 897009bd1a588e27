#include <stdlib.h>
#include <time.h>

#include "domain/date.h"
#include "fixture.h"

static void parses_real_dates_only(void **state)
{
    static const char *const right[] = {"1850-01-01", "2199-12-31", "2000-02-29", "2024-02-29",
                                        "1980-12-31"};
    static const char *const wrong[] = {"",           "1980-02-30",  "1900-02-29",  "2023-02-29",
                                        "1980-13-01", "1980-00-10",  "1980-04-31",  "1980-01-00",
                                        "1849-12-31", "2200-01-01",  "1980-1-1",    "80-01-01",
                                        "1980/01/01", "1980-01-01 ", " 1980-01-01", "1980-01-011",
                                        "01-01-1980", "1980-01-0x",  "+980-01-01"};
    dossier_date_t date = {1, 2, 3};

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(!dossier_date_parse(&date, wrong[i]), "taken: %s", wrong[i]);
    }
    assert_false(dossier_date_parse(&date, NULL));
    assert_true(date.year == 1 && date.month == 2 && date.day == 3); /* untouched by failures */
    for (size_t i = 0; i < COUNT(right); i++) {
        CHECK(dossier_date_parse(&date, right[i]), "refused: %s", right[i]);
    }
    assert_true(date.year == 1980 && date.month == 12 && date.day == 31);
}

static void compares_and_counts_years(void **state)
{
    static const struct {
        dossier_date_t birth;
        dossier_date_t today;
        int age;
    } cases[] = {
        {{1980, 1, 1}, {2026, 1, 1}, 46},   {{1980, 1, 2}, {2026, 1, 1}, 45},
        {{1980, 12, 31}, {2026, 1, 1}, 45}, {{2026, 1, 1}, {2026, 1, 1}, 0},
        {{2004, 2, 29}, {2022, 2, 28}, 17}, {{2004, 2, 29}, {2022, 3, 1}, 18},
        {{2004, 2, 29}, {2024, 2, 29}, 20},
    };
    dossier_date_t day = {2026, 5, 5};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        CHECK(dossier_date_age(cases[i].birth, cases[i].today) == cases[i].age, "case %zu", i);
    }
    assert_int_equal(dossier_date_compare(day, day), 0);
    assert_true(dossier_date_compare(day, (dossier_date_t){2026, 5, 6}) < 0);
    assert_true(dossier_date_compare(day, (dossier_date_t){2026, 4, 6}) > 0);
    assert_true(dossier_date_compare(day, (dossier_date_t){2027, 1, 1}) < 0);
}

static void reads_instants(void **state)
{
    static const struct {
        const char *text;
        const char *in_utc;
        int microseconds;
    } cases[] = {
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0},
        {"2026-11-24T09:00:00+01:00", "2026-11-24T08:00:00Z", 0},
        {"2026-11-24T09:00+01:00", "2026-11-24T08:00:00Z", 0}, /* as Java writes it */
        {"2026-11-24T09:00Z", "2026-11-24T09:00:00Z", 0},
        {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00Z", 0},
        {"2026-12-31T23:30:00-00:45", "2027-01-01T00:15:00Z", 0},
        {"2026-11-24t09:00:00.5z", "2026-11-24T09:00:00Z", 500000},
        {"2026-11-24T09:00:00.1234567Z", "2026-11-24T09:00:00Z", 123456},
        {"1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59Z", 250000},
        {"1850-01-01T00:00:00Z", "1850-01-01T00:00:00Z", 0},
        {"1850-01-01T00:00:00+01:00", "1849-12-31T23:00:00Z", 0},
        {"2199-12-31T23:59:59Z", "2199-12-31T23:59:59Z", 0},
        {"2000-02-29T12:00:00Z", "2000-02-29T12:00:00Z", 0},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 0},
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        apr_time_t time = 0;
        const char *formatted;

        CHECK(dossier_time_parse(&time, cases[i].text), "refused: %s", cases[i].text);
        formatted = dossier_time_format(time, *state);
        CHECK(same_text(formatted, cases[i].in_utc), "%s: %s", cases[i].text, formatted);
        assert_int_equal(((time % 1000000) + 1000000) % 1000000, cases[i].microseconds);
    }
}

static void refuses_what_is_no_instant(void **state)
{
    static const char *const wrong[] = {"",
                                        "2026-11-24",
                                        "2026-11-24T09:00",
                                        "2026-11-24T09:00:Z",
                                        "2026-11-24T09:00.5Z",
                                        "2026-11-24T09Z",
                                        "2026-11-24T09:00:00",
                                        "2026-11-24 09:00:00Z",
                                        "2026-11-24T24:00:00Z",
                                        "2026-11-24T09:60:00Z",
                                        "2026-11-24T09:00:60Z",
                                        "2026-11-24T09:59:61Z",
                                        "2026-02-30T09:00:00Z",
                                        "2026-11-24T09:00:00.Z",
                                        "2026-11-24T09:00:00+0100",
                                        "2026-11-24T09:00:00+24:00",
                                        "2026-11-24T09:00:00+01:60",
                                        "2026-11-24T09:00:00Z ",
                                        "2026-11-24T9:00:00Z",
                                        "2026-11-24T09:00:00ZZ",
                                        "now"};
    apr_time_t time;

    (void)state;
    for (size_t i = 0; i < COUNT(wrong); i++) {
        CHECK(!dossier_time_parse(&time, wrong[i]), "taken: %s", wrong[i]);
    }
    assert_false(dossier_time_parse(&time, NULL));
}

/* Against the C library, every 11 days and some from 1850 to 2199. */
static void agrees_with_the_c_library(void **state)
{
    for (apr_int64_t second = -3786825600; second < 7258118400; second += 86400 * 11 + 4321) {
        time_t t = (time_t)second;
        struct tm parts;
        char expected[32];
        apr_time_t back;
        const char *formatted = dossier_time_format(second * APR_USEC_PER_SEC, *state);

        assert_non_null(gmtime_r(&t, &parts));
        strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts);
        assert_string_equal(formatted, expected);
        assert_true(dossier_time_parse(&back, formatted));
        assert_true(back == second * APR_USEC_PER_SEC);
    }
}

static void knows_the_day_in_rome(void **state)
{
    static const struct {
        const char *time;
        dossier_date_t day;
    } cases[] = {
        {"2026-01-31T22:59:59Z", {2026, 1, 31}},
        {"2026-01-31T23:00:00Z", {2026, 2, 1}},
        {"2026-07-31T21:59:59Z", {2026, 7, 31}},
        {"2026-07-31T22:00:00Z", {2026, 8, 1}},
        /* summer time from 29 March to 25 October 2026 */
        {"2026-03-28T22:30:00Z", {2026, 3, 28}},
        {"2026-03-29T22:30:00Z", {2026, 3, 30}},
        {"2026-10-24T22:30:00Z", {2026, 10, 25}},
        {"2026-10-25T22:30:00Z", {2026, 10, 25}},
        {"2025-12-31T23:30:00Z", {2026, 1, 1}},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        apr_time_t time;

        assert_true(dossier_time_parse(&time, cases[i].time));
        CHECK(dossier_date_compare(dossier_date_at(time), cases[i].day) == 0, "%s", cases[i].time);
    }
    assert_int_equal(dossier_date_compare(dossier_date_today(), dossier_date_at(apr_time_now())),
                     0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(parses_real_dates_only),
        TEST(compares_and_counts_years),
        TEST(reads_instants),
        TEST(refuses_what_is_no_instant),
        TEST(agrees_with_the_c_library),
        TEST(knows_the_day_in_rome),
    };

    return cmocka_run_group_tests_name("dates", tests, NULL, NULL);
}
