/*
 * The one header that hides json-c. Every value lives as long as the pool it was made from;
 * a value handed to a setter belongs to the container afterwards.
 */
#ifndef DOSSIER_BASE_JSON_H
#define DOSSIER_BASE_JSON_H

#include <apr_pools.h>
#include <apr_tables.h>

typedef struct json_object dossier_json_t;

/* Strict RFC 8259 text in UTF-8, at most 16 levels deep, one value and nothing behind it; a
   byte order mark before it is ignored. NULL when
   it is anything else, has two members of one name in an object, or is just `null`. */
dossier_json_t *dossier_json_parse(const char *text, apr_size_t length, apr_pool_t *pool);

/* Of a text that cannot be parsed: the path ("a.b") of the first member that an object has twice,
   names as they are written; NULL when that is not what is wrong with it. */
const char *dossier_json_repeated(const char *text, apr_size_t length, apr_pool_t *pool);

dossier_json_t *dossier_json_object(apr_pool_t *pool);
dossier_json_t *dossier_json_array(apr_pool_t *pool);

/* Setters on an object; a NULL text or value becomes JSON null. They answer the object, so that
   calls can be chained. */
dossier_json_t *dossier_json_set(dossier_json_t *object, const char *key, const char *text);
dossier_json_t *dossier_json_set_int(dossier_json_t *object, const char *key, apr_int64_t number);
dossier_json_t *dossier_json_set_bool(dossier_json_t *object, const char *key, int truth);
/* The value is shared, not copied: it may also stay where it was. */
dossier_json_t *dossier_json_set_value(dossier_json_t *object, const char *key,
                                       dossier_json_t *value);
void dossier_json_remove(dossier_json_t *object, const char *key);

void dossier_json_append(dossier_json_t *array, dossier_json_t *value);
void dossier_json_append_text(dossier_json_t *array, const char *text);
/* An array of these (const char *). */
dossier_json_t *dossier_json_texts(const apr_array_header_t *texts, apr_pool_t *pool);

/* Readers: NULL, fallback or 0 when the key is missing, null or of another type. Texts stay valid
   as long as the value; a text with a NUL (\u0000) in it reads as NULL, never cut short. */
const char *dossier_json_get(const dossier_json_t *object, const char *key);
apr_int64_t dossier_json_get_int(const dossier_json_t *object, const char *key,
                                 apr_int64_t fallback);
int dossier_json_get_bool(const dossier_json_t *object, const char *key, int fallback);
dossier_json_t *dossier_json_get_value(const dossier_json_t *object, const char *key);

/* Arrays: length 0 for anything that is not an array. */
apr_size_t dossier_json_length(const dossier_json_t *array);
dossier_json_t *dossier_json_at(const dossier_json_t *array, apr_size_t index);
const char *dossier_json_text_at(const dossier_json_t *array, apr_size_t index);

typedef enum {
    DOSSIER_JSON_NULL,
    DOSSIER_JSON_BOOL,
    DOSSIER_JSON_NUMBER, /* with a fraction or exponent, or beyond 64 bits */
    DOSSIER_JSON_INTEGER,
    DOSSIER_JSON_STRING,
    DOSSIER_JSON_OBJECT,
    DOSSIER_JSON_ARRAY
} dossier_json_type_t;

dossier_json_type_t dossier_json_type(const dossier_json_t *value);

/* Calls each() for every member of an object, in order; stops when it answers 0. */
void dossier_json_each(const dossier_json_t *object,
                       int (*each)(void *context, const char *key, dossier_json_t *value),
                       void *context);

/* Compact text, copied to the pool. */
const char *dossier_json_text(const dossier_json_t *value, apr_pool_t *pool);

#endif
