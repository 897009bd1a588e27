/* How fast a gateway is given messages, and when it is left alone. */
#include "base/pace.h"
#include "fixture.h"

static const apr_time_t START = APR_TIME_C(1795512600) * APR_USEC_PER_SEC;

static apr_time_t at(double seconds)
{
    return START + (apr_time_t)(seconds * APR_USEC_PER_SEC);
}

static void places_are_the_limit(void **state)
{
    dossier_pace_t pace;
    (void)state;
    dossier_pace_init(&pace, 8, 0);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0)), 8);
    assert_int_equal(dossier_pace_room(&pace, 5, at(0)), 3);
    assert_int_equal(dossier_pace_room(&pace, 8, at(0)), 0);
    assert_int_equal(dossier_pace_room(&pace, 9, at(0)), 0);
}

static void rate_is_the_limit(void **state)
{
    dossier_pace_t pace;
    (void)state;
    dossier_pace_init(&pace, 64, 10);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0)), 10);
    dossier_pace_spend(&pace, 10);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0)), 0);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0.35)), 3);
    dossier_pace_spend(&pace, 3);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0.4)), 1);
    assert_int_equal(dossier_pace_room(&pace, 0, at(3600)), 10); /* saved up for a second only */
    assert_int_equal(dossier_pace_room(&pace, 60, at(3600)), 4);
}

/* A clock that is set back makes no debt and gives nothing away. */
static void clock_may_be_set_back(void **state)
{
    dossier_pace_t pace;
    (void)state;
    dossier_pace_init(&pace, 8, 2);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0)), 2);
    dossier_pace_spend(&pace, 2);
    assert_int_equal(dossier_pace_room(&pace, 0, at(-3600)), 0);
    assert_int_equal(dossier_pace_room(&pace, 0, at(-3599)), 2);
}

static void trouble(dossier_pace_t *pace, int times, apr_time_t now)
{
    for (int i = 0; i < times; i++) {
        dossier_pace_note(pace, 1, 0.5, now);
    }
}

static void fifth_failure_in_a_row_makes_a_pause(void **state)
{
    dossier_pace_t pace;
    (void)state;
    dossier_pace_init(&pace, 8, 0);
    trouble(&pace, 4, at(0));
    dossier_pace_note(&pace, 0, 0.5, at(0));
    trouble(&pace, 4, at(0));
    assert_int_equal(dossier_pace_state(&pace, at(0)), DOSSIER_PACE_OPEN_ROAD);
    trouble(&pace, 1, at(0));
    assert_int_equal(dossier_pace_state(&pace, at(0)), DOSSIER_PACE_PAUSED);
    assert_int_equal(dossier_pace_room(&pace, 0, at(0.9)), 0);
    assert_int_equal(dossier_pace_state(&pace, at(1)), DOSSIER_PACE_PROBING);
    assert_int_equal(dossier_pace_room(&pace, 0, at(1)), 1);
    assert_int_equal(dossier_pace_room(&pace, 1, at(1)), 0); /* one tries, and no more */
}

static void pauses_grow_to_fifteen_seconds(void **state)
{
    static const int lengths[] = {1, 2, 4, 8, 15, 15, 15};
    dossier_pace_t pace;
    apr_time_t now = at(0);
    (void)state;
    dossier_pace_init(&pace, 8, 0);
    trouble(&pace, 4, now);
    for (size_t i = 0; i < COUNT(lengths); i++) {
        trouble(&pace, 1, now);
        trouble(&pace, 3, now); /* were on their way when the pause began */
        now += apr_time_from_sec(lengths[i]);
        assert_int_equal(dossier_pace_room(&pace, 0, now - 1), 0);
        assert_int_equal(dossier_pace_room(&pace, 0, now), 1);
    }
    dossier_pace_note(&pace, 0, 0.5, now);
    assert_int_equal(dossier_pace_room(&pace, 0, now), 8);
    trouble(&pace, 5, now);
    assert_int_equal(dossier_pace_room(&pace, 0, now + apr_time_from_sec(1)), 1); /* from 1 again */
}

static void chance_moves_a_pause_by_a_quarter(void **state)
{
    dossier_pace_t pace;
    (void)state;
    dossier_pace_init(&pace, 8, 0);
    trouble(&pace, 4, at(0));
    dossier_pace_note(&pace, 1, 0, at(0));
    assert_int_equal(dossier_pace_state(&pace, at(0.75)), DOSSIER_PACE_PROBING);
    dossier_pace_init(&pace, 8, 0);
    trouble(&pace, 4, at(0));
    dossier_pace_note(&pace, 1, 1, at(0));
    assert_int_equal(dossier_pace_state(&pace, at(1.24)), DOSSIER_PACE_PAUSED);
    assert_int_equal(dossier_pace_state(&pace, at(1.25)), DOSSIER_PACE_PROBING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(places_are_the_limit),           TEST(rate_is_the_limit),
        TEST(clock_may_be_set_back),          TEST(fifth_failure_in_a_row_makes_a_pause),
        TEST(pauses_grow_to_fifteen_seconds), TEST(chance_moves_a_pause_by_a_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
