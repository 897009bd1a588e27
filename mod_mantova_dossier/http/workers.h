/* At most DossierPasswordWorkers password hashes at once in the whole host, whatever the number of
 * processes; and few threads that wait for them, whatever the number of those who ask. */
#ifndef DOSSIER_HTTP_WORKERS_H
#define DOSSIER_HTTP_WORKERS_H

#include "http/exchange.h"

/* Who waits; each kind by itself, so that none fills the room of the others. */
typedef enum {
    DOSSIER_WORKER_STRANGER, /* a password to be stored, for anyone */
    DOSSIER_WORKER_LOGIN,    /* from a device the account does not know */
    DOSSIER_WORKER_KNOWN,    /* from one it knows, within a session, with a slip or a right code */
    DOSSIER_WORKER_CALLERS
} dossier_worker_caller_t;

/* Waits at most 2 s for a place, if there is room to wait. Strangers and unknown devices leave the
   last place to those who are known, and are at most four at a time from one address. who: the id
   of who is known, of whom two wait or are served at a time; NULL for the others. NULL: busy;
   answer the problem "busy". The place is given back by release or with the pool, and by the system
   when the process dies. */
typedef struct dossier_worker_t dossier_worker_t;
dossier_worker_t *dossier_worker_acquire(dossier_exchange_t *x, dossier_worker_caller_t caller,
                                         const char *who);
void dossier_worker_release(dossier_worker_t *worker);

/* A thread that waits for the body of somebody not known: a quarter of the host's threads does so
   for one address. NULL: more would; answer the problem "busy". */
dossier_worker_t *dossier_worker_await_body(dossier_exchange_t *x);

/* How many places are taken just now, and how many wait for one. APR_SUCCESS or why that is not to
   be known. */
apr_status_t dossier_worker_count(int *busy, int *waiting, const dossier_config_t *config);

#endif
