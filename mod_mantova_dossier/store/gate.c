#include "store/gate.h"

#include <apr_time.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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
    int in_use;                  /* connections, and who asks for one */
    dossier_gate_pass_t *latest; /* of those in use, from the one that was had last */
    int waits_for_end;           /* who has the turn: until a call has ended */
    pthread_cond_t ended;
    apr_time_t began;    /* of who asks */
    apr_time_t progress; /* when a connection was last had, or came back well */
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER,
          .empty = PTHREAD_COND_INITIALIZER,
          .ended = PTHREAD_COND_INITIALIZER,
          .end = &gate.first};
static atomic_int closed;
static atomic_int elsewhere; /* the database */

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

static void wait_until(pthread_cond_t *condition, apr_time_t limit)
{
    struct timespec at = {.tv_sec = apr_time_sec(limit), .tv_nsec = apr_time_usec(limit) * 1000};

    pthread_cond_clockwait(condition, &gate.lock, CLOCK_MONOTONIC, &at);
}

/* 1: the turn has come. */
static int wait_for_turn(apr_time_t entered)
{
    waiter_t waiter = {.called = PTHREAD_COND_INITIALIZER};
    apr_time_t limit;

    line_up(&waiter);
    while (!waiter.turn && !closed && now() < (limit = limit_of(entered))) {
        wait_until(&waiter.called, limit);
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

int dossier_gate_quick(void)
{
    static atomic_int processors;

    if (!processors) {
        processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    }
    return processors < 2 ? 2 : processors;
}

void dossier_gate_locate(const char *host, const char *address)
{
    int here = (host && (*host == '/' || *host == '@')) ||
               (address && (!strncmp(address, "127.", 4) || !strcmp(address, "::1")));

    elsewhere = !here;
}

/* The call that has to end, or to take long, before another one begins; NULL: none. */
static const dossier_gate_pass_t *before_next(void)
{
    const dossier_gate_pass_t *pass = elsewhere ? NULL : gate.latest;

    for (int count = dossier_gate_quick(); pass && count > 1; count--) {
        pass = pass->earlier;
    }
    return pass;
}

static void wait_for_end(void)
{
    const dossier_gate_pass_t *pass;

    gate.waits_for_end = 1;
    while (!closed && (pass = before_next()) && now() < pass->began + DOSSIER_GATE_QUICK) {
        wait_until(&gate.ended, pass->began + DOSSIER_GATE_QUICK);
    }
    gate.waits_for_end = 0;
}

static void add(dossier_gate_pass_t *pass)
{
    *pass = (dossier_gate_pass_t){.began = gate.began, .earlier = gate.latest};
    if (gate.latest) {
        gate.latest->later = pass;
    }
    gate.latest = pass;
    gate.in_use++;
}

int dossier_gate_enter(dossier_gate_pass_t *pass)
{
    apr_time_t entered = now();
    int open;

    pthread_mutex_lock(&gate.lock);
    open = !gate.taken || wait_for_turn(entered);
    if (open) {
        gate.taken = 1;
        wait_for_end();
    }
    open = open && !closed; /* whoever closes it may have gone on already */
    if (open) {
        gate.began = now();
        add(pass);
    }
    pthread_mutex_unlock(&gate.lock);
    return open;
}

static void give_back(dossier_gate_pass_t *pass, int well)
{
    *(pass->later ? &pass->later->earlier : &gate.latest) = pass->earlier;
    if (pass->earlier) {
        pass->earlier->later = pass->later;
    }
    gate.in_use--;
    gate.progress = well ? now() : gate.progress;
    if (gate.waits_for_end) {
        pthread_cond_signal(&gate.ended);
    }
    if (!gate.in_use) {
        pthread_cond_signal(&gate.empty);
    }
}

void dossier_gate_leave(dossier_gate_pass_t *pass, int connected)
{
    pthread_mutex_lock(&gate.lock);
    if (connected) {
        gate.progress = now();
    } else {
        give_back(pass, 0);
    }
    call_next();
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_return(dossier_gate_pass_t *pass, int answered)
{
    pthread_mutex_lock(&gate.lock);
    give_back(pass, answered);
    pthread_mutex_unlock(&gate.lock);
}

void dossier_gate_close(void)
{
    pthread_mutex_lock(&gate.lock);
    closed = 1;
    for (waiter_t *waiter = gate.first; waiter; waiter = waiter->next) {
        pthread_cond_signal(&waiter->called);
    }
    pthread_cond_signal(&gate.ended);
    while (gate.in_use) {
        pthread_cond_wait(&gate.empty, &gate.lock);
    }
    pthread_mutex_unlock(&gate.lock);
}

int dossier_gate_is_closed(void)
{
    return closed;
}
