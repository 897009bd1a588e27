/* What the account agreed to: its history, consenting to a new version, taking consent back. */
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
    return dossier_call_answer(x, &dossier_fn.consent_list, dossier_call_arguments(x), HTTP_OK);
}

static void check_consent(dossier_fields_t *fields, dossier_json_t *arguments,
                          dossier_exchange_t *x, dossier_json_t *body)
{
    dossier_json_t *consent = dossier_portal_object(body, "consent");
    const char *patient_id;

    (void)x;
    dossier_fields_check(fields, body, consent_shape, NULL);
    patient_id = dossier_json_get(body, "patient_id");
    /* a patient makes it the notice of a dossier; without one it is the portal's */
    dossier_portal_consent_check(fields, consent, patient_id ? "dossier" : "portal");
    dossier_json_set(arguments, "patient_id", patient_id);
    dossier_json_set_value(arguments, "consent", consent);
}

int dossier_portal_consent_give(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    const char *patient_id;
    int rc;

    if (!dossier_body_checked(&rc, arguments, x, check_consent)) {
        return rc;
    }
    patient_id = dossier_json_get(arguments, "patient_id");
    if (patient_id && !dossier_secrets_is_uuid(patient_id)) {
        return dossier_problem(x, "not_found", NULL);
    }
    return dossier_call_answer(x, &dossier_fn.consent_give, arguments, HTTP_CREATED);
}

int dossier_portal_consent_withdraw(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "consent_id");

    if (!arguments || !dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    return dossier_call_answer(x, &dossier_fn.consent_withdraw, arguments, HTTP_OK);
}
