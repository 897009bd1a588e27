/*
 * What leaves and what expires, done by threads of mod_watchdog in the children: "dossier-sms" and
 * "dossier-mail" send messages, "dossier-housekeeping" purges and sweeps. Any number of nodes may
 * share one database. The gateways are those of the first virtual host with DossierEngine on.
 */
#ifndef DOSSIER_OUTBOUND_OUTBOUND_H
#define DOSSIER_OUTBOUND_OUTBOUND_H

#include <httpd.h>

/* With the module's other hooks: a child that ends waits for what its threads are about to finish.
 */
void dossier_outbound_register_hooks(apr_pool_t *pool);

/* From post_config, before mod_watchdog's own (which runs last) and after dossier_config_open. OK,
   or an HTTP error after one log line. */
int dossier_outbound_start(apr_pool_t *pool, server_rec *main);

#endif
