/* Relatives: other patients kept under an account holder's account. */
#ifndef DOSSIER_STORE_RELATIVES_H
#define DOSSIER_STORE_RELATIVES_H

#include "store/db.h"

/* `relative`: codice_fiscale, birth_date, birth_place, role. "created": patient ·
   "relative_not_at_desk", whether there is such a patient or not · "relative_exists" · "role_age":
   the role does not fit the age that the desk knows */
apr_status_t dossier_store_relative_add(dossier_json_t **result, dossier_db_t *db,
                                        const char *account_id, dossier_json_t *relative,
                                        const char *address, apr_pool_t *pool);

/* "ok" · "patient_is_holder" · "not_found" */
apr_status_t dossier_store_relative_remove(dossier_json_t **result, dossier_db_t *db,
                                           const char *account_id, const char *patient_id,
                                           const char *address, apr_pool_t *pool);

/* Tells account holders of minors who turn 18 soon, and ends what they had of those who have. At
   most `limit` each; *more: 1 when there is more to do at once. Not `enabled`: nothing of it. */
apr_status_t dossier_store_handover(int *more, dossier_db_t *db, int enabled, int limit,
                                    apr_pool_t *pool);

#endif
