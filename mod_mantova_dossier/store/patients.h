/* The patients of an account, and the activation of a dossier. */
#ifndef DOSSIER_STORE_PATIENTS_H
#define DOSSIER_STORE_PATIENTS_H

#include "store/db.h"

/* "ok": patients, the account holder first */
apr_status_t dossier_store_patient_list(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, const char *address,
                                        apr_pool_t *pool);

/* Counts a try before anything is compared. "ok": codici_fiscali, all of the patient's
   if one was changed · "not_found" · "throttled": retry_after */
apr_status_t dossier_store_activation_begin(dossier_json_t **result, dossier_db_t *db,
                                            const char *account_id, const char *patient_id,
                                            const char *address, apr_pool_t *pool);

typedef struct {
    const char *account_id;
    const char *patient_id;
    dossier_json_t *consent; /* notice, version */
    const char *codice_fiscale;
    dossier_json_t *macs;       /* of dossier_store_activation_macs() */
    dossier_json_t *other_macs; /* an array of such, for other codici fiscali of the patient's */
    const char *address;
} dossier_activation_t;

/* "ok": patient, also when this account had activated with this very code · "not_found" ·
   "notice_outdated": current · "activation_wrong" · "activation_used" · "activation_expired" ·
   "unavailable": key_id, which the ring lacks */
apr_status_t dossier_store_activate(dossier_json_t **result, dossier_db_t *db,
                                    const dossier_activation_t *activation, apr_pool_t *pool);

#endif
