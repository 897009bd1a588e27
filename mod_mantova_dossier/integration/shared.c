#include "integration/shared.h"

#include <apr_lib.h>

#include <string.h>

#define MAX_ID 64

static int is_identifier(const char *id)
{
    apr_size_t length = strlen(id);

    if (length < 1 || length > MAX_ID) {
        return 0;
    }
    for (; *id; ++id) {
        if (!apr_isalnum(*id) && !strchr("._:~-", *id)) {
            return 0;
        }
    }
    return 1;
}

dossier_json_t *dossier_integration_arguments(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);

    dossier_json_set(arguments, "external_id", x->param[0]);
    dossier_json_set(arguments, "if_match", apr_table_get(x->r->headers_in, "If-Match"));
    return dossier_json_set(arguments, "if_none_match",
                            apr_table_get(x->r->headers_in, "If-None-Match"));
}

dossier_json_t *dossier_integration_named(int *rc, dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);

    dossier_integration_check_id(fields, "external_id", x->param[0]);
    if (!dossier_fields_ok(fields)) {
        *rc = dossier_problem_fields(x, fields);
        return NULL;
    }
    return dossier_integration_arguments(x);
}

void dossier_integration_check_id(dossier_fields_t *fields, const char *field, const char *id)
{
    if (!is_identifier(id)) {
        dossier_fields_error(fields, field, "identifier");
    }
}

void dossier_integration_preview(dossier_json_t *answer, const char *would,
                                 dossier_json_t *warnings, apr_pool_t *pool)
{
    dossier_json_set_bool(answer, "dry_run", 1);
    dossier_json_set(answer, "would", would);
    dossier_json_set_value(answer, "errors", dossier_json_array(pool));
    dossier_json_set_value(answer, "warnings", warnings ? warnings : dossier_json_array(pool));
}
