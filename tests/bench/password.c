/* How many passwords are judged in a second, with nothing around it. Arguments: seconds, how many at once. */
#include <apr_general.h>
#include <apr_pools.h>
#include <apr_time.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/secrets.h"

enum { MOST = 64 };

typedef struct {
    pthread_t thread;
    const char *hash;
    apr_time_t end;
    int count; /* -1: it failed */
} worker_t;

static const char PASSWORD[] = "quattro gatti sul tetto";

static void *judge(void *argument)
{
    worker_t *self = argument;
    apr_pool_t *pool;

    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        self->count = -1;
        return NULL;
    }
    do {
        if (dossier_password_verify(self->hash, PASSWORD, pool) != DOSSIER_PASSWORD_RIGHT) {
            self->count = -1;
            return NULL;
        }
        self->count++;
    } while (apr_time_now() < self->end);
    return NULL;
}

int main(int argc, char **argv)
{
    const int seconds = argc == 3 ? atoi(argv[1]) : 0;
    const int wanted = argc == 3 ? atoi(argv[2]) : 0;
    worker_t workers[MOST] = {0};
    apr_pool_t *pool;
    apr_time_t began;
    const char *hash;
    int count = 0;

    if (seconds < 1 || wanted < 1 || wanted > MOST || apr_initialize() != APR_SUCCESS ||
        apr_pool_create(&pool, NULL) != APR_SUCCESS || dossier_secrets_init() != APR_SUCCESS ||
        dossier_password_hash(&hash, PASSWORD, pool) != APR_SUCCESS) {
        return 1;
    }
    began = apr_time_now();
    for (int i = 0; i < wanted; i++) {
        workers[i].hash = hash;
        workers[i].end = began + apr_time_from_sec(seconds);
        if (pthread_create(&workers[i].thread, NULL, judge, &workers[i])) {
            return 1;
        }
    }
    for (int i = 0; i < wanted; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].count < 0) {
            return 1;
        }
        count += workers[i].count;
    }
    printf("%.2f\n", count / ((double)(apr_time_now() - began) / APR_USEC_PER_SEC));
    apr_terminate();
    return 0;
}
