/* The routes for hospital systems, and the one for SMS providers; the table of routes names them. */
#ifndef DOSSIER_INTEGRATION_INTEGRATION_H
#define DOSSIER_INTEGRATION_INTEGRATION_H

#include "http/exchange.h"

/* PUT /integration/acceptances/{external_id}, ?dry_run=true|false */
int dossier_integration_acceptance_put(dossier_exchange_t *x);
/* POST /integration/acceptances/{external_id}/activation-codes */
int dossier_integration_activation_code_post(dossier_exchange_t *x);
/* GET /integration/acceptances/{external_id}/slip: application/pdf */
int dossier_integration_slip_get(dossier_exchange_t *x);

/* POST /integration/codice-fiscale-changes (?dry_run=true|false) */
int dossier_integration_codice_fiscale_change(dossier_exchange_t *x);

/* PUT (?dry_run=true|false), GET, DELETE /integration/documents/{external_id} */
int dossier_integration_publication_put(dossier_exchange_t *x);
int dossier_integration_publication_get(dossier_exchange_t *x);
int dossier_integration_publication_delete(dossier_exchange_t *x);
/* POST /integration/documents/{external_id}/release */
int dossier_integration_publication_release(dossier_exchange_t *x);

/* GET and POST /callbacks/sms, of DossierSmsReceipts: one receipt in the query, a form or JSON */
int dossier_integration_receipt(dossier_exchange_t *x);

#endif
