/* Files in the vault that no row needs any more. Their keys are gone before: what stays is noise,
   and the sweep removes it. */
#ifndef DOSSIER_HTTP_OBSOLETE_H
#define DOSSIER_HTTP_OBSOLETE_H

#include "http/exchange.h"

/* Removes the files named in the result's `obsolete` from the vault, and the member from the
   result. */
void dossier_obsolete_drop(dossier_exchange_t *x, dossier_json_t *result);

/* Removes one file; a failure is logged. */
void dossier_obsolete_drop_object(dossier_exchange_t *x, const char *object_id);

#endif
