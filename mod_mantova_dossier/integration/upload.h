/*
 * The multipart body of a publication as it arrives: the metadata is judged before the first byte
 * of the file is taken, the file goes straight to the vault. Memory does not grow with the file.
 */
#ifndef DOSSIER_INTEGRATION_UPLOAD_H
#define DOSSIER_INTEGRATION_UPLOAD_H

#include "http/exchange.h"
#include "store/publications.h"

typedef struct {
    dossier_publication_t publication;
    dossier_vault_receipt_t receipt;
    const char *media_type;
    int dry_run; /* ?dry_run=true: everything is checked, and nothing stored */
} dossier_upload_t;

/* 1: the file is in the vault, whole, and no row names it yet (in a dry run nothing is there). 0:
   already answered, nothing was kept, and rc is what the handler returns. */
int dossier_integration_upload_receive(int *rc, dossier_upload_t *upload, dossier_exchange_t *x);

#endif
