#include "base/fields.h"

#include <apr_strings.h>

#include <string.h>

#include "base/text.h"
#include "base/typed.h"

/* A body of unknown names only must not cost a comparison of each with each. */
enum { ERRORS_MAX = 64 };

dossier_fields_t *dossier_fields_make(apr_pool_t *pool)
{
    dossier_fields_t *fields = apr_palloc(pool, sizeof(*fields));

    fields->pool = pool;
    fields->errors = apr_array_make(pool, 4, sizeof(dossier_field_error_t));
    return fields;
}

void dossier_fields_error(dossier_fields_t *fields, const char *field, const char *code)
{
    dossier_fields_error_max(fields, field, code, 0);
}

void dossier_fields_error_max(dossier_fields_t *fields, const char *field, const char *code,
                              apr_size_t max)
{
    dossier_field_error_t *error;

    for (int i = 0; i < fields->errors->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(fields->errors, i, dossier_field_error_t).field, field)) {
            return;
        }
    }
    if (fields->errors->nelts >= ERRORS_MAX) {
        return;
    }
    error = apr_array_push(fields->errors);
    error->field = apr_pstrdup(fields->pool, field);
    error->code = apr_pstrdup(fields->pool, code);
    error->max = !strcmp(code, "too_long") ? max : 0;
}

int dossier_fields_ok(const dossier_fields_t *fields)
{
    return fields->errors->nelts == 0;
}

const char *dossier_fields_shown(const char *name, const char *instead)
{
    apr_size_t length = name ? strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-.")
                             : 0;

    return length && length <= 64 && !name[length] ? name : instead;
}

typedef struct {
    dossier_fields_t *fields;
    const dossier_field_t *shape;
    const char *prefix;
} check_t;

static void report(const check_t *check, const char *name, const char *code, apr_size_t max)
{
    dossier_fields_error_max(
        check->fields,
        check->prefix ? apr_pstrcat(check->fields->pool, check->prefix, ".", name, NULL) : name,
        code, max);
}

static int check_known(void *context, const char *key, dossier_json_t *value)
{
    const check_t *check = context;

    (void)value;
    for (const dossier_field_t *field = check->shape; field->name; field++) {
        if (!strcmp(field->name, key)) {
            return 1;
        }
    }
    report(check, key, "unknown", 0);
    return 1;
}

static int has_control(const char *text)
{
    const char *end = text + strlen(text);
    apr_uint32_t character;
    int read;

    while ((read = dossier_text_next(&character, &text, end)) != 0) {
        if (read < 0 || dossier_text_is_control(character)) {
            return 1;
        }
    }
    return 0;
}

/* The code of what is wrong with a text, or NULL. A text NULL holds a NUL (see json.h). */
static const char *text_error(const dossier_field_t *field, const char *text)
{
    if (!text || has_control(text)) {
        return "characters";
    }
    if (!*text) {
        return "empty";
    }
    if (field->max && dossier_text_length(text) > field->max) {
        return "too_long";
    }
    return NULL;
}

static void check_text(const check_t *check, const dossier_field_t *field, dossier_json_t *object)
{
    const char *text = dossier_json_get(object, field->name);
    const char *error;

    if (text && field->type == DOSSIER_FIELD_STRING) {
        const char *clean = dossier_typed_text(text, check->fields->pool);

        if (strcmp(clean, text)) {
            dossier_json_set(object, field->name, clean);
        }
        text = clean;
    }
    error = text_error(field, text);
    if (error) {
        report(check, field->name, error, field->max);
    }
}

static dossier_json_type_t wanted_type(dossier_field_type_t type)
{
    switch (type) {
    case DOSSIER_FIELD_BOOL:
        return DOSSIER_JSON_BOOL;
    case DOSSIER_FIELD_INTEGER:
        return DOSSIER_JSON_INTEGER;
    case DOSSIER_FIELD_OBJECT:
        return DOSSIER_JSON_OBJECT;
    default:
        return DOSSIER_JSON_STRING;
    }
}

static void check_field(const check_t *check, const dossier_field_t *field, dossier_json_t *object)
{
    dossier_json_type_t type = dossier_json_type(dossier_json_get_value(object, field->name));

    if (type == DOSSIER_JSON_NULL) {
        if (field->required) {
            report(check, field->name, "required", 0);
        }
        return;
    }
    if (type != wanted_type(field->type)) {
        report(check, field->name, "type", 0);
        return;
    }
    if (type == DOSSIER_JSON_STRING) {
        check_text(check, field, object);
    }
}

void dossier_fields_check(dossier_fields_t *fields, dossier_json_t *object,
                          const dossier_field_t *shape, const char *prefix)
{
    check_t check = {fields, shape, prefix};

    if (!object) {
        return;
    }
    if (dossier_json_type(object) != DOSSIER_JSON_OBJECT) {
        dossier_fields_error(fields, prefix ? prefix : "", "type");
        return;
    }
    for (const dossier_field_t *field = shape; field->name; field++) {
        check_field(&check, field, object);
    }
    dossier_json_each(object, check_known, &check);
}
