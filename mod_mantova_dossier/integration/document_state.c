/* What became of a document, letting it out, and taking it back. */
#include "http/obsolete.h"
#include "integration/integration.h"
#include "integration/shared.h"
#include "store/publications.h"

/* 1 when the external id may be asked for; else *rc is the answer. */
static int read_key(int *rc, dossier_external_t *key, dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);

    *key = dossier_integration_key(x);
    dossier_integration_check_id(fields, "external_id", key->external_id);
    if (!dossier_fields_ok(fields)) {
        *rc = dossier_problem_fields(x, fields);
        return 0;
    }
    return 1;
}

int dossier_integration_document_get(dossier_exchange_t *x)
{
    dossier_external_t key;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!read_key(&rc, &key, x)) {
        return rc;
    }
    status = dossier_store_document_state(&result, x->db, &key, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_integration_document_release(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"told_by_doctor", DOSSIER_FIELD_BOOL, 0, 0},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_external_t key;
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!read_key(&rc, &key, x) || !(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    status = dossier_store_document_release(&result, x->db, &key,
                                            dossier_json_get_bool(body, "told_by_doctor", 0),
                                            x->config->retention_days, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_integration_document_delete(dossier_exchange_t *x)
{
    dossier_external_t key;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!read_key(&rc, &key, x)) {
        return rc;
    }
    status = dossier_store_document_withdraw(&result, x->db, &key, x->pool);
    if (status == APR_SUCCESS) {
        dossier_obsolete_drop(x, result);
    }
    return dossier_answer_result(x, status, result, HTTP_OK);
}
