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

dossier_external_t dossier_integration_key(const dossier_exchange_t *x)
{
    dossier_external_t key = {x->integrator_id,
                              x->key_id,
                              x->param[0],
                              x->address,
                              apr_table_get(x->r->headers_in, "If-Match"),
                              apr_table_get(x->r->headers_in, "If-None-Match")};

    return key;
}

dossier_json_t *dossier_integration_arguments(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);

    dossier_json_set(arguments, "external_id", x->param[0]);
    dossier_json_set(arguments, "if_match", apr_table_get(x->r->headers_in, "If-Match"));
    return dossier_json_set(arguments, "if_none_match",
                            apr_table_get(x->r->headers_in, "If-None-Match"));
}

void dossier_integration_check_id(dossier_fields_t *fields, const char *field, const char *id)
{
    if (!is_identifier(id)) {
        dossier_fields_error(fields, field, "identifier");
    }
}

int dossier_integration_codice_fiscale(dossier_cf_t *cf, dossier_fields_t *fields,
                                       const char *field, const char *text)
{
    const char *error;

    if (!text) {
        return 0;
    }
    error = dossier_cf_parse(cf, text, fields->pool);
    if (error) {
        dossier_fields_error(fields, field, error);
    }
    return !error;
}
