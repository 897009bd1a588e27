#include "portal/verification.h"

#include <httpd.h>
#include <http_log.h>

#include "domain/code.h"
#include "portal/steps.h"
#include "store/code.h"

APLOG_USE_MODULE(mantova_dossier);

static const dossier_field_t verification_shape[] = {
    {"code", DOSSIER_FIELD_STRING, 20, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_code_make(int *rc, dossier_json_t *arguments, dossier_exchange_t *x)
{
    dossier_json_t *code = dossier_store_code_make(x->config->keyring, x->pool);

    if (!code) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0202: a verification code could not be sealed: check the first key of "
                      "DossierKeyFile");
        *rc = dossier_problem(x, "internal", NULL);
        return 0;
    }
    dossier_json_set(code, "site_url", x->config->public_url);
    dossier_json_set_value(arguments, "code", code);
    return 1;
}

int dossier_portal_code_resend(dossier_exchange_t *x, const dossier_function_t *function,
                               const char *kind)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "id");

    if (!arguments || !dossier_body_empty(&rc, x) || !dossier_portal_code_make(&rc, arguments, x)) {
        return rc;
    }
    dossier_json_set(arguments, "kind", kind);
    return dossier_call_answer(x, function, arguments, HTTP_ACCEPTED);
}

void dossier_portal_digits_check(dossier_fields_t *fields, dossier_json_t *body)
{
    const char *typed = dossier_json_get(body, "code");
    const char *digits = dossier_verification_code_parse(typed, fields->pool);

    if (digits) {
        dossier_json_set(body, "code", digits);
    } else if (typed) {
        dossier_fields_error(fields, "code", "verification_code");
    }
}

dossier_json_t *dossier_portal_slip_macs(dossier_fields_t *fields, dossier_exchange_t *x,
                                         const dossier_json_t *body, const char *codice_fiscale)
{
    const char *typed = dossier_json_get(body, "activation_code");
    const char *code = typed ? dossier_activation_code_parse(typed, x->pool) : NULL;

    if (typed && !code) {
        dossier_fields_error(fields, "activation_code", "check_character");
    }
    if (!code || !codice_fiscale) {
        return NULL;
    }
    return dossier_store_activation_macs(x->config->keyring, codice_fiscale, code, x->pool);
}

int dossier_portal_slip_call(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                             const dossier_function_t *function, dossier_json_t *arguments)
{
    apr_status_t status = dossier_db_call(result, x->db, function, arguments, x->pool);
    const char *key_id = status == APR_SUCCESS ? dossier_json_get(*result, "key_id") : NULL;

    if (key_id) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0281: an activation code could not be checked: codes of slips were made "
                      "with key %s, which is not in DossierKeyFile: put the line of that key "
                      "back and reload httpd; no try was counted",
                      key_id);
        dossier_json_remove(*result, "key_id");
    }
    return dossier_call_succeeded(rc, x, status, *result);
}

const char *dossier_portal_digits_read(int *rc, dossier_exchange_t *x)
{
    dossier_json_t *body = dossier_body_read(rc, x, verification_shape);
    dossier_fields_t *fields;

    if (!body) {
        return NULL;
    }
    fields = dossier_fields_make(x->pool);
    dossier_portal_digits_check(fields, body);
    if (!dossier_fields_ok(fields)) {
        *rc = dossier_problem_fields(x, fields);
        return NULL;
    }
    return dossier_json_get(body, "code");
}

/* NULL: answered. */
static const char *digits_mac(int *rc, dossier_exchange_t *x, const dossier_json_t *tried,
                              const char *digits)
{
    const char *key_id = dossier_json_get(tried, "key_id");
    const char *code_id = dossier_json_get(tried, "code_id");
    const char *mac = dossier_store_code_mac(x->config->keyring, key_id, code_id, digits, x->pool);

    if (!mac) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0203: verification code %s was made with key %s, which is not in "
                      "DossierKeyFile: put the line of that key back and reload httpd; no try was "
                      "counted",
                      code_id, key_id);
        /* of a lost key another code can be had, and of one that is put back this one is right */
        *rc = dossier_problem(x,
                              key_id && dossier_keyring_lost(x->config->keyring, key_id)
                                  ? "code_expired"
                                  : "unavailable",
                              NULL);
    }
    return mac;
}

dossier_json_t *dossier_portal_digits_try(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                          const dossier_function_t *function, const char *digits)
{
    dossier_json_t *result;
    const char *mac;

    dossier_json_set_value(arguments, "keys", dossier_store_code_keys(x->config->keyring, x->pool));
    if (!dossier_call(rc, &result, x, function, arguments) ||
        !(mac = digits_mac(rc, x, result, digits))) {
        return NULL;
    }
    dossier_json_set(arguments, "code_id", dossier_json_get(result, "code_id"));
    dossier_json_set(arguments, "mac", mac);
    return result;
}
