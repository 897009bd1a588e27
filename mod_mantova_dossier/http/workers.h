/* At most DossierPasswordWorkers password hashes at once in the whole host, whatever the number of
 * processes. */
#ifndef DOSSIER_HTTP_WORKERS_H
#define DOSSIER_HTTP_WORKERS_H

#include "http/exchange.h"

/* Waits at most 2 s for a place, leaving the last `spare` ones to others (one is always open to
   all). NULL: busy; answer the problem "busy". The place is given back by release or with the pool,
   and by the system when the process dies. */
typedef struct dossier_worker_t dossier_worker_t;
dossier_worker_t *dossier_worker_acquire(dossier_exchange_t *x, int spare);
void dossier_worker_release(dossier_worker_t *worker);

#endif
