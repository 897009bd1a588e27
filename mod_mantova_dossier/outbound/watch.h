/* What the operator is to know and only the running portal can find out: it is said in the log,
   once, and again when it changes. */
#ifndef DOSSIER_OUTBOUND_WATCH_H
#define DOSSIER_OUTBOUND_WATCH_H

#include <httpd.h>

#include "vault/vault.h"

typedef struct {
    server_rec *main;   /* first of all virtual hosts */
    server_rec *portal; /* one with DossierEngine on */
    apr_time_t next_keys;
    int checked;               /* what is asked once, after the start */
    int keys_missing;          /* as it was said last */
    dossier_vault_room_t room; /* as it was said last */
} dossier_watch_t;

/* One round. The first: what the configuration says and the database does not know. Each: how it is
   with the vault's room, and whether the newest documents are in it: in an older copy of the vault,
   or a second one, they are not. Every ten minutes: which keys rows need that no key file holds;
   and what rows need of keys that seal no more is noted in the vault, for the next start
   (vault/key_need.h). */
void dossier_watch_run(dossier_watch_t *watch, apr_pool_t *pool);

#endif
