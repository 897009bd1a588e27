/* Documents as the hospital's system sees them: published, replaced, asked after, withdrawn. */
#ifndef DOSSIER_STORE_PUBLICATIONS_H
#define DOSSIER_STORE_PUBLICATIONS_H

#include "store/db.h"
#include "store/external.h"
#include "vault/vault.h"

/* What is not said is as it was; for a new document: ordinary, not held, of no acceptance. */
typedef struct {
    dossier_external_t key;
    const char *facility;
    const char *codice_fiscale;
    const char *acceptance; /* external id; NULL: not said */
    const char *title;
    const char *type;
    const char *issued_at;  /* RFC 3339, UTC */
    const char *author;     /* NULL: not said */
    const char *class_name; /* NULL: not said */
    int told_by_doctor;
    int hold;               /* until it is released; -1: not said */
    const char *hold_until; /* RFC 3339, UTC; NULL: not said */
    int republish;          /* also what was withdrawn, or bytes that were replaced */
    const char *vault_id;   /* of the vault it is to go to; NULL: it has none */
    const char *sha256; /* as the sender says, in lower case; NULL: not said. Not the database's */
} dossier_publication_t;

/* Every refusal that needs no bytes. "ok" · "facility_not_allowed" · "patient_unknown" ·
   "acceptance_unknown" · "acceptance_mismatch" · "document_patient_changed" · "document_genetic" ·
   "online_pickup_declined" · "acceptance_needed" · "precondition_failed" ·
   "document_was_withdrawn" · "storage_failed": the folder is not the vault */
apr_status_t dossier_store_document_prepare(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            apr_pool_t *pool);

/* The bytes are in the vault. "created", "ok": id, external_id, version, state, sha256, size,
   media_type, published_at, held_until, expires_at, changed, obsolete (object ids whose
   files may go) · the refusals above · "document_was_published" · "document_was_replaced" ·
   "call_superseded". Answers
   about one document hold `tag`, which the next change makes another. */
apr_status_t dossier_store_document_publish(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            const dossier_vault_receipt_t *receipt,
                                            const char *media_type, int retention_days,
                                            apr_pool_t *pool);

/* What the call above would answer, with `alerts` [{channel, state, at}] that would wait to leave;
   nothing stays of it. A NULL receipt: what document_prepare would. */
apr_status_t dossier_store_document_dry_run(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_publication_t *publication,
                                            const dossier_vault_receipt_t *receipt,
                                            const char *media_type, int retention_days,
                                            apr_pool_t *pool);

/* "ok": id, external_id, facility, version, state, sha256, published_at, held_until, expires_at,
   read, read_at · "not_found" · "key_refused" */
apr_status_t dossier_store_document_state(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_external_t *key, apr_pool_t *pool);

/* Lets a held document out. "ok", also when it was not held: id, external_id, version, state,
   published_at, expires_at · "not_found" · "precondition_failed" · "document_over" ·
   "not_told_by_doctor" · "call_superseded" · "key_refused" */
apr_status_t dossier_store_document_release(dossier_json_t **result, dossier_db_t *db,
                                            const dossier_external_t *key, int told_by_doctor,
                                            int retention_days, apr_pool_t *pool);

/* "ok", also when it was withdrawn before: id, external_id, state, obsolete · "not_found" ·
   "precondition_failed" · "call_superseded" · "key_refused" */
apr_status_t dossier_store_document_withdraw(dossier_json_t **result, dossier_db_t *db,
                                             const dossier_external_t *key, apr_pool_t *pool);

#endif
