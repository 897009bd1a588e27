#include "store/gate.h"

#include <apr_time.h>

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

/* Without any connection given or taken for so long, who waits is refused. */
#define PATIENCE apr_time_from_sec(1)
/* However busy the others are. */
#define LONGEST_WAIT apr_time_from_sec(10)

/* Who waits, on its own stack. */
typedef struct waiter_t {
    pthread_cond_t called;
    int turn; /* it may ask the pool, and is in the line no more */
    struct waiter_t *next;
} waiter_t;

/* Of this process. Nothing of it stands in a pool: a thread of mod_watchdog may outlive them all.
   One is called at a time, who came first: were all woken, they would take turns by chance, and
   the unlucky would wait many times as long as most. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t empty; /* in_use is 0 */
    int taken;            /* somebody asks the pool */
    waiter_t *first;
    waiter_t **end;
    int in_use;          /* connections, and who asks for one */
    apr_time_t began;    /* of who asks */
    apr_time_t progress; /* when a connection was last had, or came back well */
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .empty = PTHREAD_COND_INITIALIZER, .end = &gate.first};
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

/* Until when who came at `entered` waits: shorter, if who is before it has been at it for long. */
static apr_time_t limit_of(apr_time_t entered)
{
    apr_time_t limit = later(gate.progress, gate.began < entered ? gate.began : entered) + PATIENCE;

    return limit < entered + LONGEST_WAIT ? limit : entered + LONGEST_WAIT;
}

static void line_up(waiter_t *waiter)
{
    *gate.end = waiter;
    gate.end = &waiter->next;
}

static void step_out(const waiter_t *waiter)
{
    waiter_t **link = &gate.first;

    while (*link != waiter) {
        link = &(*link)->next;
    }
    *link = waiter->next;
    gate.end = *link ? gate.end : link;
}

/* 1: the turn has come. */
static int wait_for_turn(apr_time_t entered)
{
    waiter_t waiter = {.called = PTHREAD_COND_INITIALIZER};
    apr_time_t limit;

    line_up(&waiter);
    while (!waiter.turn && !closed && now() < (limit = limit_of(entered))) {
        struct timespec at = {.tv_sec = apr_time_sec(limit),
                              .tv_nsec = apr_time_usec(limit) * 1000};

        pthread_cond_clockwait(&waiter.called, &gate.lock, CLOCK_MONOTONIC, &at);
    }
    if (!waiter.turn) {
        step_out(&waiter);
    }
    pthread_cond_destroy(&waiter.called);
    return waiter.turn;
}

/* The turn goes over to who is called, so that nobody who comes meanwhile is before it. */
static void call_next(void)
{
    waiter_t *next = gate.first;

    gate.taken = next != NULL;
    if (next) {
        step_out(next);
        next->turn = 1;
        pthread_cond_signal(&next->called);
    }
}

int dossier_gate_enter(void)
{
    apr_time_t entered = now();
    int open;

    pthread_mutex_lock(&gate.lock);
    open = (!gate.taken || wait_for_turn(entered)) && !closed;
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
    if (!gate.in_use) {
        pthread_cond_signal(&gate.empty);
    }
}

void dossier_gate_leave(int connected)
{
    pthread_mutex_lock(&gate.lock);
    if (connected) {
        gate.progress = now();
    } else {
        give_back(0);
    }
    call_next();
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_return(int answered)
{
    pthread_mutex_lock(&gate.lock);
    give_back(answered);
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_close(void)
{
    pthread_mutex_lock(&gate.lock);
    closed = 1;
    for (waiter_t *waiter = gate.first; waiter; waiter = waiter->next) {
        pthread_cond_signal(&waiter->called);
    }
    while (gate.in_use) {
        pthread_cond_wait(&gate.empty, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

int dossier_gate_is_closed(void)
{
    return closed;
}
