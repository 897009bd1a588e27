/* A new mobile or e-mail, asked for with the password and proved by a code sent to it; or no e-mail
   any more. */
#include "domain/contact.h"

#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"

/* What the two kinds differ in. */
typedef struct {
    const char *kind;
    const char *field;
    const char *(*parse)(const char *typed, apr_pool_t *pool);
    const char *(*mask)(const char *contact, apr_pool_t *pool);
    const dossier_field_t shape[3];
} contact_t;

static const contact_t mobile = {"mobile_change",
                                 "mobile",
                                 dossier_mobile_parse,
                                 dossier_mobile_mask,
                                 {{"mobile", DOSSIER_FIELD_STRING, 32, 1},
                                  {"password", DOSSIER_FIELD_SECRET, 0, 1},
                                  {NULL, DOSSIER_FIELD_STRING, 0, 0}}};

static const contact_t email = {"email_change",
                                "email",
                                dossier_email_parse,
                                dossier_email_mask,
                                {{"email", DOSSIER_FIELD_STRING, 254, 1},
                                 {"password", DOSSIER_FIELD_SECRET, 0, 1},
                                 {NULL, DOSSIER_FIELD_STRING, 0, 0}}};

/* The new contact in its one spelling, as the argument `recipient`, and the password. NULL:
   answered. */
static const char *read_contact(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                const contact_t *contact)
{
    dossier_json_t *body = dossier_body_read(rc, x, contact->shape);
    const char *recipient;

    if (!body) {
        return NULL;
    }
    recipient = contact->parse(dossier_json_get(body, contact->field), x->pool);
    if (!recipient) {
        *rc = dossier_problem_field(x, contact->field, contact->field);
        return NULL;
    }
    dossier_json_set(arguments, "kind", contact->kind);
    dossier_json_set(arguments, "recipient", recipient);
    return dossier_json_get(body, "password");
}

static int start(dossier_exchange_t *x, const contact_t *contact)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;
    const char *password = read_contact(&rc, arguments, x, contact);

    if (!password || !dossier_portal_code_make(&rc, arguments, x) ||
        !dossier_portal_password_again(&rc, arguments, x, password) ||
        !dossier_call(&rc, &result, x, &dossier_fn.contact_change_start, arguments)) {
        return rc;
    }
    dossier_json_set(result, "sent_to",
                     contact->mask(dossier_json_get(arguments, "recipient"), x->pool));
    return dossier_answer_ok(x, result, HTTP_ACCEPTED);
}

static int verify(dossier_exchange_t *x, const contact_t *contact)
{
    dossier_json_t *result;
    const char *digits;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "id");

    if (!arguments || !(digits = dossier_portal_digits_read(&rc, x))) {
        return rc;
    }
    dossier_json_set(arguments, "kind", contact->kind);
    if (!dossier_portal_digits_try(&rc, arguments, x, &dossier_fn.account_change_try, digits) ||
        !dossier_portal_session_renew(&rc, &result, x, &dossier_fn.contact_change_complete,
                                      arguments)) {
        return rc;
    }
    return dossier_answer_ok(x, result, HTTP_OK);
}

static int resend(dossier_exchange_t *x, const contact_t *contact)
{
    return dossier_portal_code_resend(x, &dossier_fn.account_change_resend, contact->kind);
}

int dossier_portal_contact_mobile_start(dossier_exchange_t *x)
{
    return start(x, &mobile);
}

int dossier_portal_contact_mobile_verify(dossier_exchange_t *x)
{
    return verify(x, &mobile);
}

int dossier_portal_contact_mobile_resend(dossier_exchange_t *x)
{
    return resend(x, &mobile);
}

int dossier_portal_contact_email_start(dossier_exchange_t *x)
{
    return start(x, &email);
}

int dossier_portal_contact_email_verify(dossier_exchange_t *x)
{
    return verify(x, &email);
}

int dossier_portal_contact_email_resend(dossier_exchange_t *x)
{
    return resend(x, &email);
}

int dossier_portal_contact_email_remove(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;

    if (!dossier_portal_password_read(&rc, arguments, x) ||
        !dossier_portal_session_renew(&rc, &result, x, &dossier_fn.contact_email_remove,
                                      arguments)) {
        return rc;
    }
    return dossier_answer_ok(x, result, HTTP_OK);
}
