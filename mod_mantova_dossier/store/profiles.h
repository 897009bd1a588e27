/* "Il mio profilo" and the password of an account. */
#ifndef DOSSIER_STORE_PROFILES_H
#define DOSSIER_STORE_PROFILES_H

#include "store/db.h"

/* "ok": profile{first_name, last_name, birth_date, birth_place, codice_fiscale, mobile, email,
   language, alerts{sms, mail, last_call}} · "not_found" */
apr_status_t dossier_store_profile_get(dossier_json_t **result, dossier_db_t *db,
                                       const char *account_id, const char *address,
                                       apr_pool_t *pool);

/* language and alerts: NULL, and members of alerts that are missing, stay as they are. "ok":
 * profile */
apr_status_t dossier_store_profile_change(dossier_json_t **result, dossier_db_t *db,
                                          const char *account_id, const char *language,
                                          dossier_json_t *alerts, const char *address,
                                          apr_pool_t *pool);

/* What a session does to its own account after the password was typed again; it goes on under
   token_hash. */
typedef struct {
    const char *account_id;
    const char *session_id;
    const char *token_hash;
    const char *proof; /* of dossier_portal_password_again() */
    const char *address;
} dossier_profile_step_t;

/* Other sessions are closed, the person is told. "ok" · "password_required" */
apr_status_t dossier_store_password_change(dossier_json_t **result, dossier_db_t *db,
                                           const dossier_profile_step_t *step,
                                           const char *password_hash, apr_pool_t *pool);

/* "ok": profile, also when there was none · "password_required" */
apr_status_t dossier_store_email_remove(dossier_json_t **result, dossier_db_t *db,
                                        const dossier_profile_step_t *step, apr_pool_t *pool);

#endif
