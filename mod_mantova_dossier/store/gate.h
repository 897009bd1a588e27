/*
 * Who may take a connection from the pool. apr_reslist holds its lock while it connects, so that
 * forty requests would wait for forty attempts, one after the other, when none can succeed. Here
 * one thread of the process asks the pool at a time; the others wait for it, but not for long. And
 * where the database is on this machine, no more calls run at once than there are processors, as
 * long as each of them is quick.
 */
#ifndef DOSSIER_STORE_GATE_H
#define DOSSIER_STORE_GATE_H

#include <apr_time.h>

/* More calls than processors can run do not end any sooner together: they push each other's memory out of the
   processors' caches. One that takes longer than this waits for a disk or a lock, and keeps nobody out. */
#define DOSSIER_GATE_QUICK apr_time_from_msec(2)

/* Who has come in; the caller's, from dossier_gate_enter() until it has left without a connection or returned one. */
typedef struct dossier_gate_pass_t {
    apr_time_t began;
    struct dossier_gate_pass_t *earlier;
    struct dossier_gate_pass_t *later;
} dossier_gate_pass_t;

/* 1: the caller alone may ask the pool, until dossier_gate_leave(). 0: nobody has got a connection
   for a second, or this process ends. */
int dossier_gate_enter(dossier_gate_pass_t *pass);

/* `connected`: the caller has a connection, to be given back by dossier_gate_return(). */
void dossier_gate_leave(dossier_gate_pass_t *pass, int connected);
/* A connection is back in the pool; `answered`: its call had an answer. */
void dossier_gate_return(dossier_gate_pass_t *pass, int answered);

/* How many quick calls run at once: two at least. */
int dossier_gate_quick(void);

/* Where the database is, by PQhost() and PQhostaddr() of a connection: on another machine its calls are limited by
   their connections alone. Until this is said it is on this one. */
void dossier_gate_locate(const char *host, const char *address);

/* Nobody enters any more, and calls that are on their way are broken off. Answers when the last
   connection is back: mod_dbd destroys its pool next, and aborts the process if one is missing. */
void dossier_gate_close(void);
int dossier_gate_is_closed(void);

#endif
