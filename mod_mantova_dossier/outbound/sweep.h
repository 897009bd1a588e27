/* The files of the vault, held against the rows. What the database has destroyed on purpose is
   removed; what a correction replaced it still knows. What it does not know is never destroyed
   before DossierQuarantineDays: a newer copy of the database might know it. */
#ifndef DOSSIER_OUTBOUND_SWEEP_H
#define DOSSIER_OUTBOUND_SWEEP_H

#include <httpd.h>

#include "store/db.h"

/* `allowed`: the operator has said that any number of files may be set aside; used up by it. What
   the database answered. */
apr_status_t dossier_sweep(server_rec *portal, dossier_db_t *db, int allowed, apr_pool_t *pool);

#endif
