/* Registering: the profile, the code sent to the mobile given at acceptance, the account. */
#include "domain/contacts.h"
#include "domain/password_policy.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/profile_form.h"
#include "portal/steps.h"
#include "portal/verification.h"

static const dossier_field_t registration_shape[] = {
    {"activation_code", DOSSIER_FIELD_STRING, 40, 0}, {"consent", DOSSIER_FIELD_OBJECT, 0, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1}, /* its length is the policy's business */
    {"profile", DOSSIER_FIELD_OBJECT, 0, 1},          {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* Fills in what the form says. Everything that can be said about it without the database, at once.
 */
static dossier_fields_t *check_registration(dossier_json_t *arguments, dossier_exchange_t *x,
                                            dossier_json_t *body)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *profile = dossier_portal_object(body, "profile");
    dossier_json_t *consent = dossier_portal_object(body, "consent");
    const char *password;
    const char *refusal;

    dossier_fields_check(fields, body, registration_shape, NULL);
    dossier_portal_consent_check(fields, consent, "portal");
    dossier_portal_profile_check(fields, profile, x->language);
    password = dossier_json_get(body, "password");
    if (password) {
        refusal = dossier_password_refusal(
            password, dossier_portal_profile_personal(profile, x->pool), x->pool);
        if (refusal) {
            dossier_fields_error_max(fields, "password", refusal, DOSSIER_PASSWORD_MAX);
        }
    }
    dossier_json_set_value(arguments, "profile", profile);
    dossier_json_set_value(arguments, "consent", consent);
    dossier_json_set_value(
        arguments, "macs",
        dossier_portal_slip_macs(fields, x, body,
                                 profile ? dossier_json_get(profile, "codice_fiscale") : NULL));
    return fields;
}

/* Hashed for who may start now: what is refused costs no work, and who shows a slip waits in no
   line of strangers. 0: answered. */
static int hash_password(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                         const char *password)
{
    const dossier_json_t *profile = dossier_json_get_value(arguments, "profile");
    dossier_json_t *result;

    if (!dossier_portal_slip_call(rc, &result, x, &dossier_fn.registration_look, arguments)) {
        return 0;
    }
    return dossier_json_get_bool(result, "proved", 0)
               ? dossier_portal_password_hash(rc, arguments, x, password, DOSSIER_WORKER_KNOWN,
                                              dossier_json_get(profile, "codice_fiscale"))
               : dossier_portal_password_hash(rc, arguments, x, password, DOSSIER_WORKER_STRANGER,
                                              NULL);
}

int dossier_portal_registration_start(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    const dossier_json_t *profile;
    dossier_fields_t *fields;
    dossier_json_t *body;
    dossier_json_t *result;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    fields = check_registration(arguments, x, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    if (!hash_password(&rc, arguments, x, dossier_json_get(body, "password")) ||
        !dossier_portal_code_make(&rc, arguments, x) ||
        !dossier_portal_slip_call(&rc, &result, x, &dossier_fn.registration_start, arguments)) {
        return rc;
    }
    profile = dossier_json_get_value(arguments, "profile");
    dossier_json_set(result, "sent_to",
                     dossier_mobile_mask(dossier_json_get(profile, "mobile"), x->pool));
    return dossier_answer_ok(x, result, HTTP_ACCEPTED);
}

int dossier_portal_registration_resend(dossier_exchange_t *x)
{
    return dossier_portal_code_resend(x, &dossier_fn.registration_resend, NULL);
}

int dossier_portal_registration_verify(dossier_exchange_t *x)
{
    const char *digits;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "id");

    if (!arguments || !(digits = dossier_portal_digits_read(&rc, x)) ||
        !dossier_portal_digits_try(&rc, arguments, x, &dossier_fn.registration_try, digits)) {
        return rc;
    }
    return dossier_portal_session_start(x, &dossier_fn.registration_complete, arguments,
                                        HTTP_CREATED);
}
