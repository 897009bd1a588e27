#include "store/gate.h"

#include <apr_time.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* Without any connection given or taken for so long, who waits is refused. */
#define PATIENCE apr_time_from_sec(1)
/* However busy the others are. */
#define LONGEST_WAIT apr_time_from_sec(10)

/* Of this process. Nothing of it stands in a pool: a thread of mod_watchdog may outlive them all.
 */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int taken;           /* somebody asks the pool */
    int in_use;          /* connections, and who asks for one */
    apr_time_t began;    /* of who asks */
    apr_time_t progress; /* when a connection was last had, or came back well */
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
static atomic_int closed;

/* Monotonic: a clock that is set must refuse nobody. */
static apr_time_t now(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    return apr_time_make(at.tv_sec, at.tv_nsec / 1000);
}

static apr_time_t later(apr_time_t a, apr_time_t b)
{
    return a > b ? a : b;
}

static void wait_until(apr_time_t limit)
{
    struct timespec at = {.tv_sec = apr_time_sec(limit), .tv_nsec = apr_time_usec(limit) * 1000};

    pthread_cond_clockwait(&gate.changed, &gate.lock, CLOCK_MONOTONIC, &at);
}

/* Until when who came at `entered` waits: shorter, if who is before it has been at it for long. */
static apr_time_t limit_of(apr_time_t entered)
{
    apr_time_t limit = later(gate.progress, gate.began < entered ? gate.began : entered) + PATIENCE;

    return limit < entered + LONGEST_WAIT ? limit : entered + LONGEST_WAIT;
}

int dossier_gate_enter(void)
{
    apr_time_t entered = now();
    int open;

    pthread_mutex_lock(&gate.lock);
    while (gate.taken && !closed && now() < limit_of(entered)) {
        wait_until(limit_of(entered));
    }
    open = !gate.taken && !closed;
    if (open) {
        gate.taken = 1;
        gate.in_use++;
        gate.began = now();
    }
    pthread_mutex_unlock(&gate.lock);
    return open;
}

static void give_back(int well)
{
    gate.in_use--;
    gate.progress = well ? now() : gate.progress;
}

void dossier_gate_leave(int connected)
{
    pthread_mutex_lock(&gate.lock);
    gate.taken = 0;
    if (connected) {
        gate.progress = now();
    } else {
        give_back(0);
    }
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_return(int answered)
{
    pthread_mutex_lock(&gate.lock);
    give_back(answered);
    pthread_cond_broadcast(&gate.changed);
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_close(void)
{
    pthread_mutex_lock(&gate.lock);
    closed = 1;
    pthread_cond_broadcast(&gate.changed);
    while (gate.in_use) {
        pthread_cond_wait(&gate.changed, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

int dossier_gate_is_closed(void)
{
    return closed;
}
