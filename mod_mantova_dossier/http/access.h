/* Who may call a route, and from where a browser may do so. */
#ifndef DOSSIER_HTTP_ACCESS_H
#define DOSSIER_HTTP_ACCESS_H

#include "http/route.h"

/* OK, with the exchange's account_id or integrator_id filled in by the route's class; otherwise the
   request is answered, DONE. A GET of an account fills them in with its first call (http/session.h). */
int dossier_access_check(dossier_exchange_t *x, const dossier_route_t *route);

#endif
