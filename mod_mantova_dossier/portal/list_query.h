/* The query string of routes that answer a list, a page at a time. */
#ifndef DOSSIER_PORTAL_LIST_QUERY_H
#define DOSSIER_PORTAL_LIST_QUERY_H

#include "http/exchange.h"

/* What every such shape begins with. */
#define DOSSIER_LIST_PARAMETERS                                                                    \
    {"limit", DOSSIER_FIELD_STRING, 20, 0},                                                        \
    {                                                                                              \
        "cursor", DOSSIER_FIELD_STRING, 500, 0                                                     \
    }

/* The parameters that the shape names, checked like the members of a body: they may hold any byte.
   Those that every list has become arguments: `cursor`, the `next` of the page before, and `limit`,
   entries of a page, 1 to 100, 50 when it is not said; any other is an error of `fields`. */
dossier_json_t *dossier_portal_list_query(dossier_json_t *arguments, dossier_fields_t *fields,
                                          dossier_exchange_t *x, const dossier_field_t *shape);

#endif
