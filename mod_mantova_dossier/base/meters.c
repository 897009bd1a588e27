#include "base/meters.h"

#include <apr_shm.h>

#include <stdatomic.h>
#include <string.h>

/* To be changed with the structure below: a graceful restart may load another version. */
#define USERDATA "dossier_meters_4"

/* Processes share them: an atomic that hides a lock would lock in one of them only. */
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit numbers are counted without a lock");

enum { PROCESSES = 1024 };

#define LINE_INTERVAL apr_time_from_sec(60)

typedef struct {
    _Atomic uint64_t count[DOSSIER_TIMER_BUCKETS];
    _Atomic uint64_t total;
} histogram_t;

typedef struct {
    _Atomic int64_t written; /* apr_time_t of the last; 0: none */
    _Atomic uint64_t left_out;
} line_t;

typedef struct {
    _Atomic int64_t since;
    _Atomic int64_t meters[DOSSIER_METERS];
    histogram_t timers[DOSSIER_TIMERS];
    _Atomic uint64_t answers[DOSSIER_TIMER_ROUTES + 1][DOSSIER_STATUS_CLASSES];
    line_t lines[DOSSIER_LINES];
    _Atomic int64_t processes[PROCESSES]; /* ids; 0: free */
} meters_t;

const int64_t dossier_timer_bounds[DOSSIER_TIMER_BUCKETS] = {5000,    25000,   100000,   250000,
                                                             1000000, 2500000, 10000000, INT64_MAX};

static meters_t own;
static meters_t *meters = &own;

static const dossier_channel_meters_t sms_meters = {
    DOSSIER_METER_SMS_SENT, DOSSIER_METER_SMS_RETRIED, DOSSIER_METER_SMS_REFUSED,
    DOSSIER_METER_SMS_PAUSED_UNTIL};
static const dossier_channel_meters_t mail_meters = {
    DOSSIER_METER_MAIL_SENT, DOSSIER_METER_MAIL_RETRIED, DOSSIER_METER_MAIL_REFUSED,
    DOSSIER_METER_MAIL_PAUSED_UNTIL};

static void count(_Atomic uint64_t *number, uint64_t by)
{
    atomic_fetch_add_explicit(number, by, memory_order_relaxed);
}

apr_status_t dossier_meters_share(apr_pool_t *survivor)
{
    void *known = NULL;
    apr_shm_t *memory;
    apr_status_t status;

    apr_pool_userdata_get(&known, USERDATA, survivor);
    if (known) {
        meters = known;
        return APR_SUCCESS;
    }
    status = apr_shm_create(&memory, sizeof(meters_t), NULL, survivor);
    if (status != APR_SUCCESS) {
        return status;
    }
    meters = apr_shm_baseaddr_get(memory); /* zeros: fresh pages of the system */
    atomic_store(&meters->since, apr_time_now());
    return apr_pool_userdata_setn(meters, USERDATA, NULL, survivor);
}

const dossier_channel_meters_t *dossier_channel_meters(const char *channel)
{
    return !strcmp(channel, "sms") ? &sms_meters : &mail_meters;
}

void dossier_meter_add(dossier_meter_t meter, uint64_t by)
{
    atomic_fetch_add_explicit(&meters->meters[meter], (int64_t)by, memory_order_relaxed);
}

void dossier_meter_set(dossier_meter_t meter, int64_t value)
{
    atomic_store_explicit(&meters->meters[meter], value, memory_order_relaxed);
}

int64_t dossier_meter_exchange(dossier_meter_t meter, int64_t value)
{
    return atomic_exchange_explicit(&meters->meters[meter], value, memory_order_relaxed);
}

int64_t dossier_meter_get(dossier_meter_t meter)
{
    return atomic_load_explicit(&meters->meters[meter], memory_order_relaxed);
}

void dossier_timer_add(dossier_timer_t timer, apr_interval_time_t took)
{
    int bucket = 0;

    took = took > 0 ? took : 0; /* a clock may be set back */
    while (took > dossier_timer_bounds[bucket]) {
        bucket++;
    }
    count(&meters->timers[timer].count[bucket], 1);
    count(&meters->timers[timer].total, (uint64_t)took);
}

void dossier_timer_get(dossier_timing_t *timing, dossier_timer_t timer)
{
    for (int i = 0; i < DOSSIER_TIMER_BUCKETS; i++) {
        timing->count[i] =
            atomic_load_explicit(&meters->timers[timer].count[i], memory_order_relaxed);
    }
    timing->total = atomic_load_explicit(&meters->timers[timer].total, memory_order_relaxed);
}

void dossier_meters_answer(unsigned route, int status, apr_interval_time_t took)
{
    int class = status / 100;

    route = route < DOSSIER_TIMER_ROUTES ? route : DOSSIER_TIMER_NO_ROUTE;
    class = class > 0 && class < DOSSIER_STATUS_CLASSES ? class : 0;
    count(&meters->answers[route][class], 1);
    dossier_timer_add(route, took);
}

uint64_t dossier_meters_answers(unsigned route, int status_class)
{
    return atomic_load_explicit(&meters->answers[route][status_class], memory_order_relaxed);
}

uint64_t dossier_meters_answers_all(unsigned route)
{
    uint64_t sum = 0;

    for (int class = 0; class < DOSSIER_STATUS_CLASSES; class ++) {
        sum += dossier_meters_answers(route, class);
    }
    return sum;
}

int dossier_meters_line(uint64_t *left_out, dossier_line_t line, apr_time_t now)
{
    line_t *its = &meters->lines[line];
    int64_t written = atomic_load(&its->written);

    /* one of the future: the clock was set back */
    if ((written && written <= now && now - written < LINE_INTERVAL) ||
        !atomic_compare_exchange_strong(&its->written, &written, now)) {
        count(&its->left_out, 1);
        return 0;
    }
    *left_out = atomic_exchange(&its->left_out, 0);
    return 1;
}

/* Puts `to` into the first place that holds `from`; 0: there is none. */
static int exchange_process(pid_t from, pid_t to)
{
    for (int i = 0; i < PROCESSES; i++) {
        int64_t expected = from;

        if (atomic_compare_exchange_strong(&meters->processes[i], &expected, to)) {
            return 1;
        }
    }
    return 0;
}

void dossier_meters_process_begin(pid_t process)
{
    exchange_process(0, process);
}

int dossier_meters_process_end(pid_t process)
{
    return exchange_process(process, 0);
}

apr_time_t dossier_meters_since(void)
{
    return atomic_load_explicit(&meters->since, memory_order_relaxed);
}
