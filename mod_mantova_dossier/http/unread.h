/* Answers given while the client is still sending: the rest of a refused body is not worth reading.
 */
#ifndef DOSSIER_HTTP_UNREAD_H
#define DOSSIER_HTTP_UNREAD_H

#include "http/exchange.h"

/* Called behind an answer that leaves part of the body unread; sees to it that the answer reaches
   the client all the same, and that the rest is never taken for another request. Answers `rc`. */
int dossier_unread_leave(dossier_exchange_t *x, int rc);

#endif
