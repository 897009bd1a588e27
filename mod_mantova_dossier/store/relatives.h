/* Relatives: other patients kept under an account holder's account. */
#ifndef DOSSIER_STORE_RELATIVES_H
#define DOSSIER_STORE_RELATIVES_H

#include "store/db.h"

/* Tells account holders of minors who turn 18 soon, and ends what they had of those who have. At
   most `limit` each; *more: 1 when there is more to do at once. Not `enabled`: nothing of it. */
apr_status_t dossier_store_handover(int *more, dossier_db_t *db, int enabled, int limit,
                                    apr_pool_t *pool);

#endif
