/*
 * The multipart body of a publication as it arrives: the metadata is judged before the first byte
 * of the file is taken, unless the body is short; the file goes straight to the vault. Memory does
 * not grow with the file.
 */
#ifndef DOSSIER_INTEGRATION_PUBLICATION_UPLOAD_H
#define DOSSIER_INTEGRATION_PUBLICATION_UPLOAD_H

#include "http/exchange.h"

/* The arguments of document_publish: the file is in the vault, whole, and no row names it yet. With
   *dry_run (?dry_run=true) those of document_dry_run: everything is checked, and nothing is there.
   NULL: already answered, nothing was kept, and *rc is what the handler returns. */
dossier_json_t *dossier_publication_receive(int *rc, int *dry_run, dossier_exchange_t *x);

#endif
