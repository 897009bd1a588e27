/* Something that may hang (a database, a network file system) is asked in a thread of its own, so
   that who wants to know how it does has an answer in time. */
#ifndef DOSSIER_BASE_ERRAND_H
#define DOSSIER_BASE_ERRAND_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct dossier_errand_t dossier_errand_t;

/* `pool` lives until the errand ends, and as long as what it brought is used; `of` must outlive
   both. */
typedef apr_status_t dossier_errand_run_t(void **brought, void *of, apr_pool_t *pool);

/* NULL: too many hang already. */
dossier_errand_t *dossier_errand_start(dossier_errand_run_t *run, void *of);

/* What it answered; APR_TIMEUP: nothing before `limit`, or `errand` is NULL, and *brought is NULL.
   Once for each errand. What it brought lives as long as `pool`. */
apr_status_t dossier_errand_wait(void **brought, dossier_errand_t *errand, apr_time_t limit,
                                 apr_pool_t *pool);

#endif
