/* Documents as hospital systems see them: published, replaced, asked after, let out, taken back. */
#include <httpd.h>
#include <http_log.h>

#include <string.h>

#include "config/vault_match.h"
#include "http/obsolete.h"
#include "integration/integration.h"
#include "integration/publication_upload.h"
#include "integration/shared.h"

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

/* The bytes are in the vault. Never by itself again: another publication may have replaced this one
   and removed its file meanwhile; the hospital's system sends the document again, which is a new
   file. When the answer was lost or could not be read the row may exist, and so must the file; the
   sweep removes it if not. */
static int publish(dossier_exchange_t *x, dossier_json_t *arguments)
{
    const char *object_id =
        dossier_json_get(dossier_json_get_value(arguments, "receipt"), "object_id");
    dossier_json_t *result;
    apr_status_t status =
        dossier_db_call(&result, x->db, &dossier_fn.publication_complete, arguments, x->pool);
    int created;
    int rc;

    if (status == APR_ECONNABORTED || status == APR_EGENERAL) {
        return dossier_problem_db(x, status);
    }
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        dossier_obsolete_drop_object(x, object_id);
        if (status == APR_SUCCESS) {
            dossier_vault_match_refused(result, x->r->server, x->pool);
        }
        return rc;
    }
    created = dossier_db_outcome_is(result, "created");
    log_publication(x, result, object_id);
    dossier_obsolete_drop(x, result);
    return dossier_answer_ok(x, result, created ? HTTP_CREATED : HTTP_OK);
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
static int preview(dossier_exchange_t *x, dossier_json_t *arguments)
{
    static const char *const left_out[] = {"outcome", "id", "changed", "obsolete", "tag", NULL};
    dossier_json_t *result;
    int rc;

    if (!dossier_call(&rc, &result, x, &dossier_fn.publication_dry_run, arguments)) {
        return rc;
    }
    dossier_integration_preview(result, would(result), NULL, x->pool);
    for (const char *const *name = left_out; *name; name++) {
        dossier_json_remove(result, *name);
    }
    return dossier_answer(x, HTTP_OK, result);
}

int dossier_integration_publication_put(dossier_exchange_t *x)
{
    int dry_run;
    int rc;
    dossier_json_t *arguments = dossier_publication_receive(&rc, &dry_run, x);

    if (!arguments) {
        return rc;
    }
    return dry_run ? preview(x, arguments) : publish(x, arguments);
}

int dossier_integration_publication_get(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;
    dossier_json_t *arguments = dossier_integration_named(&rc, x);

    return arguments && dossier_call(&rc, &result, x, &dossier_fn.publication_get, arguments)
               ? dossier_answer_ok(x, result, HTTP_OK)
               : rc;
}

int dossier_integration_publication_release(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"told_by_doctor", DOSSIER_FIELD_BOOL, 0, 0},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_json_t *result;
    dossier_json_t *body;
    int rc;
    dossier_json_t *arguments = dossier_integration_named(&rc, x);

    if (!arguments || !(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    dossier_json_set_bool(arguments, "told_by_doctor",
                          dossier_json_get_bool(body, "told_by_doctor", 0));
    dossier_json_set_int(arguments, "retention_days", x->config->retention_days);
    return dossier_call(&rc, &result, x, &dossier_fn.publication_release, arguments)
               ? dossier_answer_ok(x, result, HTTP_OK)
               : rc;
}

int dossier_integration_publication_delete(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *result;
    dossier_json_t *arguments = dossier_integration_named(&rc, x);

    if (!arguments || !dossier_call(&rc, &result, x, &dossier_fn.publication_withdraw, arguments)) {
        return rc;
    }
    dossier_obsolete_drop(x, result);
    return dossier_answer_ok(x, result, HTTP_OK);
}
