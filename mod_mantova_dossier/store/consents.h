/* What an account agreed to: its history, what is due, and taking it back. */
#ifndef DOSSIER_STORE_CONSENTS_H
#define DOSSIER_STORE_CONSENTS_H

#include "store/db.h"

/* Due is what was published before the session was opened. "ok": consents (newest first){id,
   notice, version, patient_id, first_name, last_name, role, given_at, withdrawn_at}, due{notice,
   version, patient_id, first_name, last_name} */
apr_status_t dossier_store_consent_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *session_id,
                                        const char *address, apr_pool_t *pool);

typedef struct {
    const char *account_id;
    const char *patient_id;  /* whose dossier; NULL: consent is to the portal's notice */
    dossier_json_t *consent; /* notice, version */
    const char *address;
} dossier_consent_t;

/* "created": consent, also when it had been given · "not_found" · "dossier_inactive" ·
   "notice_outdated": current */
apr_status_t dossier_store_consent_give(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_consent_t *consent, apr_pool_t *pool);

/* "ok": consent, also when it was withdrawn before · "not_found" · "password_required" */
apr_status_t dossier_store_consent_withdraw(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *consent_id,
                                            const char *proof, const char *address,
                                            apr_pool_t *pool);

#endif
