/* What a browser shows a person where httpd itself has refused, before there was a page of the
 * portal. */
#ifndef DOSSIER_HTTP_PROBLEM_PAGE_H
#define DOSSIER_HTTP_PROBLEM_PAGE_H

#include "http/exchange.h"

/* Answers the problem of this name as a page to a browser that opens an address, as JSON to
   anything else. Too many cookies: the page leads to where the browser is told to forget them. */
int dossier_problem_page(dossier_exchange_t *x, const char *outcome);

#endif
