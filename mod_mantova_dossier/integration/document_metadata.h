/* The part "metadata" of a publication. */
#ifndef DOSSIER_INTEGRATION_DOCUMENT_METADATA_H
#define DOSSIER_INTEGRATION_DOCUMENT_METADATA_H

#include "base/fields.h"
#include "store/publications.h"

/* Fills everything but the key. Everything wrong becomes a field error below "metadata". */
void dossier_integration_metadata_read(dossier_publication_t *publication, dossier_fields_t *fields,
                                       dossier_json_t *metadata);

#endif
