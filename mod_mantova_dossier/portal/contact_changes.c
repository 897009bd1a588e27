/* A new mobile or e-mail: asked for with the password, proved by a code sent to it. */
#include "domain/contacts.h"
#include "http/session.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"
#include "store/account_changes.h"

/* What the two kinds differ in. */
typedef struct {
    const char *kind;
    const char *field;
    const char *(*parse)(const char *typed, apr_pool_t *pool);
    const char *(*mask)(const char *contact, apr_pool_t *pool);
    const dossier_field_t shape[3];
} contact_t;

static const contact_t mobile = {DOSSIER_MOBILE_CHANGE,
                                 "mobile",
                                 dossier_mobile_parse,
                                 dossier_mobile_mask,
                                 {{"mobile", DOSSIER_FIELD_STRING, 32, 1},
                                  {"password", DOSSIER_FIELD_SECRET, 0, 1},
                                  {NULL, DOSSIER_FIELD_STRING, 0, 0}}};

static const contact_t email = {DOSSIER_EMAIL_CHANGE,
                                "email",
                                dossier_email_parse,
                                dossier_email_mask,
                                {{"email", DOSSIER_FIELD_STRING, 254, 1},
                                 {"password", DOSSIER_FIELD_SECRET, 0, 1},
                                 {NULL, DOSSIER_FIELD_STRING, 0, 0}}};

/* The new contact in its one spelling, and the password. NULL: answered. */
static const char *read_contact(int *rc, const char **password, dossier_exchange_t *x,
                                const contact_t *contact)
{
    dossier_json_t *body = dossier_body_read(rc, x, contact->shape);
    dossier_fields_t *fields;
    const char *recipient;

    if (!body) {
        return NULL;
    }
    recipient = contact->parse(dossier_json_get(body, contact->field), x->pool);
    if (!recipient) {
        fields = dossier_fields_make(x->pool);
        dossier_fields_error(fields, contact->field, contact->field);
        *rc = dossier_problem_fields(x, fields);
        return NULL;
    }
    *password = dossier_json_get(body, "password");
    return recipient;
}

static int start(dossier_exchange_t *x, const contact_t *contact)
{
    dossier_contact_change_t change = {
        .account_id = x->account_id, .kind = contact->kind, .address = x->address};
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    const char *password;
    apr_status_t status;
    int rc;

    change.recipient = read_contact(&rc, &password, x, contact);
    if (!change.recipient || !(change.code = dossier_portal_code_make(&rc, x)) ||
        !dossier_portal_password_again(&rc, arguments, x, password)) {
        return rc;
    }
    change.proof = dossier_json_get(arguments, "proof");
    status = dossier_store_contact_change_start(&result, x->db, &change, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    dossier_json_set(result, "sent_to", contact->mask(change.recipient, x->pool));
    return dossier_answer_result(x, status, result, HTTP_ACCEPTED);
}

static int verify(dossier_exchange_t *x, const contact_t *contact)
{
    dossier_account_change_t change = {
        .kind = contact->kind, .account_id = x->account_id, .address = x->address};
    dossier_change_proof_t proof = {.change = &change};
    dossier_session_token_t token = dossier_session_token(x->pool);
    dossier_json_t *result;
    const char *digits;
    apr_status_t status;
    int rc;

    change.id = dossier_portal_id(&rc, x);
    if (!change.id || !(digits = dossier_portal_digits_read(&rc, x))) {
        return rc;
    }
    status = dossier_store_account_change_try(&result, x->db, &change, x->config->keyring, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result) ||
        !(proof.mac = dossier_portal_digits_mac(&rc, x, result, digits))) {
        return rc;
    }
    proof.code_id = dossier_json_get(result, "code_id");
    status = dossier_store_contact_change_complete(&result, x->db, &proof, x->session_id,
                                                   token.token_hash, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    dossier_session_adopt(x, &token);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_mobile_change_start(dossier_exchange_t *x)
{
    return start(x, &mobile);
}

int dossier_portal_mobile_change_verify(dossier_exchange_t *x)
{
    return verify(x, &mobile);
}

int dossier_portal_mobile_change_resend(dossier_exchange_t *x)
{
    return dossier_portal_account_change_resend(x, mobile.kind);
}

int dossier_portal_email_change_start(dossier_exchange_t *x)
{
    return start(x, &email);
}

int dossier_portal_email_change_verify(dossier_exchange_t *x)
{
    return verify(x, &email);
}

int dossier_portal_email_change_resend(dossier_exchange_t *x)
{
    return dossier_portal_account_change_resend(x, email.kind);
}
