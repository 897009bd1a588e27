#include "base/template.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_tables.h>

#include <string.h>

/* The value of a {name} the text starts with; *length is that of the placeholder. */
static const char *value_at(apr_size_t *length, const char *text,
                            const dossier_template_value_t *values)
{
    if (*text != '{') {
        return NULL;
    }
    for (; values->name; values++) {
        apr_size_t name = strlen(values->name);
        if (!strncmp(text + 1, values->name, name) && text[name + 1] == '}') {
            *length = name + 2;
            return values->value;
        }
    }
    return NULL;
}

static int is_unreserved(unsigned char c)
{
    return c < 0x80 && (apr_isalnum(c) || (c && strchr("-._~", c)));
}

static void escape_one(char out[7], unsigned char c, dossier_template_escape_t escape)
{
    out[0] = (char)c;
    out[1] = '\0';
    if (escape == DOSSIER_TEMPLATE_URL && !is_unreserved(c)) {
        apr_snprintf(out, 7, "%%%02X", c);
    } else if (escape == DOSSIER_TEMPLATE_JSON && (c < 0x20 || c == '"' || c == '\\')) {
        apr_snprintf(out, 7, "\\u%04X", c);
    } else if (escape == DOSSIER_TEMPLATE_HEADER && (c < 0x20 || c == 0x7F)) {
        out[0] = ' ';
    }
}

static const char *escaped(const char *value, dossier_template_escape_t escape, apr_pool_t *pool)
{
    char *out = apr_palloc(pool, 6 * strlen(value) + 1);
    char *end = out;
    for (; *value; value++) {
        char one[7];
        escape_one(one, (unsigned char)*value, escape);
        end = apr_cpystrn(end, one, sizeof(one));
    }
    *end = '\0';
    return out;
}

const char *dossier_template_expand(const char *template, const dossier_template_value_t *values,
                                    dossier_template_escape_t escape, apr_pool_t *pool)
{
    apr_array_header_t *pieces = apr_array_make(pool, 8, sizeof(const char *));
    const char *start = template;
    const char *text = template;
    while (*text) {
        apr_size_t length = 1;
        const char *value = value_at(&length, text, values);
        if (value) {
            APR_ARRAY_PUSH(pieces, const char *) = apr_pstrmemdup(pool, start, text - start);
            APR_ARRAY_PUSH(pieces, const char *) = escaped(value, escape, pool);
            start = text + length;
        }
        text += length;
    }
    APR_ARRAY_PUSH(pieces, const char *) = start;
    return apr_array_pstrcat(pool, pieces, 0);
}

const char *dossier_template_lacks(const char *template, const char *prefix,
                                   const dossier_template_value_t *values, apr_pool_t *pool)
{
    const char *start = apr_pstrcat(pool, "{", prefix, NULL);
    const char *at = template;
    while ((at = strstr(at, start))) {
        apr_size_t length;
        if (!value_at(&length, at, values)) {
            return apr_pstrmemdup(pool, at + 1, strcspn(at + 1, "}"));
        }
        at += length;
    }
    return NULL;
}
