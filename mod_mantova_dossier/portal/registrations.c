/* Registering: the profile, the code sent to the mobile given at acceptance, the account. */
#include "store/registrations.h"

#include "domain/contacts.h"
#include "domain/password_policy.h"
#include "http/session.h"
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
static dossier_fields_t *check_registration(dossier_registration_t *registration,
                                            dossier_exchange_t *x, dossier_json_t *body)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *profile = dossier_portal_object(body, "profile");
    const char *password;
    const char *refusal;

    dossier_fields_check(fields, body, registration_shape, NULL);
    dossier_portal_consent_check(fields, dossier_portal_object(body, "consent"), "portal");
    dossier_portal_profile_check(fields, profile, x->language);
    password = dossier_json_get(body, "password");
    if (password) {
        refusal = dossier_password_refusal(
            password, dossier_portal_profile_personal(profile, x->pool), x->pool);
        if (refusal) {
            dossier_fields_error_max(fields, "password", refusal, DOSSIER_PASSWORD_MAX);
        }
    }
    registration->profile = profile;
    registration->consent = dossier_portal_object(body, "consent");
    registration->macs = dossier_portal_slip_macs(
        fields, x, body, profile ? dossier_json_get(profile, "codice_fiscale") : NULL);
    return fields;
}

/* Hashed for who may start now: what is refused costs no work, and who shows a slip waits in no
   line of strangers. 0: answered. */
static int hash_password(int *rc, dossier_registration_t *registration, dossier_exchange_t *x,
                         const char *password)
{
    dossier_json_t *result;
    int proved;
    apr_status_t status = dossier_store_registration_look(&result, x->db, registration, x->pool);

    dossier_portal_slip_note(x, status, result);
    if (!dossier_call_succeeded(rc, x, status, result)) {
        return 0;
    }
    proved = dossier_json_get_bool(result, "proved", 0);
    registration->password_hash = dossier_portal_password_hash(
        rc, x, password, proved ? DOSSIER_WORKER_KNOWN : DOSSIER_WORKER_STRANGER,
        proved ? dossier_json_get(registration->profile, "codice_fiscale") : NULL);
    return registration->password_hash != NULL;
}

int dossier_portal_registration_start(dossier_exchange_t *x)
{
    dossier_registration_t registration = {.address = x->address};
    dossier_fields_t *fields;
    dossier_json_t *body;
    dossier_json_t *result;
    const char *mobile;
    apr_status_t status;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    fields = check_registration(&registration, x, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    if (!hash_password(&rc, &registration, x, dossier_json_get(body, "password")) ||
        !(registration.code = dossier_portal_code_make(&rc, x))) {
        return rc;
    }
    status = dossier_store_registration_start(&result, x->db, &registration, x->pool);
    dossier_portal_slip_note(x, status, result);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    mobile = dossier_json_get(registration.profile, "mobile");
    dossier_json_set(result, "sent_to", dossier_mobile_mask(mobile, x->pool));
    return dossier_answer_result(x, status, result, HTTP_ACCEPTED);
}

int dossier_portal_registration_resend(dossier_exchange_t *x)
{
    dossier_json_t *result;
    dossier_json_t *code;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id || !dossier_portal_empty_read(&rc, x) || !(code = dossier_portal_code_make(&rc, x))) {
        return rc;
    }
    status = dossier_store_registration_resend(&result, x->db, id, code, x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_ACCEPTED);
}

/* Counts the try, then says which MAC proves the digits. 0: answered. */
static int try_digits(int *rc, dossier_registration_proof_t *proof, dossier_exchange_t *x,
                      const char *digits)
{
    dossier_json_t *result;
    apr_status_t status = dossier_store_registration_try(&result, x->db, proof->id, x->address,
                                                         x->config->keyring, x->pool);

    if (!dossier_call_succeeded(rc, x, status, result)) {
        return 0;
    }
    proof->code_id = dossier_json_get(result, "code_id");
    proof->mac = dossier_portal_digits_mac(rc, x, result, digits);
    return proof->mac != NULL;
}

int dossier_portal_registration_verify(dossier_exchange_t *x)
{
    dossier_registration_proof_t proof = {.address = x->address};
    dossier_session_token_t token;
    dossier_json_t *result;
    const char *digits;
    apr_status_t status;
    int rc;

    proof.id = dossier_portal_id(&rc, x);
    if (!proof.id || !(digits = dossier_portal_digits_read(&rc, x)) ||
        !try_digits(&rc, &proof, x, digits)) {
        return rc;
    }
    token = dossier_session_token(x->pool);
    proof.session = dossier_portal_session_argument(x, &token);
    status = dossier_store_registration_complete(&result, x->db, &proof, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    return dossier_portal_session_answer(x, &token, result, HTTP_CREATED);
}
