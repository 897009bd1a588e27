/* Bodies that nobody reads to their end: httpd would read the rest before or behind the answer,
   with a thread that waits for as long as the client likes. */
#ifndef DOSSIER_HTTP_UNREAD_H
#define DOSSIER_HTTP_UNREAD_H

#include "http/exchange.h"

/* Before anything is done with a request: its connection ends behind the answer, which httpd then
   gives without reading the body. Where none is stated nothing changes. */
void dossier_unread_expect(request_rec *r);

/* Somebody has read the body to its end: the connection goes on. */
void dossier_unread_ended(request_rec *r);

/* Called behind each answer: makes sure that it reaches a client that is still sending. Answers
 * `rc`. */
int dossier_unread_leave(dossier_exchange_t *x, int rc);

#endif
