/* Mobile numbers (E.164) and e-mail addresses: one spelling each, and a mask to show them by. */
#ifndef DOSSIER_DOMAIN_CONTACT_H
#define DOSSIER_DOMAIN_CONTACT_H

#include <apr_pools.h>

/* To "+" and 8 to 15 digits (ITU-T E.164). Blanks, dots, dashes, brackets and slashes are dropped,
   00 becomes +, a number without prefix gets +39 (or the + alone, where it is an Italian mobile's
   with its 39); an Italian number must be a mobile (3, then 8 or 9 digits). NULL when it is no
   mobile. Field error code: "mobile". */
const char *dossier_mobile_parse(const char *typed, apr_pool_t *pool);

/* "+393331234567" to "+39*******567". */
const char *dossier_mobile_mask(const char *mobile, apr_pool_t *pool);

/* Trimmed, the whole in lower case; one @, a dotted domain, at most 254 characters, ASCII only,
   nothing that could end a header line or an SMTP command. NULL otherwise. Code: "email". */
const char *dossier_email_parse(const char *typed, apr_pool_t *pool);

/* "mario@example.org" to "m****@example.org": what a mask hides shows no length. */
const char *dossier_email_mask(const char *email, apr_pool_t *pool);

#endif
