/* Characters of UTF-8 text: decoding one at a time, and what kind of character each is. */
#ifndef DOSSIER_BASE_TEXT_H
#define DOSSIER_BASE_TEXT_H

#include <apr_pools.h>

/* Reads one code point and moves the cursor behind it: 1 when read, 0 at the end, -1 when the bytes
   are not UTF-8 as RFC 3629 has it (overlong forms, surrogates); the cursor then moves by one byte.
 */
int dossier_text_next(apr_uint32_t *character, const char **cursor, const char *end);

/* Code points; a byte that is not UTF-8 counts as one. */
apr_size_t dossier_text_length(const char *text);

int dossier_text_is_blank(apr_uint32_t character); /* spaces and tab, of any width; no line ends */
int dossier_text_is_dash(apr_uint32_t character);  /* hyphens, dashes, minus */
int dossier_text_is_control(apr_uint32_t character); /* C0, C1, DEL, line and paragraph separator */
int dossier_text_is_invisible(apr_uint32_t character); /* zero width and direction marks */

/* Without outer blanks and line ends: a line is often copied with its end. */
const char *dossier_text_trim(const char *text, apr_pool_t *pool);

#endif
