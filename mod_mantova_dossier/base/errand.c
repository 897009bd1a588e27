#include "base/errand.h"

#include <apr_strings.h>

#include <pthread.h>
#include <stdatomic.h>

/* More than a process has threads that ask; reached only when every one hangs. */
#define MOST 64

struct dossier_errand_t {
    apr_pool_t *pool;
    dossier_errand_run_t *run;
    void *of;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int done;
    int left_alone; /* nobody waits: the thread clears up */
    apr_status_t status;
    void *brought;
};

static atomic_int on_their_way;

static apr_status_t clear_up(void *data)
{
    dossier_errand_t *errand = data;

    pthread_cond_destroy(&errand->changed);
    pthread_mutex_destroy(&errand->lock);
    apr_pool_destroy(errand->pool);
    return APR_SUCCESS;
}

static void *go(void *data)
{
    dossier_errand_t *errand = data;
    apr_status_t status = errand->run(&errand->brought, errand->of, errand->pool);
    int left_alone;

    atomic_fetch_sub(&on_their_way, 1);
    pthread_mutex_lock(&errand->lock);
    errand->status = status;
    errand->done = 1;
    left_alone = errand->left_alone;
    pthread_cond_signal(&errand->changed);
    pthread_mutex_unlock(&errand->lock);
    if (left_alone) {
        clear_up(errand);
    }
    return NULL;
}

static dossier_errand_t *make(dossier_errand_run_t *run, void *of)
{
    dossier_errand_t *errand;
    apr_pool_t *pool;

    if (apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    errand = apr_pcalloc(pool, sizeof(*errand));
    errand->pool = pool;
    errand->run = run;
    errand->of = of;
    pthread_mutex_init(&errand->lock, NULL);
    pthread_cond_init(&errand->changed, NULL);
    return errand;
}

dossier_errand_t *dossier_errand_start(dossier_errand_run_t *run, void *of)
{
    dossier_errand_t *errand;
    pthread_t thread;

    if (atomic_fetch_add(&on_their_way, 1) >= MOST || !(errand = make(run, of))) {
        atomic_fetch_sub(&on_their_way, 1);
        return NULL;
    }
    if (pthread_create(&thread, NULL, go, errand) != 0) {
        atomic_fetch_sub(&on_their_way, 1);
        clear_up(errand);
        return NULL;
    }
    pthread_detach(thread);
    return errand;
}

apr_status_t dossier_errand_wait(void **brought, dossier_errand_t *errand, apr_time_t limit,
                                 apr_pool_t *pool)
{
    struct timespec at = {.tv_sec = apr_time_sec(limit), .tv_nsec = apr_time_usec(limit) * 1000};
    int late = 0;

    *brought = NULL;
    if (!errand) {
        return APR_TIMEUP;
    }
    pthread_mutex_lock(&errand->lock);
    while (!errand->done && !late) {
        late = pthread_cond_timedwait(&errand->changed, &errand->lock, &at) != 0;
    }
    errand->left_alone = !errand->done;
    late = errand->left_alone;
    pthread_mutex_unlock(&errand->lock);
    if (late) {
        return APR_TIMEUP;
    }
    *brought = errand->brought;
    apr_pool_cleanup_register(pool, errand, clear_up, apr_pool_cleanup_null);
    return errand->status;
}
