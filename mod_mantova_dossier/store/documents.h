/* Documents as a patient sees them. Somebody else's answers as one that does not exist. */
#ifndef DOSSIER_STORE_DOCUMENTS_H
#define DOSSIER_STORE_DOCUMENTS_H

#include "store/db.h"
#include "vault/vault.h"

typedef struct {
    const char *account_id;
    const char *patient_id;
    int limit;            /* 1 to 100 */
    const char *cursor;   /* `next` of the page before; the rest may be NULL too */
    const char *type;     /* exactly this one */
    const char *facility; /* exactly this one */
    const char *from;     /* issued on this date or later, "YYYY-MM-DD" */
    const char *to;       /* issued on this date or earlier */
    const char *address;
} dossier_document_query_t;

/* "ok": documents (newest first), next (null at the end) · "not_found" · "dossier_inactive" ·
   "dossier_disabled" · "cursor_invalid" */
apr_status_t dossier_store_document_list(dossier_json_t **result, dossier_db_t *db,
                                         const dossier_document_query_t *query, apr_pool_t *pool);

/* "ok": document · "not_found" · "document_expired" · "document_withdrawn" · "dossier_inactive" ·
   "dossier_disabled" */
apr_status_t dossier_store_document_get(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *document_id,
                                        const char *address, apr_pool_t *pool);

typedef struct {
    const char *account_id;
    const char *document_id;
    const char *object_id; /* what it was when it was looked at before; NULL: the first look */
    int read;              /* 1: the bytes go out to a reader; 0: only looked at, or exported */
    int exported;          /* 1: the bytes go out with all the others, which is no reading */
    const char *address;
} dossier_document_opening_t;

/* The document and how to read it from the vault; outcomes as above. *receipt is filled on "ok".
   APR_EBUSY: replaced since it was looked at, or at this very moment; look again. */
apr_status_t dossier_store_document_open(dossier_json_t **result, dossier_vault_receipt_t *receipt,
                                         dossier_db_t *db,
                                         const dossier_document_opening_t *opening,
                                         apr_pool_t *pool);

#endif
