/* "Il mio profilo": what the account holder wrote, how alerts come, and the password. */
#include <string.h>

#include "domain/password_policy.h"
#include "http/session.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/profile_form.h"
#include "portal/steps.h"
#include "store/profiles.h"

static const dossier_field_t change_shape[] = {
    {"language", DOSSIER_FIELD_STRING, 2, 0},
    {"alerts", DOSSIER_FIELD_OBJECT, 0, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t alerts_shape[] = {
    {"sms", DOSSIER_FIELD_BOOL, 0, 0},
    {"mail", DOSSIER_FIELD_BOOL, 0, 0},
    {"last_call", DOSSIER_FIELD_BOOL, 0, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const dossier_field_t password_shape[] = {
    {"old_password", DOSSIER_FIELD_SECRET, 0, 1},
    {"new_password", DOSSIER_FIELD_SECRET, 0, 1}, /* its length is the policy's business */
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_profile_get(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_store_profile_get(&result, x->db, x->account_id, x->address, x->pool);

    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_profile_change(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *body;
    dossier_json_t *alerts;
    dossier_json_t *result;
    const char *language;
    apr_status_t status;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    alerts = dossier_portal_object(body, "alerts");
    dossier_fields_check(fields, body, change_shape, NULL);
    dossier_fields_check(fields, alerts, alerts_shape, "alerts");
    language = dossier_json_get(body, "language");
    if (language && strcmp(language, "it") && strcmp(language, "en")) {
        dossier_fields_error(fields, "language", "choice");
    }
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_profile_change(&result, x->db, x->account_id, language, alerts,
                                          x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

/* What the session does next, under a new token. */
static dossier_profile_step_t step_of(dossier_exchange_t *x, const dossier_session_token_t *token,
                                      const char *proof)
{
    return (dossier_profile_step_t){.account_id = x->account_id,
                                    .session_id = x->session_id,
                                    .token_hash = token->token_hash,
                                    .proof = proof,
                                    .address = x->address};
}

/* The body, its new password held against the person's own data. NULL: answered. */
static dossier_json_t *read_passwords(int *rc, dossier_exchange_t *x)
{
    dossier_json_t *body = dossier_body_read(rc, x, password_shape);
    dossier_json_t *result;
    dossier_fields_t *fields;
    const char *refusal;
    apr_status_t status;

    if (!body) {
        return NULL;
    }
    status = dossier_store_profile_get(&result, x->db, x->account_id, x->address, x->pool);
    if (!dossier_call_succeeded(rc, x, status, result)) {
        return NULL;
    }
    refusal = dossier_password_refusal(
        dossier_json_get(body, "new_password"),
        dossier_portal_profile_personal(dossier_json_get_value(result, "profile"), x->pool),
        x->pool);
    if (!refusal) {
        return body;
    }
    fields = dossier_fields_make(x->pool);
    dossier_fields_error_max(fields, "new_password", refusal, DOSSIER_PASSWORD_MAX);
    *rc = dossier_problem_fields(x, fields);
    return NULL;
}

int dossier_portal_password_change(dossier_exchange_t *x)
{
    dossier_session_token_t token = dossier_session_token(x->pool);
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_profile_step_t step;
    dossier_json_t *body;
    dossier_json_t *result;
    const char *hash;
    apr_status_t status;
    int rc;

    body = read_passwords(&rc, x);
    if (!body ||
        !dossier_portal_password_again(&rc, arguments, x, dossier_json_get(body, "old_password")) ||
        !(hash = dossier_portal_password_hash(&rc, x, dossier_json_get(body, "new_password"),
                                              DOSSIER_WORKER_KNOWN, x->account_id))) {
        return rc;
    }
    step = step_of(x, &token, dossier_json_get(arguments, "proof"));
    status = dossier_store_password_change(&result, x->db, &step, hash, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    dossier_session_adopt(x, &token);
    return dossier_answer_empty(x);
}

int dossier_portal_email_remove(dossier_exchange_t *x)
{
    dossier_session_token_t token = dossier_session_token(x->pool);
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_profile_step_t step;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    step = step_of(x, &token, dossier_json_get(arguments, "proof"));
    status = dossier_store_email_remove(&result, x->db, &step, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    dossier_session_adopt(x, &token);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
