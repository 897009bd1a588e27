/* The HTML part of a mail: one column, large letters, no picture, nothing loaded from anywhere. */
#ifndef DOSSIER_BASE_MAIL_HTML_H
#define DOSSIER_BASE_MAIL_HTML_H

#include <apr_pools.h>

/* `text` as HTML: an empty line parts paragraphs, an https:// address becomes a link that reads as
   it is. `language`: "it" or "en". */
const char *dossier_mail_html(const char *subject, const char *text, const char *language,
                              apr_pool_t *pool);

#endif
