#include "http/query.h"

#include <apr_strings.h>

#include <string.h>

#include "http/route.h"

/* The next name and value, decoded; a part that cannot be is NULL. 0: there is none left. */
static int next_pair(char **name, char **value, const char **pairs, apr_pool_t *pool)
{
    while (**pairs) {
        const char *pair = ap_getword(pool, pairs, '&');

        if (*pair) {
            *name = ap_getword(pool, &pair, '=');
            *value = apr_pstrdup(pool, pair);
            *name = ap_unescape_urlencoded(*name) == OK ? *name : NULL;
            *value = ap_unescape_urlencoded(*value) == OK ? *value : NULL;
            return 1;
        }
    }
    return 0;
}

/* Whether `names` holds this name, whole. */
static int holds(const char *names, const char *name)
{
    apr_size_t length = strlen(name);

    for (names += strspn(names, " "); *names;
         names += strcspn(names, " "), names += strspn(names, " ")) {
        if (strcspn(names, " ") == length && !strncmp(names, name, length)) {
            return 1;
        }
    }
    return 0;
}

void dossier_query_check(dossier_fields_t *fields, const char *args, const char *names)
{
    const char *pairs = args ? args : "";
    const char *taken = "";
    char *name;
    char *value;

    if (!strcmp(names, DOSSIER_QUERY_ANY)) {
        return;
    }
    while (next_pair(&name, &value, &pairs, fields->pool)) {
        if (!name || !holds(names, name)) {
            dossier_fields_error(fields, dossier_fields_shown(name, "query"),
                                 name ? "unknown" : "characters");
        } else if (holds(taken, name)) {
            dossier_fields_error(fields, name, "repeated");
        } else {
            taken = apr_pstrcat(fields->pool, taken, " ", name, NULL);
            if (!value) {
                dossier_fields_error(fields, name, "characters");
            }
        }
    }
}

const char *dossier_form_value(const char *pairs, const char *wanted, apr_pool_t *pool)
{
    char *name;
    char *value;

    while (next_pair(&name, &value, &pairs, pool)) {
        if (name && !strcmp(name, wanted)) {
            return value ? value : "";
        }
    }
    return NULL;
}

const char *dossier_query(dossier_exchange_t *x, const char *name)
{
    return dossier_form_value(x->r->args ? x->r->args : "", name, x->pool);
}

int dossier_query_true(dossier_fields_t *fields, dossier_exchange_t *x, const char *name)
{
    const char *text = dossier_query(x, name);

    if (text && strcmp(text, "true") && strcmp(text, "false")) {
        dossier_fields_error(fields, name, "choice");
    }
    return text && !strcmp(text, "true");
}
