/* What the routes for hospital systems have in common. */
#ifndef DOSSIER_INTEGRATION_SHARED_H
#define DOSSIER_INTEGRATION_SHARED_H

#include "domain/codice_fiscale.h"
#include "http/call.h"
#include "store/external.h"

/* Goes away. */
dossier_external_t dossier_integration_key(const dossier_exchange_t *x);
/* Who asks, what the path names (external_id), and the headers' conditions (if_match, if_none_match). */
dossier_json_t *dossier_integration_arguments(dossier_exchange_t *x);

/* 1 to 64 of [A-Za-z0-9._:~-], else a field error "identifier". */
void dossier_integration_check_id(dossier_fields_t *fields, const char *field, const char *id);

/* 1 when the text is a codice fiscale. 0 with a field error; a NULL text reports nothing (its own
   field was reported as missing). */
int dossier_integration_codice_fiscale(dossier_cf_t *cf, dossier_fields_t *fields,
                                       const char *field, const char *text);

#endif
