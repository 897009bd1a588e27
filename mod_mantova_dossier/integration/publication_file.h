/*
 * The part "file" of a publication on its way: its type told by its first bytes, its structure
 * judged as it passes, sealed into the vault. Whole or refused before anything is kept.
 */
#ifndef DOSSIER_INTEGRATION_PUBLICATION_FILE_H
#define DOSSIER_INTEGRATION_PUBLICATION_FILE_H

#include "http/exchange.h"

typedef struct dossier_publication_file_t dossier_publication_file_t;

/* sha256: what the sender says it is, in lower-case hex, or NULL. store 0: nothing goes to the
   vault. Field errors go to `fields`. */
dossier_publication_file_t *dossier_publication_file_make(dossier_exchange_t *x,
                                                          dossier_fields_t *fields,
                                                          const char *sha256, int store);

/* Each answers NULL, or the outcome of the refusal: "too_large", "document_type", "storage_full",
   "storage_failed", "invalid_fields" (of "file" or "metadata.sha256"). */
const char *dossier_publication_file_data(dossier_publication_file_t *file, const char *data,
                                          apr_size_t length);
const char *dossier_publication_file_end(dossier_publication_file_t *file);

/* After a good end: the file stands in the vault, whole, and no row names it yet. The arguments are
   told its `media_type`, its `receipt` and the `vault` it went to. When nothing is stored the
   receipt tells size and digest. */
const char *dossier_publication_file_keep(dossier_json_t *arguments,
                                          dossier_publication_file_t *file);
/* Nothing is kept of it. */
void dossier_publication_file_drop(dossier_publication_file_t *file);

#endif
