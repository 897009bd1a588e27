/* "Il mio profilo": what the account holder wrote, how alerts come, and the password. */
#include <string.h>

#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/profile_form.h"
#include "portal/steps.h"

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
    return dossier_call_answer(x, &dossier_fn.profile_get, dossier_call_arguments(x), HTTP_OK);
}

static void check_change(dossier_fields_t *fields, dossier_json_t *arguments, dossier_exchange_t *x,
                         dossier_json_t *body)
{
    dossier_json_t *alerts = dossier_portal_object(body, "alerts");
    const char *language;

    (void)x;
    dossier_fields_check(fields, body, change_shape, NULL);
    dossier_fields_check(fields, alerts, alerts_shape, "alerts");
    language = dossier_json_get(body, "language");
    if (language && strcmp(language, "it") && strcmp(language, "en")) {
        dossier_fields_error(fields, "language", "choice");
    }
    dossier_json_set(arguments, "language", language);
    dossier_json_set_value(arguments, "alerts", alerts);
}

int dossier_portal_profile_change(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    int rc;

    return dossier_body_checked(&rc, arguments, x, check_change)
               ? dossier_call_answer(x, &dossier_fn.profile_change, arguments, HTTP_OK)
               : rc;
}

/* The body, its new password held against the person's own data. NULL: answered. */
static dossier_json_t *read_passwords(int *rc, dossier_exchange_t *x)
{
    dossier_json_t *body = dossier_body_read(rc, x, password_shape);
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

int dossier_portal_email_remove(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;

    if (!dossier_portal_password_read(&rc, arguments, x) ||
        !dossier_portal_session_renew(&rc, &result, x, &dossier_fn.email_remove, arguments)) {
        return rc;
    }
    return dossier_answer_ok(x, result, HTTP_OK);
}
