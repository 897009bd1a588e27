/* A new password: by the old one, or when that is forgotten by a code to the account's mobile.
   Whoever asks for a code gets the same answer in the same time, whether an account has that login
   or not. */
#include "domain/codice_fiscale.h"
#include "http/session.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/profile_form.h"
#include "portal/steps.h"
#include "portal/verification.h"

#define RESET "password_reset"

static const dossier_field_t change_shape[] = {
    {"old_password", DOSSIER_FIELD_SECRET, 0, 1},
    {"new_password", DOSSIER_FIELD_SECRET, 0, 1}, /* its length is the policy's business */
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t reset_shape[] = {
    {"activation_code", DOSSIER_FIELD_STRING, 40, 0},
    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 0},
    {"login", DOSSIER_FIELD_STRING, 254, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t verification_shape[] = {
    {"code", DOSSIER_FIELD_STRING, 20, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1}, /* its length is the policy's business */
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* The body, its new password held against the person's own data. NULL: answered. */
static dossier_json_t *read_passwords(int *rc, dossier_exchange_t *x)
{
    dossier_json_t *body = dossier_body_read(rc, x, change_shape);
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *result;

    if (!body ||
        !dossier_call(rc, &result, x, &dossier_fn.profile_get, dossier_call_arguments(x))) {
        return NULL;
    }
    dossier_portal_password_check(fields, "new_password", dossier_json_get(body, "new_password"),
                                  dossier_json_get_value(result, "profile"));
    if (dossier_fields_ok(fields)) {
        return body;
    }
    *rc = dossier_problem_fields(x, fields);
    return NULL;
}

int dossier_portal_password_change(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;
    const dossier_json_t *body = read_passwords(&rc, x);

    if (!body ||
        !dossier_portal_password_again(&rc, arguments, x, dossier_json_get(body, "old_password")) ||
        !dossier_portal_password_hash(&rc, arguments, x, dossier_json_get(body, "new_password"),
                                      DOSSIER_WORKER_KNOWN, x->account_id) ||
        !dossier_portal_session_renew(&rc, &result, x, &dossier_fn.password_change, arguments)) {
        return rc;
    }
    return dossier_answer_empty(x);
}

/* Who it is, and what tells that it is not a stranger. An activation code belongs to a codice fiscale.
 */
static void check_reset(dossier_fields_t *fields, dossier_json_t *arguments, dossier_exchange_t *x,
                        dossier_json_t *body)
{
    dossier_cf_t cf = {.text = NULL};
    const char *typed;

    dossier_fields_check(fields, body, reset_shape, NULL);
    typed = dossier_json_get(body, "codice_fiscale");
    dossier_cf_check(&cf, fields, "codice_fiscale", typed);
    if (!typed && dossier_json_get(body, "activation_code")) {
        dossier_fields_error(fields, "codice_fiscale", "required");
    }
    dossier_json_set(arguments, "codice_fiscale", cf.text);
    dossier_json_set_value(arguments, "macs", dossier_portal_slip_macs(fields, x, body, cf.text));
    dossier_json_set(arguments, "device_hash", dossier_session_device(x));
    dossier_json_set(arguments, "language", x->language);
    if (dossier_fields_ok(fields)) {
        dossier_portal_login_spelling(arguments, dossier_json_get(body, "login"), x->pool);
    }
}

int dossier_portal_password_reset_start(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;

    if (!dossier_body_checked(&rc, arguments, x, check_reset) ||
        !dossier_portal_code_make(&rc, arguments, x) ||
        !dossier_portal_slip_call(&rc, &result, x, &dossier_fn.password_reset_start, arguments)) {
        return rc;
    }
    return dossier_answer_ok(x, result, HTTP_ACCEPTED);
}

int dossier_portal_password_reset_resend(dossier_exchange_t *x)
{
    return dossier_portal_code_resend(x, &dossier_fn.account_change_resend, RESET);
}

/* Code and password as far as they can be judged without knowing whose: no try is counted for what
   is wrong with them. */
static void check_verification(dossier_fields_t *fields, dossier_json_t *arguments,
                               dossier_exchange_t *x, dossier_json_t *body)
{
    (void)x;
    dossier_json_set(arguments, "kind", RESET);
    dossier_fields_check(fields, body, verification_shape, NULL);
    dossier_portal_digits_check(fields, body);
    dossier_portal_password_check(fields, "password", dossier_json_get(body, "password"), NULL);
}

/* Judges the digits. What the password is made of is said to nobody but who knows the code. 0:
   answered. */
static int prove(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                 const dossier_json_t *body)
{
    const dossier_json_t *tried = dossier_portal_digits_try(
        rc, arguments, x, &dossier_fn.account_change_try, dossier_json_get(body, "code"));
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *result;
    apr_status_t status;

    if (!tried) {
        return 0;
    }
    dossier_portal_password_check(fields, "password", dossier_json_get(body, "password"),
                                  dossier_json_get_value(tried, "person"));
    dossier_json_set_bool(arguments, "personal", !dossier_fields_ok(fields));
    status =
        dossier_db_call(&result, x->db, &dossier_fn.password_reset_complete, arguments, x->pool);
    if (status == APR_SUCCESS && dossier_db_outcome_is(result, "password_personal")) {
        *rc = dossier_problem_fields(x, fields);
        return 0;
    }
    return dossier_call_succeeded(rc, x, status, result);
}

int dossier_portal_password_reset_verify(dossier_exchange_t *x)
{
    const dossier_json_t *body;
    dossier_json_t *result;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "id");

    /* hashed only for who knows the code: strangers' tries fill no room */
    if (!arguments || !(body = dossier_body_checked(&rc, arguments, x, check_verification)) ||
        !prove(&rc, arguments, x, body) ||
        !dossier_portal_password_hash(&rc, arguments, x, dossier_json_get(body, "password"),
                                      DOSSIER_WORKER_KNOWN, x->param[0])) {
        return rc;
    }
    dossier_json_set_value(arguments, "device", dossier_portal_session_argument(x, NULL));
    if (!dossier_call(&rc, &result, x, &dossier_fn.password_reset_complete, arguments)) {
        return rc;
    }
    dossier_session_keep_device(x);
    return dossier_answer_empty(x);
}
