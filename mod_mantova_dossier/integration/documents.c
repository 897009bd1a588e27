/* Publishing a document. */
#include <httpd.h>
#include <http_log.h>

#include <string.h>

#include "config/vault_match.h"
#include "http/obsolete.h"
#include "integration/integration.h"
#include "integration/shared.h"
#include "integration/upload.h"

APLOG_USE_MODULE(mantova_dossier);

static void log_publication(const dossier_exchange_t *x, const dossier_json_t *result,
                            const char *object_id)
{
    const char *changed = dossier_json_get(result, "changed");
    const char *id = dossier_json_get(result, "id");

    ap_log_rerror(
        APLOG_MARK, APLOG_INFO, 0, x->r,
        "DOS0301: integrator %s sent object %s: document %s %s, version %" APR_INT64_T_FMT,
        x->integrator_id, object_id, id ? id : "(no id)", changed ? changed : "stored",
        dossier_json_get_int(result, "version", 0));
}

/* When the answer was lost or could not be read the row may exist, and so must the file; the sweep
   removes it if not. */
static int publish(dossier_exchange_t *x, const dossier_upload_t *upload)
{
    dossier_json_t *result;
    apr_status_t status;
    int created;

    status = dossier_store_document_publish(&result, x->db, &upload->publication, &upload->receipt,
                                            upload->media_type, x->config->retention_days, x->pool);
    if (status == APR_ECONNABORTED || status == APR_EGENERAL) {
        return dossier_problem_db(x, status);
    }
    created = status == APR_SUCCESS && dossier_db_outcome_is(result, "created");
    if (!created && (status != APR_SUCCESS || !dossier_db_outcome_is(result, "ok"))) {
        dossier_obsolete_drop_object(x, upload->receipt.object_id);
        if (status == APR_SUCCESS) {
            dossier_vault_match_refused(result, x->r->server, x->db, x->pool);
        }
        return dossier_answer_result(x, status, result, HTTP_OK);
    }
    log_publication(x, result, upload->receipt.object_id);
    dossier_obsolete_drop(x, result);
    return dossier_answer_result(x, APR_SUCCESS, result, created ? HTTP_CREATED : HTTP_OK);
}

static const char *would(const dossier_json_t *result)
{
    static const char *const words[][2] = {
        {"created", "create"}, {"replaced", "replace"}, {"updated", "update"}};
    const char *changed = dossier_json_get(result, "changed");

    for (apr_size_t i = 0; changed && i < sizeof(words) / sizeof(words[0]); i++) {
        if (!strcmp(words[i][0], changed)) {
            return words[i][1];
        }
    }
    return "nothing";
}

/* What the same call would answer, without what it would only get then: the id of a new document.
 */
static int answer_dry_run(dossier_exchange_t *x, const dossier_upload_t *upload)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_store_document_dry_run(&result, x->db, &upload->publication, &upload->receipt,
                                       upload->media_type, x->config->retention_days, x->pool);

    if (status != APR_SUCCESS ||
        (!dossier_db_outcome_is(result, "created") && !dossier_db_outcome_is(result, "ok"))) {
        return dossier_answer_result(x, status, result, HTTP_OK);
    }
    dossier_json_set_bool(result, "dry_run", 1);
    dossier_json_set(result, "would", would(result));
    dossier_json_set_value(result, "errors", dossier_json_array(x->pool));
    dossier_json_set_value(result, "warnings", dossier_json_array(x->pool));
    for (const char *const *name =
             (const char *const[]){"outcome", "id", "changed", "obsolete", "tag", NULL};
         *name; name++) {
        dossier_json_remove(result, *name);
    }
    return dossier_answer(x, HTTP_OK, result);
}

int dossier_integration_document_put(dossier_exchange_t *x)
{
    dossier_upload_t upload;
    int rc;

    if (!dossier_integration_upload_receive(&rc, &upload, x)) {
        return rc;
    }
    return upload.dry_run ? answer_dry_run(x, &upload) : publish(x, &upload);
}
