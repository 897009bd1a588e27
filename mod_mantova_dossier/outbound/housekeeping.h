/* What has expired goes: rows and keys by the database, then the files. And the audit is sealed. */
#ifndef DOSSIER_OUTBOUND_HOUSEKEEPING_H
#define DOSSIER_OUTBOUND_HOUSEKEEPING_H

#include <httpd.h>

typedef struct {
    server_rec *main;   /* first of all virtual hosts */
    server_rec *portal; /* one with DossierEngine on */
    apr_time_t next_sweep;
    int database_away;
    int vault_stands; /* this round */
    int broken_off;   /* this round, by the database */
} dossier_housekeeping_t;

/* One round: purges until nothing is left, seals the audit, tells what is due, hands over the
   dossiers of those who turn 18, and every ten minutes sweeps the vault. None of it with a
   database that is older than the vault. */
void dossier_housekeeping_run(dossier_housekeeping_t *housekeeping, apr_pool_t *pool);

#endif
