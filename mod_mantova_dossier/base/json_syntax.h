/* The grammar of RFC 8259, checked before json-c sees a text: json-c forgives too much. */
#ifndef DOSSIER_BASE_JSON_SYNTAX_H
#define DOSSIER_BASE_JSON_SYNTAX_H

#include <apr_pools.h>

/* 1 when `text` is one JSON value in UTF-8 with blanks around it at most, nested no deeper than
   `depth`, without an unpaired surrogate and without a NUL in a member's name.
   *members: how many members its objects have together as written, twins counted twice. */
int dossier_json_syntax_valid(apr_size_t *members, const char *text, apr_size_t length, int depth);

/* The path of the first member that an object of such a text has twice; NULL when there is none. */
const char *dossier_json_syntax_repeated(const char *text, apr_size_t length, int depth,
                                         apr_pool_t *pool);

#endif
