/* Registering: the profile, the code sent to the mobile given at acceptance, the account. */
#include "domain/contact.h"
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

/* Everything that can be said about the form without the database, at once. */
static void check_registration(dossier_fields_t *fields, dossier_json_t *arguments,
                               dossier_exchange_t *x, dossier_json_t *body)
{
    dossier_json_t *profile = dossier_portal_object(body, "profile");
    dossier_json_t *consent = dossier_portal_object(body, "consent");
    dossier_json_t *macs;

    dossier_fields_check(fields, body, registration_shape, NULL);
    dossier_portal_consent_check(fields, consent, "portal");
    dossier_portal_profile_check(fields, profile, x->language);
    dossier_portal_password_check(fields, "password", dossier_json_get(body, "password"), profile);
    macs = dossier_portal_slip_macs(fields, x, body,
                                    profile ? dossier_json_get(profile, "codice_fiscale") : NULL);
    dossier_json_set_value(arguments, "profile", profile);
    dossier_json_set_value(arguments, "consent", consent);
    dossier_json_set_value(arguments, "macs", macs);
}

/* Hashed for who may start now: what is refused costs no work, and who shows a slip waits in no
   line of strangers. 0: answered. */
static int hash_password(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                         const char *password)
{
    const dossier_json_t *profile = dossier_json_get_value(arguments, "profile");
    dossier_json_t *result;
    int proved;

    if (!dossier_portal_slip_call(rc, &result, x, &dossier_fn.registration_look, arguments)) {
        return 0;
    }
    proved = dossier_json_get_bool(result, "proved", 0);
    return dossier_portal_password_hash(
        rc, arguments, x, password, proved ? DOSSIER_WORKER_KNOWN : DOSSIER_WORKER_STRANGER,
        proved ? dossier_json_get(profile, "codice_fiscale") : NULL);
}

int dossier_portal_registration_start(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    const dossier_json_t *profile;
    dossier_json_t *result;
    int rc;
    const dossier_json_t *body = dossier_body_checked(&rc, arguments, x, check_registration);

    if (!body || !hash_password(&rc, arguments, x, dossier_json_get(body, "password")) ||
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
