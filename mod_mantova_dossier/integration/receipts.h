/* What SMS providers call: the callback route of DossierSmsReceipts. */
#ifndef DOSSIER_INTEGRATION_RECEIPTS_H
#define DOSSIER_INTEGRATION_RECEIPTS_H

#include "http/exchange.h"

/* GET and POST /callbacks/sms: one receipt in the query, a form or JSON. The same receipt again
   changes nothing. */
int dossier_outbound_receipt(dossier_exchange_t *x);

#endif
