/*
 * The watchdog's loop over the outbox: claim what there are places for, hand it to the courier,
 * report how it ended. Each channel has a dispatcher of its own, so that a mail server that hangs
 * keeps no code waiting. One thread of one child per node runs it; nodes share the queue by their
 * claims.
 */
#ifndef DOSSIER_OUTBOUND_DISPATCHER_H
#define DOSSIER_OUTBOUND_DISPATCHER_H

#include <httpd.h>

typedef struct dossier_dispatcher_t dossier_dispatcher_t;

/* `portal` is the virtual host whose gateways are used, `main` the first of all, `channel` "sms" or
   "mail", `generation` a word that this server's processes share until it is restarted. Lives as
   long as the child: has a pool of its own, because the thread that uses it is not httpd's. NULL
   when memory is short. */
dossier_dispatcher_t *dossier_dispatcher_make(server_rec *portal, server_rec *main,
                                              const char *channel, const char *generation);

/* Works until nothing is on its way. When the child stops: lets what is on its way end within 2 s,
   gives the rest back to the queue and returns. */
void dossier_dispatcher_run(dossier_dispatcher_t *dispatcher, apr_pool_t *pool);

#endif
