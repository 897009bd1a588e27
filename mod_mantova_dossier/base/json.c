#include "base/json.h"

#include <apr_strings.h>
#include <json-c/json.h>

#include <limits.h>
#include <string.h>

#include "base/json_syntax.h"

enum { DEPTH = 16 };

/* What .NET and PowerShell put before a text; RFC 8259 lets a reader ignore it. */
static const char MARK[] = "\xEF\xBB\xBF";

static apr_status_t release(void *value)
{
    json_object_put(value);
    return APR_SUCCESS;
}

/* The pool holds one reference; containers hold references of their own. */
static dossier_json_t *keep(dossier_json_t *value, apr_pool_t *pool)
{
    if (value) {
        apr_pool_cleanup_register(pool, value, release, apr_pool_cleanup_null);
    }
    return value;
}

static apr_size_t count_members(const dossier_json_t *value)
{
    apr_size_t count = 0;

    if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach((dossier_json_t *)value, key, member)
        {
            (void)key;
            count += 1 + count_members(member);
        }
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            count += count_members(json_object_array_get_idx(value, i));
        }
    }
    return count;
}

static void skip_mark(const char **text, apr_size_t *length)
{
    if (*length >= sizeof(MARK) - 1 && !memcmp(*text, MARK, sizeof(MARK) - 1)) {
        *text += sizeof(MARK) - 1;
        *length -= sizeof(MARK) - 1;
    }
}

const char *dossier_json_repeated(const char *text, apr_size_t length, apr_pool_t *pool)
{
    skip_mark(&text, &length);
    return dossier_json_syntax_repeated(text, length, DEPTH, pool);
}

dossier_json_t *dossier_json_parse(const char *text, apr_size_t length, apr_pool_t *pool)
{
    json_tokener *tokener;
    dossier_json_t *value;
    apr_size_t members;

    skip_mark(&text, &length);
    if (length > INT_MAX || !dossier_json_syntax_valid(&members, text, length, DEPTH)) {
        return NULL;
    }
    tokener = json_tokener_new_ex(DEPTH + 1);
    if (!tokener) {
        return NULL;
    }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
    value = json_tokener_parse_ex(tokener, text, (int)length);
    if (json_tokener_get_error(tokener) == json_tokener_continue) {
        /* A number ends only where something follows it. */
        value = json_tokener_parse_ex(tokener, "", 1);
    }
    json_tokener_free(tokener);
    /* json-c keeps the last of two members with one name; fewer members than were written betray
     * that. */
    if (count_members(value) != members) {
        json_object_put(value);
        return NULL;
    }
    return keep(value, pool);
}

dossier_json_t *dossier_json_object(apr_pool_t *pool)
{
    return keep(json_object_new_object(), pool);
}

dossier_json_t *dossier_json_array(apr_pool_t *pool)
{
    return keep(json_object_new_array(), pool);
}

/* Gives a reference away to the object. */
static dossier_json_t *put(dossier_json_t *object, const char *key, dossier_json_t *value)
{
    if (!json_object_is_type(object, json_type_object) ||
        json_object_object_add(object, key, value) != 0) {
        json_object_put(value);
    }
    return object;
}

dossier_json_t *dossier_json_set(dossier_json_t *object, const char *key, const char *text)
{
    return put(object, key, text ? json_object_new_string(text) : NULL);
}

dossier_json_t *dossier_json_set_int(dossier_json_t *object, const char *key, apr_int64_t number)
{
    return put(object, key, json_object_new_int64(number));
}

dossier_json_t *dossier_json_set_bool(dossier_json_t *object, const char *key, int truth)
{
    return put(object, key, json_object_new_boolean(truth != 0));
}

dossier_json_t *dossier_json_set_value(dossier_json_t *object, const char *key,
                                       dossier_json_t *value)
{
    return put(object, key, json_object_get(value));
}

void dossier_json_remove(dossier_json_t *object, const char *key)
{
    if (json_object_is_type(object, json_type_object)) {
        json_object_object_del(object, key);
    }
}

/* Gives a reference away to the array. */
static void append(dossier_json_t *array, dossier_json_t *value)
{
    if (!json_object_is_type(array, json_type_array) || json_object_array_add(array, value) != 0) {
        json_object_put(value);
    }
}

