/* The patients of an account, and the activation of a dossier with the code of the pick-up slip. */
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
    return dossier_call_answer(x, &dossier_fn.patient_list, dossier_call_arguments(x), HTTP_OK);
}

/* Typing errors are found here and cost no try. */
static void check_activation(dossier_fields_t *fields, dossier_json_t *arguments,
                             dossier_exchange_t *x, dossier_json_t *body)
{
    dossier_json_t *consent;
    dossier_cf_t cf = {.text = NULL};

    dossier_fields_check(fields, body, activation_shape, NULL);
    consent = dossier_portal_object(body, "consent");
    dossier_portal_consent_check(fields, consent, "dossier");
    dossier_cf_check(&cf, fields, "codice_fiscale", dossier_json_get(body, "codice_fiscale"));
    dossier_json_set_value(arguments, "consent", consent);
    dossier_json_set(arguments, "codice_fiscale", cf.text);
    dossier_json_set_value(arguments, "macs", dossier_portal_slip_macs(fields, x, body, cf.text));
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

int dossier_portal_activation_complete(dossier_exchange_t *x)
{
    const dossier_json_t *body;
    dossier_json_t *result;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments || !(body = dossier_body_checked(&rc, arguments, x, check_activation))) {
        return rc;
    }
    /* counts a try before anything is compared */
    if (!dossier_call(&rc, &result, x, &dossier_fn.activation_begin, arguments)) {
        return rc;
    }
    dossier_json_set_value(arguments, "other_macs", other_macs(x, body, result));
    return dossier_portal_slip_call(&rc, &result, x, &dossier_fn.activation_complete, arguments)
               ? dossier_answer_ok(x, result, HTTP_OK)
               : rc;
}
