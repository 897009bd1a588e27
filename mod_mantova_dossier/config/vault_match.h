/* Vault and database, held against each other: a folder that is not the vault takes no document,
   and a database that is older than the vault, or not the vault's, serves nobody before its
   operator has said so. */
#ifndef DOSSIER_CONFIG_VAULT_MATCH_H
#define DOSSIER_CONFIG_VAULT_MATCH_H

#include "config/config.h"
#include "store/vault.h"

/* Looks now, and settles what can be settled: the first start makes the vault's id, the operator's
   word is put into effect. What has changed is logged. Anything but APR_SUCCESS is the database's.
 */
apr_status_t dossier_vault_match_look(dossier_vault_standing_t *standing, server_rec *server,
                                      apr_pool_t *pool);

/* Whether the database may be served, with the keys there are. Looks at the first time, after a
   connection was lost (it may be another database now), and as long as vault, database and keys do
   not belong together. With a wrong key no code would be right, and what is sealed could not be
   opened. */
apr_status_t dossier_vault_match_admit(int *admitted, server_rec *server, apr_pool_t *pool);

/* 1: the vault can be written, with keys that fit. Looks when this process has not yet. */
int dossier_vault_match_ready(server_rec *server, apr_pool_t *pool);

/* 1: the vault is there, and the keys fit. For who has missed a file in it. */
int dossier_vault_match_stands(server_rec *server, apr_pool_t *pool);

/* A publication was refused: where the vault is the reason, why is found out and logged. */
void dossier_vault_match_refused(const dossier_json_t *result, server_rec *server,
                                 apr_pool_t *pool);

/* As last seen by any process of this node. */
dossier_vault_word_t dossier_vault_match_word(void);
/* The database is older than the vault, or another than the one that the vault serves. */
int dossier_vault_match_behind(void);
/* The latter only. */
int dossier_vault_match_is_of_other(void);

#endif
