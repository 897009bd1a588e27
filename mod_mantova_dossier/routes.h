/* The table of all routes. */
#ifndef DOSSIER_ROUTES_H
#define DOSSIER_ROUTES_H

#include "http/router.h"

extern const dossier_route_t dossier_routes[];

#endif
