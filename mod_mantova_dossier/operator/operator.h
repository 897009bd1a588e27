/* What the operator of the server sees of it: metrics for Prometheus, and lines of mod_status. */
#ifndef DOSSIER_OPERATOR_OPERATOR_H
#define DOSSIER_OPERATOR_OPERATOR_H

#include <httpd.h>

#include "http/router.h"

/* Handler of `SetHandler dossier-metrics`, which may stand in any virtual host: the Prometheus text
   format 0.0.4. DECLINED for requests with another handler. */
int dossier_operator_metrics(request_rec *r, const dossier_route_t *routes);

/* With the module's other hooks: the lines of mod_status, where it is loaded. */
void dossier_operator_register_hooks(apr_pool_t *pool);

#endif
