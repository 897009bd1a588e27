/* How the portal is doing, for its operator: numbers, nothing of a person. */
#ifndef DOSSIER_STORE_OPERATION_H
#define DOSSIER_STORE_OPERATION_H

#include "store/db.h"

/* *result holds, over all nodes, outbox{sms, mail}, each with waiting, later,
   on_the_way, oldest_urgent_seconds, oldest_alert_seconds and given_up; and vault{documents,
   bytes}, and keys as below. */
apr_status_t dossier_store_metrics(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool);

/* *result holds keys[]: of each key that rows need {key_id, documents, activation_codes,
   verification_codes, messages}. */
apr_status_t dossier_store_keys_needed(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool);

/* Of the ids of the virtual hosts' facilities *result holds facilities_unknown[], and whether this
   connection's statements end by themselves: statement_timeout and lock_timeout, booleans. */
apr_status_t dossier_store_server_check(dossier_json_t **result, dossier_db_t *db,
                                        dossier_json_t *facilities, apr_pool_t *pool);

/* *result holds connections{open, busy, limit}: those of all nodes, and how many the database
   gives to all its clients. */
apr_status_t dossier_store_connections(dossier_json_t **result, dossier_db_t *db, apr_pool_t *pool);

#endif
