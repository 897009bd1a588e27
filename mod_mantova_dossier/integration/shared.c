#include "integration/shared.h"

#include <apr_lib.h>
#include <http_log.h>

#include <string.h>

APLOG_USE_MODULE(mantova_dossier);

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

int dossier_integration_outcome_is(const dossier_json_t *result, const char *outcome)
{
    const char *found = dossier_json_get(result, "outcome");

    return found && !strcmp(found, outcome);
}

void dossier_integration_drop_object(dossier_exchange_t *x, const char *object_id)
{
    apr_status_t status = dossier_vault_remove(x->config->vault, object_id, x->pool);

    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, status, x->r,
                      "DOS0302: object %s could not be removed from the vault; the sweep tries "
                      "again, check the folder of DossierVault if it does not succeed",
                      object_id);
    }
}

void dossier_integration_drop_obsolete(dossier_exchange_t *x, dossier_json_t *result)
{
    const dossier_json_t *obsolete = dossier_json_get_value(result, "obsolete");

    for (apr_size_t i = 0; i < dossier_json_length(obsolete); ++i) {
        const char *object_id = dossier_json_text_at(obsolete, i);

        if (object_id) {
            dossier_integration_drop_object(x, object_id);
        }
    }
    dossier_json_remove(result, "obsolete");
}
