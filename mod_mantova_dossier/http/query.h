/* The query string of a request against what its route takes. */
#ifndef DOSSIER_HTTP_QUERY_H
#define DOSSIER_HTTP_QUERY_H

#include "base/fields.h"

/* A parameter that `names` (of the route) does not hold, or that comes twice, would be dropped
   without a word, and a misspelt dry_run would store: each is an error of `fields` ("unknown",
   "repeated", "characters" when it cannot be decoded). args may be NULL. */
void dossier_query_check(dossier_fields_t *fields, const char *args, const char *names);

#endif
