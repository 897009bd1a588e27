/* A forgotten password: a code to the account's mobile opens the way to a new one. Whoever asks
   gets the same answer in the same time, whether an account has that login or not. */
#include <string.h>

#include "domain/codice_fiscale.h"
#include "domain/password_policy.h"
#include "http/session.h"
#include "portal/portal.h"
#include "portal/profile_form.h"
#include "portal/steps.h"
#include "portal/verification.h"
#include "store/account_changes.h"

static const dossier_field_t start_shape[] = {
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

/* Who it is, and what tells that it is no stranger. An activation code belongs to a codice fiscale.
 */
static dossier_fields_t *check_start(dossier_password_reset_t *reset, dossier_exchange_t *x,
                                     dossier_json_t *body)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_cf_t cf = {.text = NULL};
    const char *typed;
    const char *error;

    dossier_fields_check(fields, body, start_shape, NULL);
    typed = dossier_json_get(body, "codice_fiscale");
    error = typed ? dossier_cf_parse(&cf, typed, x->pool) : NULL;
    if (error) {
        dossier_fields_error(fields, "codice_fiscale", error);
    } else if (!typed && dossier_json_get(body, "activation_code")) {
        dossier_fields_error(fields, "codice_fiscale", "required");
    }
    reset->codice_fiscale = cf.text;
    reset->macs = dossier_portal_slip_macs(fields, x, body, cf.text);
    reset->device_hash = dossier_session_device(x);
    if (dossier_fields_ok(fields)) {
        reset->login =
            dossier_portal_login_spelling(&reset->kind, dossier_json_get(body, "login"), x->pool);
    }
    return fields;
}

int dossier_portal_password_reset_start(dossier_exchange_t *x)
{
    dossier_password_reset_t reset = {.language = x->language, .address = x->address};
    dossier_fields_t *fields;
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    fields = check_start(&reset, x, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    if (!(reset.code = dossier_portal_code_make(&rc, x))) {
        return rc;
    }
    status = dossier_store_password_reset_start(&result, x->db, &reset, x->pool);
    dossier_portal_slip_note(x, status, result);
    return dossier_answer_result(x, status, result, HTTP_ACCEPTED);
}

int dossier_portal_password_reset_resend(dossier_exchange_t *x)
{
    return dossier_portal_account_change_resend(x, DOSSIER_PASSWORD_RESET);
}

static int password_problem(dossier_exchange_t *x, const char *refusal)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);

    dossier_fields_error(fields, "password", refusal);
    return dossier_problem_fields(x, fields);
}

/* Code and password as far as they can be judged without knowing whose. NULL: answered, and no try
   was counted. */
static dossier_json_t *read_verification(int *rc, dossier_exchange_t *x)
{
    static const char *const nothing[] = {NULL};
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *body = dossier_body_read(rc, x, NULL);
    const char *password;
    const char *refusal;

    if (!body) {
        return NULL;
    }
    dossier_fields_check(fields, body, verification_shape, NULL);
    dossier_portal_digits_check(fields, body);
    password = dossier_json_get(body, "password");
    refusal = password ? dossier_password_refusal(password, nothing, x->pool) : NULL;
    if (refusal) {
        dossier_fields_error_max(fields, "password", refusal, DOSSIER_PASSWORD_MAX);
    }
    if (dossier_fields_ok(fields)) {
        return body;
    }
    *rc = dossier_problem_fields(x, fields);
    return NULL;
}

/* Judges the digits. What the password is made of is said to nobody but who knows the code. 0:
   answered. */
static int prove(int *rc, dossier_change_proof_t *proof, dossier_exchange_t *x,
                 const dossier_json_t *body)
{
    dossier_json_t *result;
    const char *refusal;
    apr_status_t status = dossier_store_account_change_try(&result, x->db, proof->change,
                                                           x->config->keyring, x->pool);

    if (!dossier_call_succeeded(rc, x, status, result) ||
        !(proof->mac = dossier_portal_digits_mac(rc, x, result, dossier_json_get(body, "code")))) {
        return 0;
    }
    proof->code_id = dossier_json_get(result, "code_id");
    refusal = dossier_password_refusal(
        dossier_json_get(body, "password"),
        dossier_portal_profile_personal(dossier_json_get_value(result, "person"), x->pool),
        x->pool);
    status = dossier_store_password_reset_complete(&result, x->db, proof, NULL, refusal != NULL,
                                                   NULL, x->pool);
    if (refusal && status == APR_SUCCESS && dossier_db_outcome_is(result, "password_personal")) {
        *rc = password_problem(x, refusal);
        return 0;
    }
    return dossier_call_succeeded(rc, x, status, result);
}

int dossier_portal_password_reset_verify(dossier_exchange_t *x)
{
    static const dossier_session_token_t no_session;
    dossier_account_change_t change = {.kind = DOSSIER_PASSWORD_RESET, .address = x->address};
    dossier_change_proof_t proof = {.change = &change};
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    const char *hash;
    int rc;

    change.id = dossier_portal_id(&rc, x);
    if (!change.id || !(body = read_verification(&rc, x)) || !prove(&rc, &proof, x, body)) {
        return rc;
    }
    /* only for who knows the code: strangers' tries fill no room */
    hash = dossier_portal_password_hash(&rc, x, dossier_json_get(body, "password"),
                                        DOSSIER_WORKER_KNOWN, change.id);
    if (!hash) {
        return rc;
    }
    status = dossier_store_password_reset_complete(
        &result, x->db, &proof, hash, 0, dossier_portal_session_argument(x, &no_session), x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    dossier_session_keep_device(x);
    return dossier_answer_empty(x);
}
