/* Who may ask the pool of connections for one, and how many calls run at once. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "store/gate.h"

enum { MOST = 1024 };

static void come_in(dossier_gate_pass_t *pass)
{
    assert_true(dossier_gate_enter(pass));
    dossier_gate_leave(pass, 1);
}

/* As many as are wanted wait for nobody; one more waits until the first of them is a slow one. */
static void quick_calls_are_few_at_once(void **state)
{
    dossier_gate_pass_t passes[MOST];
    int few = dossier_gate_quick();
    (void)state;
    assert_in_range(few, 2, MOST - 3);
    for (int i = 0; i < few + 2; i++) {
        come_in(&passes[i]);
        if (i >= few) {
            assert_true(passes[i].began >= passes[i - few].began + DOSSIER_GATE_QUICK);
        }
    }
    for (int i = 0; i < few + 2; i++) {
        dossier_gate_return(&passes[i], 1);
    }
}

/* How many of a hundred that come in, and stay, had not to wait for one before them. */
static int unhindered_from(const char *host, const char *address)
{
    enum { CALLS = 100 };
    dossier_gate_pass_t passes[MOST + CALLS];
    int few = dossier_gate_quick();
    int unhindered = 0;

    dossier_gate_locate(host, address);
    for (int i = 0; i < few + CALLS; i++) {
        come_in(&passes[i]);
        unhindered += i >= few && passes[i].began < passes[i - few].began + DOSSIER_GATE_QUICK;
    }
    for (int i = 0; i < few + CALLS; i++) {
        dossier_gate_return(&passes[i], 1);
    }
    return unhindered;
}

/* Another machine has processors of its own, and the way to it may take longer than a quick call. */
static void calls_to_another_machine_are_not_few(void **state)
{
    (void)state;
    assert_true(unhindered_from("db.example.org", "192.0.2.7") > 0);
    assert_true(unhindered_from("db.example.org", "2001:db8::1") > 0);
    assert_true(unhindered_from("1270", "12.7.0.1") > 0);
    assert_int_equal(unhindered_from("/run/postgresql", ""), 0);
    assert_int_equal(unhindered_from("@postgresql", NULL), 0);
    assert_int_equal(unhindered_from("db", "127.0.0.1"), 0);
    assert_int_equal(unhindered_from("localhost", "::1"), 0);
}

static void *one_more(void *pass)
{
    come_in(pass);
    dossier_gate_return(pass, 1);
    return NULL;
}

/* Ends in any order; what has ended keeps nobody out. */
static void ended_calls_count_no_more(void **state)
{
    dossier_gate_pass_t passes[MOST];
    int few = dossier_gate_quick();
    (void)state;
    for (int round = 0; round < 200; round++) {
        int last = round % few;
        dossier_gate_pass_t another;
        pthread_t thread;

        for (int i = 0; i < few; i++) {
            come_in(&passes[i]);
        }
        assert_int_equal(pthread_create(&thread, NULL, one_more, &another), 0);
        for (int i = 0; i < few; i++) {
            if (i != last) {
                dossier_gate_return(&passes[i], 1);
            }
        }
        assert_int_equal(pthread_join(thread, NULL), 0);
        dossier_gate_return(&passes[last], 1);
    }
}

static void who_got_none_counts_no_more(void **state)
{
    dossier_gate_pass_t passes[MOST];
    int few = dossier_gate_quick();
    (void)state;
    for (int i = 0; i < few - 1; i++) {
        come_in(&passes[i]);
    }
    for (int i = 0; i < 1000; i++) { /* two seconds and more, if each waited */
        assert_true(dossier_gate_enter(&passes[few]));
        dossier_gate_leave(&passes[few], 0);
    }
    assert_true(passes[few].began < passes[0].began + 1000 * DOSSIER_GATE_QUICK);
    for (int i = 0; i < few - 1; i++) {
        dossier_gate_return(&passes[i], 1);
    }
}

/* Who comes, in the order in which they did. */
typedef struct {
    dossier_gate_pass_t pass;
    pthread_t thread;
    atomic_int id;    /* the thread's, of the kernel */
    atomic_int *came; /* how many have */
    int place;
} comer_t;

static void *come(void *context)
{
    comer_t *comer = context;

    comer->id = gettid();
    assert_true(dossier_gate_enter(&comer->pass));
    comer->place = (*comer->came)++;
    dossier_gate_leave(&comer->pass, 1);
    dossier_gate_return(&comer->pass, 1);
    return NULL;
}

static void wait_until_asleep(const comer_t *comer)
{
    char line[256];
    char state = 0;

    while (state != 'S') {
        char path[64];
        FILE *file;

        snprintf(path, sizeof(path), "/proc/self/task/%d/stat", comer->id);
        file = comer->id ? fopen(path, "r") : NULL;
        state = file && fgets(line, sizeof(line), file) && strrchr(line, ')')
                    ? strrchr(line, ')')[2]
                    : 0;
        if (file) {
            fclose(file);
        }
        sched_yield();
    }
}

static void who_came_first_is_first(void **state)
{
    enum { COMERS = 6 };
    atomic_int came = 0;
    comer_t comers[COMERS];
    dossier_gate_pass_t pass;
    (void)state;
    assert_true(dossier_gate_enter(&pass));
    for (int i = 0; i < COMERS; i++) {
        comers[i] = (comer_t){.came = &came};
        assert_int_equal(pthread_create(&comers[i].thread, NULL, come, &comers[i]), 0);
        wait_until_asleep(&comers[i]);
    }
    assert_int_equal(came, 0);
    dossier_gate_leave(&pass, 1);
    for (int i = 0; i < COMERS; i++) {
        assert_int_equal(pthread_join(comers[i].thread, NULL), 0);
        assert_int_equal(comers[i].place, i);
    }
    dossier_gate_return(&pass, 1);
}

static atomic_int the_last_is_out;

static void *the_last(void *pass)
{
    while (!dossier_gate_is_closed()) {
        sched_yield();
    }
    usleep(20 * 1000); /* time enough for who does not wait */
    the_last_is_out = 1;
    dossier_gate_return(pass, 1);
    return NULL;
}

/* The last test: it cannot be opened again. */
static void closing_waits_for_who_is_in(void **state)
{
    dossier_gate_pass_t pass;
    dossier_gate_pass_t late;
    pthread_t thread;
    (void)state;
    come_in(&pass);
    assert_int_equal(pthread_create(&thread, NULL, the_last, &pass), 0);
    dossier_gate_close();
    assert_true(the_last_is_out);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(dossier_gate_is_closed());
    assert_false(dossier_gate_enter(&late));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quick_calls_are_few_at_once),
        cmocka_unit_test(calls_to_another_machine_are_not_few),
        cmocka_unit_test(ended_calls_count_no_more),
        cmocka_unit_test(who_got_none_counts_no_more),
        cmocka_unit_test(who_came_first_is_first),
        cmocka_unit_test(closing_waits_for_who_is_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
