/* The vault and the database: which belong together, which is newer, which files may go; and how a
   row tells of its file. */
#ifndef DOSSIER_STORE_VAULT_H
#define DOSSIER_STORE_VAULT_H

#include <apr_hash.h>
#include <apr_pools.h>
#include <apr_tables.h>

#include "store/db.h"
#include "vault/vault.h"

typedef enum {
    DOSSIER_VAULT_UNKNOWN, /* not looked yet */
    DOSSIER_VAULT_OK,
    DOSSIER_VAULT_MISSING, /* the directory is not a vault, as where none is mounted */
    DOSSIER_VAULT_FOREIGN,
    DOSSIER_VAULT_UNCLAIMED, /* the database has none yet */
    DOSSIER_VAULT_FAILING,   /* the folder cannot be read */
    DOSSIER_VAULT_LOCKED     /* a key does not fit, or is missing */
} dossier_vault_word_t;

typedef struct {
    dossier_vault_word_t word;
    int behind;   /* the database is older than the vault */
    int other;    /* the vault serves another database */
    int accepted; /* the operator's word for the folder that is there, and for the database */
    int without_documents; /* that word holds for a folder without the documents' files, too */
    int sweep_allowed;     /* and for a sweep of any number of files */
    const char *id;        /* of the vault the database knows; NULL: unclaimed */
    apr_int64_t seal;      /* the newest of the audit; 0: none */
    const char *seal_hash;
    const char *database;  /* which one this is */
    const char *wrong_key; /* of the ring, another than the database knows by this id; NULL: none */
    int new_keys;          /* of the ring the database does not know some yet */
    apr_array_header_t *documents; /* const char *, while unclaimed or accepted: the newest, whose
                                      files it must have */
} dossier_vault_standing_t;

/* By vault_check; or by vault_claim: the folder with this id is the vault, where there is none yet or
   the operator has said so. */
apr_status_t dossier_store_vault_ask(dossier_vault_standing_t *standing, dossier_db_t *db,
                                     const dossier_function_t *function,
                                     const dossier_vault_identity_t *identity,
                                     const dossier_keyring_t *ring, apr_pool_t *pool);
/* The keys have fitted the vault: the database knows them from now on. */
apr_status_t dossier_store_keys_note(dossier_db_t *db, const dossier_keyring_t *ring,
                                     apr_pool_t *pool);

/* Which of these object ids (const char *) stay, for a row needs them or an older copy of it may,
   and which were destroyed on purpose: the keys of the two. Anything but APR_SUCCESS means that
   nothing is known, and nothing may be moved. */
apr_status_t dossier_store_vault_live(apr_hash_t **live, apr_hash_t **destroyed, dossier_db_t *db,
                                      const apr_array_header_t *objects, apr_pool_t *pool);

/* The newest objects (const char *), at most `limit`, whose files must be in the vault. */
apr_status_t dossier_store_vault_newest(apr_array_header_t **objects, dossier_db_t *db, int limit,
                                        apr_pool_t *pool);

/* The argument `receipt`: what the row is to keep of a file. */
dossier_json_t *dossier_store_receipt(const dossier_vault_receipt_t *kept, apr_pool_t *pool);
/* The `receipt` of a row that a file of the vault belongs to; every member is NULL where there is none. */
dossier_vault_receipt_t dossier_store_receipt_read(const dossier_json_t *stored);

#endif
