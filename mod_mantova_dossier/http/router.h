/* From a request to its route's handler. */
#ifndef DOSSIER_HTTP_ROUTER_H
#define DOSSIER_HTTP_ROUTER_H

#include "http/route.h"

/* Serves a request below the prefix by the table: 404, 405 with Allow, access, content type,
   origin, query parameters (422), then the handler. DECLINED for anything else. */
int dossier_route(request_rec *r, const dossier_route_t *routes);

#endif
