/* A mail as it travels (RFC 5322, RFC 2045 to 2047): UTF-8, quoted-printable; plain text, or the
   same also as HTML (multipart/alternative). */
#ifndef DOSSIER_BASE_MIME_H
#define DOSSIER_BASE_MIME_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct {
    const char *from; /* plain addresses */
    const char *to;
    const char *subject;
    const char *text;        /* lines end with \n */
    const char *html;        /* a whole document; NULL: none */
    const char *unsubscribe; /* the page where such mails are switched off (RFC 2369); NULL: none */
    const char *language;
    const char *id; /* left part of Message-ID: the same at every try */
    apr_time_t date;
} dossier_mime_t;

/* Lines end with CRLF. NULL when an address, the id or the language holds anything that could end
   its header line. */
const char *dossier_mime_make(const dossier_mime_t *mail, apr_pool_t *pool);

#endif
