/* A crew: so many threads, each of which does the same again and again until the time is up, and how many times in a
   second all of them did it. The clock starts when everybody is ready: connecting is not counted. */
#ifndef BENCH_CREW_H
#define BENCH_CREW_H

#include <pthread.h>
#include <stdio.h>
#include <time.h>

enum { CREW_MOST = 64 };

/* What each does, with what ready() leaves for it in `own`. All answer 0, or something else: it failed, and has said why. */
typedef struct {
    int (*ready)(void **own, int number);
    int (*work)(void *own, int number, long count);
    void (*leave)(void *own); /* also when ready() failed */
} crew_task_t;

typedef struct {
    const crew_task_t *task;
    double seconds;
    pthread_barrier_t start;
} crew_t;

typedef struct {
    crew_t *crew;
    pthread_t thread;
    int number;
    int failed;
    long count;
} crew_member_t;

static double crew_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void *crew_work(void *argument)
{
    crew_member_t *self = argument;
    const crew_task_t *task = self->crew->task;
    void *own = NULL;
    double end;

    self->failed = task->ready(&own, self->number);
    pthread_barrier_wait(&self->crew->start);
    end = crew_clock() + self->crew->seconds;
    while (!self->failed && crew_clock() < end) {
        self->failed = task->work(own, self->number, self->count);
        self->count++;
    }
    task->leave(own);
    return NULL;
}

/* Prints how many times in a second; the status of the process. */
static int crew_run(const crew_task_t *task, int seconds, int size)
{
    crew_t crew = {.task = task, .seconds = seconds};
    crew_member_t members[CREW_MOST] = {0};
    double began;
    int failed = 0;
    long count = 0;

    if (seconds < 1 || size < 1 || size > CREW_MOST ||
        pthread_barrier_init(&crew.start, NULL, (unsigned)size + 1)) {
        fprintf(stderr, "1 second or more, 1 to %d at once\n", CREW_MOST);
        return 2;
    }
    for (int i = 0; i < size; i++) {
        members[i].crew = &crew;
        members[i].number = i;
        if (pthread_create(&members[i].thread, NULL, crew_work, &members[i])) {
            perror("pthread_create");
            return 1; /* and the process ends with those who wait */
        }
    }
    pthread_barrier_wait(&crew.start);
    began = crew_clock();
    for (int i = 0; i < size; i++) {
        pthread_join(members[i].thread, NULL);
        failed |= members[i].failed;
        count += members[i].count;
    }
    if (!failed) {
        printf("%.2f\n", (double)count / (crew_clock() - began));
    }
    return failed ? 1 : 0;
}

#endif
