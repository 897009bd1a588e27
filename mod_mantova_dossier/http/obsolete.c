#include "http/obsolete.h"

#include <httpd.h>
#include <http_log.h>

#include "vault/vault.h"

APLOG_USE_MODULE(mantova_dossier);

void dossier_obsolete_drop_object(dossier_exchange_t *x, const char *object_id)
{
    apr_status_t status = dossier_vault_remove(x->config->vault, object_id, x->pool);

    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, status, x->r,
                      "DOS0040: object %s could not be removed from the vault; the sweep tries "
                      "again. If that fails too, check the permissions of DossierVault",
                      object_id);
    }
}

void dossier_obsolete_drop(dossier_exchange_t *x, dossier_json_t *result)
{
    const dossier_json_t *obsolete = dossier_json_get_value(result, "obsolete");

    for (apr_size_t i = 0; i < dossier_json_length(obsolete); ++i) {
        const char *object_id = dossier_json_text_at(obsolete, i);

        if (object_id) {
            dossier_obsolete_drop_object(x, object_id);
        }
    }
    dossier_json_remove(result, "obsolete");
}
