/* Leaving, a step at a time, each with the proof of a password typed again. */
#ifndef DOSSIER_STORE_CANCELLATION_H
#define DOSSIER_STORE_CANCELLATION_H

#include "store/db.h"

typedef struct {
    const char *account_id;
    const char *patient_id; /* whose dossier; NULL: the whole account */
    const char *proof;      /* of dossier_portal_password_again() */
    const char *address;
} dossier_cancellation_t;

/* "ok": patient, also when nothing changed · "not_found" · "dossier_inactive" · "password_required"
   · "consent_due": no consent stands to today's notice */
apr_status_t dossier_store_service_set(dossier_json_t **result, dossier_db_t *db,
                                       const dossier_cancellation_t *cancellation, int enabled,
                                       apr_pool_t *pool);

/* Destroys the keys of what the dossier holds. "ok": obsolete (object ids without a row from now
   on) · "not_found" · "dossier_inactive" · "password_required" */
apr_status_t dossier_store_documents_wipe(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_cancellation_t *cancellation,
                                          apr_pool_t *pool);

/* The account with all that belongs to it. "ok": obsolete · "unauthenticated": it is gone already ·
   "password_required" */
apr_status_t dossier_store_account_delete(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_cancellation_t *cancellation,
                                          apr_pool_t *pool);

#endif
