/*
 * Reading a body by its shape: unknown fields, missing fields, wrong types and over-long values
 * each become one field error. A field error is a dotted path ("profile.mobile") and a code; the
 * sentences for people are http/'s business.
 *
 * Codes used here: "unknown", "required", "type", "too_long", "empty", "characters".
 * Codes added by other units of domain/ are named in their headers.
 */
#ifndef DOSSIER_BASE_FIELDS_H
#define DOSSIER_BASE_FIELDS_H

#include <apr_pools.h>
#include <apr_tables.h>

#include "base/json.h"

typedef struct {
    const char *field;
    const char *code;
    apr_size_t max; /* of "too_long": how many characters are allowed; else 0 */
} dossier_field_error_t;

typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *errors; /* of dossier_field_error_t, in the order found */
} dossier_fields_t;

dossier_fields_t *dossier_fields_make(apr_pool_t *pool);

/* Adds an error; the same field is reported once only, the first time, and 64 fields at most. */
void dossier_fields_error(dossier_fields_t *fields, const char *field, const char *code);
/* The same, of a value that may have `max` characters. */
void dossier_fields_error_max(dossier_fields_t *fields, const char *field, const char *code,
                              apr_size_t max);
int dossier_fields_ok(const dossier_fields_t *fields);

/* A name that a sender chose may be anything: a plain one is repeated in an answer, for any other,
   and for NULL, `instead`. */
const char *dossier_fields_shown(const char *name, const char *instead);

typedef enum {
    DOSSIER_FIELD_STRING, /* valid UTF-8, no control characters, not blank */
    DOSSIER_FIELD_SECRET, /* a string kept as typed (secrets.h cleans it): blanks allowed, no
                             control characters */
    DOSSIER_FIELD_BOOL,
    DOSSIER_FIELD_INTEGER,
    DOSSIER_FIELD_OBJECT
} dossier_field_type_t;

typedef struct {
    const char *name; /* NULL ends a shape */
    dossier_field_type_t type;
    apr_size_t max; /* characters (code points) of a string; 0: no limit of its own */
    int required;   /* present and not null */
} dossier_field_t;

/* Checks one object against its shape; `prefix` is the path of the object, NULL for the body itself
   (which is the field "" when it is no object). A NULL object reports nothing (its own field was
   reported as missing). Strings of type DOSSIER_FIELD_STRING are cleaned inside the object (see
   typed.h). */
void dossier_fields_check(dossier_fields_t *fields, dossier_json_t *object,
                          const dossier_field_t *shape, const char *prefix);

#endif
