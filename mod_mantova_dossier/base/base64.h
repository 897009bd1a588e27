/*
 * Base64 as it is sent in files: in pieces, over lines, perhaps between the lines of an armour
 * ("-----BEGIN CMS-----"). Its end is padding, the armour's second line, or what is not base64.
 */
#ifndef DOSSIER_BASE_BASE64_H
#define DOSSIER_BASE_BASE64_H

#include <apr.h>

enum { DOSSIER_BASE64_TEXT = 1024, DOSSIER_BASE64_BYTES = DOSSIER_BASE64_TEXT / 4 * 3 };

/* Zero to begin with. */
typedef struct {
    char text[DOSSIER_BASE64_TEXT + 1]; /* not decoded yet */
    apr_size_t have;
    int armour; /* inside a line of it */
    int begun;
    int over;
    int broken; /* what ended it is not base64 */
} dossier_base64_t;

/* The next bytes, up to DOSSIER_BASE64_BYTES, of *data, which moves on: to be called until *length
   is 0. */
apr_size_t dossier_base64_decode(unsigned char *out, dossier_base64_t *base64,
                                 const unsigned char **data, apr_size_t *length);

/* Nothing follows: the last bytes of what was not padded, two at most. */
apr_size_t dossier_base64_end(unsigned char *out, dossier_base64_t *base64);

#endif
