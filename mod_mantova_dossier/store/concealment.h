/* Documents that an account takes out of its sight. One that the dossier does not show for another
   reason answers as one that does not exist. */
#ifndef DOSSIER_STORE_CONCEALMENT_H
#define DOSSIER_STORE_CONCEALMENT_H

#include "store/db.h"

/* `hidden` 0 shows it again; either may be repeated. "ok": document · "not_found" ·
   "document_expired" · "document_withdrawn" · "dossier_inactive" · "dossier_disabled" */
apr_status_t dossier_store_document_hide(dossier_json_t **result, dossier_db_t *db,
                                         const char *account_id, const char *document_id,
                                         int hidden, const char *address, apr_pool_t *pool);

/* `proof`: that the password was typed again. "ok": documents (newest first) · "not_found" ·
   "dossier_inactive" · "dossier_disabled" · "password_required" */
apr_status_t dossier_store_hidden_documents(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *patient_id,
                                            const char *proof, const char *address,
                                            apr_pool_t *pool);

#endif
