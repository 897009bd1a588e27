/* What the routes for hospital systems have in common. */
#ifndef DOSSIER_INTEGRATION_SHARED_H
#define DOSSIER_INTEGRATION_SHARED_H

#include "domain/codice_fiscale.h"
#include "http/call.h"

/* Who asks, what the path names (external_id), and the headers' conditions (if_match, if_none_match). */
dossier_json_t *dossier_integration_arguments(dossier_exchange_t *x);

/* The same, for who has nothing else to check: NULL when that is not an identifier, and answered. */
dossier_json_t *dossier_integration_named(int *rc, dossier_exchange_t *x);

/* 1 to 64 of [A-Za-z0-9._:~-], else a field error "identifier". */
void dossier_integration_check_id(dossier_fields_t *fields, const char *field, const char *id);

/* What the answer to ?dry_run=true says of a call that would be taken. A NULL `warnings`: none. */
void dossier_integration_preview(dossier_json_t *answer, const char *would,
                                 dossier_json_t *warnings, apr_pool_t *pool);

#endif
