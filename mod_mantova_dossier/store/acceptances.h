/* Acceptances: what the desk registered, and the activation code printed on the pick-up slip. */
#ifndef DOSSIER_STORE_ACCEPTANCES_H
#define DOSSIER_STORE_ACCEPTANCES_H

#include "store/db.h"
#include "store/external.h"

/* An activation code as the database knows it. */
typedef struct {
    const char *key_id;
    const char *mac;
    const char
        *sealed; /* the code itself, bound to `mac`, for the slip; only the key ring opens it */
} dossier_activation_mac_t;

typedef struct {
    dossier_external_t key;
    int dry_run; /* works everything out and stores nothing */
    const char *facility;
    const char *mobile; /* E.164 */
    const char *email;  /* NULL: none */
    int online_pickup;  /* may the reports of this visit be online? -1: not said */
    const char *codice_fiscale;
    const char *first_name;
    const char *last_name;
    const char *birth_date; /* "YYYY-MM-DD"; it and the rest may be NULL */
    const char *birth_place;
    const char *sex;
    dossier_activation_mac_t activation; /* used when the acceptance is new */
    dossier_json_t *registration_code;   /* of dossier_store_code_make(); used when an open
                                            registration's   mobile is corrected */
} dossier_acceptance_t;

/* "created", "ok": external_id, facility, online_pickup, created_at, updated_at, changed,
   activation_code_expires_at, messages [{template, to, language}] · "facility_not_allowed" ·
   "precondition_failed" · "acceptance_patient_changed" · "call_superseded" */
apr_status_t dossier_store_acceptance_put(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_acceptance_t *acceptance, apr_pool_t *pool);

/* "ok": the acceptance, codice_fiscale among it · "not_found" */
apr_status_t dossier_store_acceptance_get(dossier_json_t **result, dossier_db_t *db,
                                          const dossier_external_t *key, apr_pool_t *pool);

/* The old code dies. "created": external_id, activation_code_expires_at · "not_found" */
apr_status_t dossier_store_acceptance_new_code(dossier_json_t **result, dossier_db_t *db,
                                               const dossier_external_t *key,
                                               const dossier_activation_mac_t *activation,
                                               apr_pool_t *pool);

/* Notes that the slip is printed. "ok": facility, facility_name, first_name, last_name, mobile,
   mac, sealed, expires_on ("YYYY-MM-DD") and expires_time ("HH:MM") in Rome · "not_found" ·
   "slip_no_code" */
apr_status_t dossier_store_acceptance_slip(dossier_json_t **result, dossier_db_t *db,
                                           const dossier_external_t *key, apr_pool_t *pool);

/* The person of `change` (of which key, dry_run, facility and the person count) was known by
   `former` until now. "ok", also when it was said before: codice_fiscale, changed ·
   "facility_not_allowed" · "patient_unknown" · "person_differs" · "codice_fiscale_accounts" ·
   "call_superseded" */
apr_status_t dossier_store_codice_fiscale_change(dossier_json_t **result, dossier_db_t *db,
                                                 const dossier_acceptance_t *change,
                                                 const char *former, apr_pool_t *pool);

#endif
