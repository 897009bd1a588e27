/* Requests written by a sysadmin with {names} in them, filled in with values. */
#ifndef DOSSIER_BASE_TEMPLATE_H
#define DOSSIER_BASE_TEMPLATE_H

#include <apr_pools.h>

typedef struct {
    const char *name; /* NULL ends a list */
    const char *value;
} dossier_template_value_t;

/* How a value is written where it stands, so that it can never become anything else there. */
typedef enum {
    DOSSIER_TEMPLATE_URL,   /* percent-encoded (RFC 3986): URLs and form bodies */
    DOSSIER_TEMPLATE_JSON,  /* the inside of a JSON string (RFC 8259) */
    DOSSIER_TEMPLATE_HEADER /* as it is, control characters as blanks */
} dossier_template_escape_t;

/* Braces around anything that is not a name of a value stay as they are: JSON is full of them. */
const char *dossier_template_expand(const char *template, const dossier_template_value_t *values,
                                    dossier_template_escape_t escape, apr_pool_t *pool);

/* The first {name} in the template whose name starts with `prefix` and has no value; NULL: none. */
const char *dossier_template_lacks(const char *template, const char *prefix,
                                   const dossier_template_value_t *values, apr_pool_t *pool);

#endif
