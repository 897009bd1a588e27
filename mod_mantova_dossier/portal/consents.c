/* What the account agreed to: its history, consenting to a new version, taking consent back. */
#include "store/consents.h"

#include "base/secrets.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t consent_shape[] = {
    {"consent", DOSSIER_FIELD_OBJECT, 0, 1},
    {"patient_id", DOSSIER_FIELD_STRING, 36, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_consent_list(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status = dossier_store_consent_list(&result, x->db, x->account_id, x->session_id,
                                                     x->address, x->pool);

    return dossier_answer_result(x, status, result, HTTP_OK);
}

/* A patient makes it the notice of a dossier; without one it is the portal's. */
static dossier_fields_t *check_consent(dossier_consent_t *consent, dossier_exchange_t *x,
                                       dossier_json_t *body)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);

    dossier_fields_check(fields, body, consent_shape, NULL);
    consent->patient_id = dossier_json_get(body, "patient_id");
    consent->consent = dossier_portal_object(body, "consent");
    dossier_portal_consent_check(fields, consent->consent,
                                 consent->patient_id ? "dossier" : "portal");
    return fields;
}

int dossier_portal_consent_give(dossier_exchange_t *x)
{
    dossier_consent_t consent = {.account_id = x->account_id, .address = x->address};
    dossier_fields_t *fields;
    dossier_json_t *result;
    dossier_json_t *body;
    apr_status_t status;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    fields = check_consent(&consent, x, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    if (consent.patient_id && !dossier_secrets_is_uuid(consent.patient_id)) {
        return dossier_problem(x, "not_found", NULL);
    }
    status = dossier_store_consent_give(&result, x->db, &consent, x->pool);
    return dossier_answer_result(x, status, result, HTTP_CREATED);
}

int dossier_portal_consent_withdraw(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id || !dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    status =
        dossier_store_consent_withdraw(&result, x->db, x->account_id, id,
                                       dossier_json_get(arguments, "proof"), x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
