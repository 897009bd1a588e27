/* The patients of an account, and the activation of a dossier with the code of the pick-up slip. */
#include "store/patients.h"

#include "domain/codice_fiscale.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"

static const dossier_field_t activation_shape[] = {
    {"consent", DOSSIER_FIELD_OBJECT, 0, 1},
    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"activation_code", DOSSIER_FIELD_STRING, 40, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_patient_list(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_store_patient_list(&result, x->db, x->account_id, x->address, x->pool);

    return dossier_answer_result(x, status, result, HTTP_OK);
}

/* Fills in what the body says. Typing errors are found here and cost no try. */
static dossier_fields_t *check_activation(dossier_activation_t *activation, dossier_exchange_t *x,
                                          dossier_json_t *body)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    const char *typed_cf;
    const char *error;
    dossier_cf_t cf = {.text = NULL};

    dossier_fields_check(fields, body, activation_shape, NULL);
    activation->consent = dossier_portal_object(body, "consent");
    dossier_portal_consent_check(fields, activation->consent, "dossier");
    typed_cf = dossier_json_get(body, "codice_fiscale");
    error = typed_cf ? dossier_cf_parse(&cf, typed_cf, x->pool) : NULL;
    if (error) {
        dossier_fields_error(fields, "codice_fiscale", error);
    }
    activation->macs = dossier_portal_slip_macs(fields, x, body, cf.text);
    activation->codice_fiscale = cf.text;
    return fields;
}

/* The slip may have been made for another codice fiscale of the patient's than the one typed. */
static dossier_json_t *other_macs(dossier_exchange_t *x, const dossier_json_t *body,
                                  const dossier_json_t *begun)
{
    const dossier_json_t *codes = dossier_json_get_value(begun, "codici_fiscali");
    dossier_fields_t *fields = dossier_fields_make(x->pool); /* the code was checked already */
    dossier_json_t *macs = dossier_json_array(x->pool);

    for (apr_size_t i = 0; i < dossier_json_length(codes); i++) {
        dossier_json_append(
            macs, dossier_portal_slip_macs(fields, x, body, dossier_json_text_at(codes, i)));
    }
    return macs;
}

int dossier_portal_patient_activate(dossier_exchange_t *x)
{
    dossier_activation_t activation = {.account_id = x->account_id, .address = x->address};
    dossier_fields_t *fields;
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    activation.patient_id = dossier_portal_id(&rc, x);
    if (!activation.patient_id || !(body = dossier_body_read(&rc, x, NULL))) {
        return rc;
    }
    fields = check_activation(&activation, x, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_activation_begin(&result, x->db, x->account_id, activation.patient_id,
                                            x->address, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    activation.other_macs = other_macs(x, body, result);
    status = dossier_store_activate(&result, x->db, &activation, x->pool);
    dossier_portal_slip_note(x, status, result);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
