/* What the processes of a server count together. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/meters.h"
#include "fixture.h"

static uint64_t timed(dossier_timer_t timer, int bucket)
{
    dossier_timing_t timing;
    dossier_timer_get(&timing, timer);
    return timing.count[bucket];
}

/* Before anything is shared, so that a program without httpd needs no start. */
static void counts_for_itself_at_first(void **state)
{
    (void)state;
    dossier_meter_add(DOSSIER_METER_SMS_SENT, 2);
    assert_int_equal(dossier_meter_get(DOSSIER_METER_SMS_SENT), 2);
    assert_int_equal(dossier_meters_since(), 0);
}

static void of_a_change_the_value_before_is_told(void **state)
{
    (void)state;
    dossier_meter_set(DOSSIER_METER_VAULT_WORD, 2);
    assert_int_equal(dossier_meter_exchange(DOSSIER_METER_VAULT_WORD, 5), 2);
    assert_int_equal(dossier_meter_exchange(DOSSIER_METER_VAULT_WORD, 5), 5);
}

static void times_fall_into_the_bucket_that_ends_with_them(void **state)
{
    const dossier_timer_t timer = DOSSIER_TIMER_DB_CALL;
    const int last = DOSSIER_TIMER_BUCKETS - 1;
    dossier_timing_t timing;
    int64_t total = 0;

    (void)state;
    for (int i = 0; i < last; i++) {
        dossier_timer_add(timer, dossier_timer_bounds[i]);
        dossier_timer_add(timer, dossier_timer_bounds[i] + 1);
        total += 2 * dossier_timer_bounds[i] + 1;
        assert_int_equal(timed(timer, i), i ? 2 : 1); /* one is too long for the bound before */
        assert_int_equal(timed(timer, i + 1), 1);
    }
    dossier_timer_add(timer, -5); /* a clock that was set back */
    assert_int_equal(timed(timer, 0), 2);
    dossier_timer_add(timer, apr_time_from_sec(86400));
    assert_int_equal(timed(timer, last), 2);
    dossier_timer_get(&timing, timer);
    assert_int_equal(timing.total, total + apr_time_from_sec(86400));
}

static void answers_are_counted_by_route_and_class(void **state)
{
    (void)state;
    dossier_meters_answer(3, 204, 10);
    dossier_meters_answer(3, 404, 10);
    dossier_meters_answer(3, 499, 10);
    dossier_meters_answer(3, 999, 10);
    assert_int_equal(dossier_meters_answers(3, 2), 1);
    assert_int_equal(dossier_meters_answers(3, 4), 2);
    assert_int_equal(dossier_meters_answers(3, 0), 1);
    assert_int_equal(timed(3, 0), 4);
    dossier_meters_answer(DOSSIER_TIMER_ROUTES + 40, 200, 10); /* more routes than there is room */
    assert_int_equal(dossier_meters_answers(DOSSIER_TIMER_NO_ROUTE, 2), 1);
}

static void of_a_line_one_a_minute_is_written_and_the_others_are_counted(void **state)
{
    const apr_time_t minute = apr_time_from_sec(60);
    const apr_time_t now = apr_time_now();
    uint64_t left_out = 7;

    (void)state;
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_BUSY, now), 1);
    assert_int_equal(left_out, 0);
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_BUSY, now), 0);
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_FOREIGN_ORIGIN, now), 1);
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_BUSY, now + minute - 1), 0);
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_BUSY, now + minute), 1);
    assert_int_equal(left_out, 2);
    /* a clock that was set back silences nothing */
    assert_int_equal(dossier_meters_line(&left_out, DOSSIER_LINE_BUSY, now - minute), 1);
    assert_int_equal(left_out, 0);
}

/* Afterwards the counts are shared, so it is the last of the tests. */
static void processes_count_together_and_a_restart_forgets_nothing(void **state)
{
    apr_pool_t *pool = *state;
    int status;

    assert_int_equal(dossier_meters_share(pool), APR_SUCCESS);
    assert_int_equal(dossier_meter_get(DOSSIER_METER_SMS_SENT), 0);
    assert_true(dossier_meters_since() > 0);
    for (int i = 0; i < 4; i++) {
        if (fork() == 0) {
            for (int n = 0; n < 10000; n++) {
                dossier_meter_add(DOSSIER_METER_SMS_SENT, 1);
            }
            _exit(0);
        }
    }
    while (wait(&status) > 0) {
        assert_int_equal(status, 0);
    }
    assert_int_equal(dossier_meter_get(DOSSIER_METER_SMS_SENT), 40000);
    assert_int_equal(dossier_meters_share(pool), APR_SUCCESS);
    assert_int_equal(dossier_meter_get(DOSSIER_METER_SMS_SENT), 40000);
}

static void knows_the_processes_that_have_not_ended(void **state)
{
    (void)state;
    assert_int_equal(dossier_meters_process_end(4711), 0);
    dossier_meters_process_begin(4711);
    dossier_meters_process_begin(4712);
    assert_int_equal(dossier_meters_process_end(4711), 1);
    assert_int_equal(dossier_meters_process_end(4711), 0);
    for (pid_t process = 10000; process < 12000; process++) { /* more than there is room for */
        dossier_meters_process_begin(process);
    }
    assert_int_equal(dossier_meters_process_end(4712), 1);
    assert_int_equal(dossier_meters_process_end(10000), 1);
    assert_int_equal(dossier_meters_process_end(11999), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_processes_that_have_not_ended),
        TEST(counts_for_itself_at_first),
        TEST(of_a_change_the_value_before_is_told),
        TEST(times_fall_into_the_bucket_that_ends_with_them),
        TEST(answers_are_counted_by_route_and_class),
        TEST(of_a_line_one_a_minute_is_written_and_the_others_are_counted),
        TEST(processes_count_together_and_a_restart_forgets_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
