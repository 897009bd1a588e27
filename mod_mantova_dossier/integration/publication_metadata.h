/* The part "metadata" of a publication. */
#ifndef DOSSIER_INTEGRATION_PUBLICATION_METADATA_H
#define DOSSIER_INTEGRATION_PUBLICATION_METADATA_H

#include "base/fields.h"

/* The argument `metadata`, each value in its one spelling. Everything wrong becomes a field error
   below "metadata". What is not said is not in it, or null: then it stays as it was; a new document
   is ordinary, not held, and of no acceptance. *sha256: what the sender says it is, in lower case;
   NULL: not said. */
dossier_json_t *dossier_publication_metadata_read(const char **sha256, dossier_fields_t *fields,
                                                  dossier_json_t *said);

#endif
