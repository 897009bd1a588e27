#include "portal/list_query.h"

#include <apr_lib.h>
#include <apr_strings.h>

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 100

static int read_limit(dossier_fields_t *fields, const char *text)
{
    char *end;
    apr_int64_t limit;

    if (!text) {
        return LIMIT_DEFAULT;
    }
    limit = apr_strtoi64(text, &end, 10);
    if (!apr_isdigit(*text) || *end || limit < 1 || limit > LIMIT_MAX) {
        dossier_fields_error(fields, "limit", "range");
        return LIMIT_DEFAULT;
    }
    return (int)limit;
}

dossier_json_t *dossier_portal_list_query(dossier_json_t *arguments, dossier_fields_t *fields,
                                          dossier_exchange_t *x, const dossier_field_t *shape)
{
    dossier_json_t *sent = dossier_json_object(x->pool);

    for (const dossier_field_t *field = shape; field->name; field++) {
        const char *value = dossier_query(x, field->name);

        if (value) {
            dossier_json_set(sent, field->name, value);
        }
    }
    dossier_fields_check(fields, sent, shape, NULL);
    dossier_json_set_int(arguments, "limit", read_limit(fields, dossier_json_get(sent, "limit")));
    dossier_json_set(arguments, "cursor", dossier_json_get(sent, "cursor"));
    return sent;
}