void dossier_json_append(dossier_json_t *array, dossier_json_t *value)
{
    append(array, json_object_get(value));
}

void dossier_json_append_text(dossier_json_t *array, const char *text)
{
    append(array, text ? json_object_new_string(text) : NULL);
}

dossier_json_t *dossier_json_texts(const apr_array_header_t *texts, apr_pool_t *pool)
{
    dossier_json_t *array = dossier_json_array(pool);

    for (int i = 0; i < texts->nelts; i++) {
        dossier_json_append_text(array, APR_ARRAY_IDX(texts, i, const char *));
    }
    return array;
}

/* NULL also for a text with a NUL in it, which a C string would cut short. */
static const char *text_of(dossier_json_t *value)
{
    const char *text;

    if (!json_object_is_type(value, json_type_string)) {
        return NULL;
    }
    text = json_object_get_string(value);
    return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

dossier_json_t *dossier_json_get_value(const dossier_json_t *object, const char *key)
{
    dossier_json_t *value = NULL;

    if (json_object_is_type(object, json_type_object)) {
        json_object_object_get_ex(object, key, &value);
    }
    return value;
}

const char *dossier_json_get(const dossier_json_t *object, const char *key)
{
    return text_of(dossier_json_get_value(object, key));
}

apr_int64_t dossier_json_get_int(const dossier_json_t *object, const char *key,
                                 apr_int64_t fallback)
{
    dossier_json_t *value = dossier_json_get_value(object, key);

    return dossier_json_type(value) == DOSSIER_JSON_INTEGER ? json_object_get_int64(value)
                                                            : fallback;
}

int dossier_json_get_bool(const dossier_json_t *object, const char *key, int fallback)
{
    dossier_json_t *value = dossier_json_get_value(object, key);

    return json_object_is_type(value, json_type_boolean) ? json_object_get_boolean(value)
                                                         : fallback;
}

apr_size_t dossier_json_length(const dossier_json_t *array)
{
    return json_object_is_type(array, json_type_array) ? json_object_array_length(array) : 0;
}

dossier_json_t *dossier_json_at(const dossier_json_t *array, apr_size_t index)
{
    return index < dossier_json_length(array) ? json_object_array_get_idx(array, index) : NULL;
}

const char *dossier_json_text_at(const dossier_json_t *array, apr_size_t index)
{
    return text_of(dossier_json_at(array, index));
}

/* json-c stops at the limits of 64 bits without a word, so a number at a limit may have been
 * larger. */
static int within_64_bits(const dossier_json_t *value)
{
    return json_object_get_int64(value) > INT64_MIN &&
           json_object_get_uint64(value) <= (uint64_t)INT64_MAX;
}

dossier_json_type_t dossier_json_type(const dossier_json_t *value)
{
    switch (json_object_get_type(value)) {
    case json_type_boolean:
        return DOSSIER_JSON_BOOL;
    case json_type_double:
        return DOSSIER_JSON_NUMBER;
    case json_type_int:
        return within_64_bits(value) ? DOSSIER_JSON_INTEGER : DOSSIER_JSON_NUMBER;
    case json_type_string:
        return DOSSIER_JSON_STRING;
    case json_type_object:
        return DOSSIER_JSON_OBJECT;
    case json_type_array:
        return DOSSIER_JSON_ARRAY;
    default:
        return DOSSIER_JSON_NULL;
    }
}

void dossier_json_each(const dossier_json_t *object,
                       int (*each)(void *context, const char *key, dossier_json_t *value),
                       void *context)
{
    if (json_object_is_type(object, json_type_object)) {
        json_object_object_foreach((dossier_json_t *)object, key, value)
        {
            if (!each(context, key, value)) {
                return;
            }
        }
    }
}

const char *dossier_json_text(const dossier_json_t *value, apr_pool_t *pool)
{
    return apr_pstrdup(pool, json_object_to_json_string_ext((dossier_json_t *)value,
                                                            JSON_C_TO_STRING_PLAIN |
                                                                JSON_C_TO_STRING_NOSLASHESCAPE));
}
