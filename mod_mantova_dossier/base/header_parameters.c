#include "base/header_parameters.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include <string.h>
#include <strings.h>

int dossier_header_is_token(char c)
{
    return apr_isalnum(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *skip_blanks(const char *at)
{
    return at + strspn(at, " \t");
}

/* A quoted string behind its opening quote; *at ends behind the closing one. NULL when it never
 * closes. */
static const char *quoted_string(const char **at, apr_pool_t *pool)
{
    const char *in = *at;
    const char *end = in;
    char *text;
    char *out;

    while (*end && *end != '"') {
        end += *end == '\\' && end[1] ? 2 : 1;
    }
    if (!*end) {
        return NULL;
    }
    text = out = apr_palloc(pool, end - in + 1);
    while (in < end) {
        if (*in == '\\') {
            ++in;
        }
        *out++ = *in++;
    }
    *out = '\0';
    *at = end + 1;
    return text;
}

/* The next "; name=value". 1: found, 0: no more, -1: malformed. Unquoted values may hold what
   strictly needs quotes (slashes, equal signs): senders write boundaries so. */
static int next_parameter(const char **at, const char **name, const char **value, apr_pool_t *pool)
{
    const char *in = skip_blanks(*at);
    apr_size_t length = 0;

    if (!*in) {
        return 0;
    }
    if (*in != ';') {
        return -1;
    }
    in = skip_blanks(in + 1);
    if (!*in) {
        return 0;
    }
    while (dossier_header_is_token(in[length])) {
        ++length;
    }
    *name = apr_pstrndup(pool, in, length);
    in = skip_blanks(in + length);
    if (!length || *in != '=') {
        return -1;
    }
    in = skip_blanks(in + 1);
    if (*in == '"') {
        ++in;
        *value = quoted_string(&in, pool);
    } else {
        length = strcspn(in, "; \t\"");
        *value = length ? apr_pstrndup(pool, in, length) : NULL;
        in += length;
    }
    *at = in;
    return *value ? 1 : -1;
}

apr_status_t dossier_header_parameter(const char **value, const char *parameters,
                                      const char *wanted, apr_pool_t *pool)
{
    const char *name;
    const char *text;
    int found;

    *value = NULL;
    while ((found = next_parameter(&parameters, &name, &text, pool)) == 1) {
        if (!strcasecmp(name, wanted)) {
            if (*value) {
                return APR_EINVAL;
            }
            *value = text;
        }
    }
    return found == 0 ? APR_SUCCESS : APR_EINVAL;
}
