/* From a claimed row to a text that can leave. */
#ifndef DOSSIER_OUTBOUND_DELIVERY_H
#define DOSSIER_OUTBOUND_DELIVERY_H

#include "outbound/courier.h"

/* `site` is the virtual host whose address the text leads to. A delivery with a pool of its own
   below `parent`, the code opened and the text written. Its outcome is already
   DOSSIER_OUTBOX_FAILED when that cannot be done (key lost, unknown template). */
dossier_delivery_t *dossier_delivery_make(const dossier_outbox_message_t *message,
                                          const dossier_config_t *site, apr_pool_t *parent);

#endif
