/* Acceptances and activation codes, as the desk's system registers them. */
#include <httpd.h>

#include "domain/code.h"
#include "domain/contact.h"
#include "domain/message_text.h"
#include "integration/acceptance_body.h"
#include "integration/integration.h"
#include "integration/shared.h"
#include "store/code.h"

/* A fresh activation code as it is printed; what the database keeps of it becomes the argument
   `activation`. NULL: the key ring cannot seal. */
static const char *make_activation(dossier_json_t *arguments, const dossier_exchange_t *x,
                                   const char *codice_fiscale)
{
    const dossier_keyring_t *keyring = x->config->keyring;
    const char *printed = dossier_activation_code_make(x->pool);
    const char *code = dossier_activation_code_parse(printed, x->pool);
    const char *key_id = dossier_keyring_current(keyring);
    const char *mac = dossier_store_activation_mac(keyring, key_id, codice_fiscale, code, x->pool);
    const char *sealed = mac ? dossier_keyring_seal(keyring, mac, printed, x->pool) : NULL;
    dossier_json_t *activation = dossier_json_object(x->pool);

    dossier_json_set(activation, "key_id", key_id);
    dossier_json_set(activation, "mac", mac);
    dossier_json_set(activation, "sealed", sealed);
    dossier_json_set_value(arguments, "activation", activation);
    return sealed ? printed : NULL;
}

static const char *would(const dossier_json_t *result)
{
    if (dossier_db_outcome_is(result, "created")) {
        return "create";
    }
    return dossier_json_get_bool(result, "changed", 0) ? "update" : "nothing";
}

/* The messages that would leave, as the phone would show them; the code as dots. */
static dossier_json_t *preview_messages(dossier_exchange_t *x, const dossier_json_t *result)
{
    const dossier_json_t *queued = dossier_json_get_value(result, "messages");
    dossier_json_t *messages = dossier_json_array(x->pool);

    for (apr_size_t i = 0; i < dossier_json_length(queued); ++i) {
        const dossier_json_t *entry = dossier_json_at(queued, i);
        const char *template = dossier_json_get(entry, "template");
        const char *to = dossier_json_get(entry, "to");
        const char *site_url = dossier_json_get(entry, "site_url");
        const dossier_message_t text = {.template = template,
                                        .language = dossier_json_get(entry, "language"),
                                        .site_url = site_url ? site_url : x->config->public_url,
                                        .desk = x->config->desk};
        dossier_json_t *message = dossier_json_object(x->pool);

        if (!template || !to) {
            continue;
        }
        dossier_json_set(message, "channel", "sms");
        dossier_json_set(message, "template", template);
        dossier_json_set(message, "to", dossier_mobile_mask(to, x->pool));
        dossier_json_set(message, "text", dossier_message_sms(&text, x->pool));
        dossier_json_append(messages, message);
    }
    return messages;
}

static int answer_preview(dossier_exchange_t *x, const dossier_json_t *result,
                          dossier_json_t *warnings)
{
    dossier_json_t *answer = dossier_json_object(x->pool);

    dossier_integration_preview(answer, would(result), warnings, x->pool);
    dossier_json_set_value(answer, "messages", preview_messages(x, result));
    return dossier_answer(x, HTTP_OK, answer);
}

/* The code is in the answer that created the acceptance and in no other. */
static int answer_stored(dossier_exchange_t *x, dossier_json_t *result, dossier_json_t *warnings,
                         const char *activation_code)
{
    int created = dossier_db_outcome_is(result, "created");

    dossier_json_remove(result, "messages");
    dossier_json_set_value(result, "warnings", warnings);
    if (created) {
        dossier_json_set(result, "activation_code", activation_code);
    }
    return dossier_answer_ok(x, result, created ? HTTP_CREATED : HTTP_OK);
}

static int put_checked(dossier_exchange_t *x, dossier_json_t *arguments, dossier_json_t *warnings)
{
    const dossier_json_t *patient = dossier_json_get_value(arguments, "patient");
    const char *activation_code =
        make_activation(arguments, x, dossier_json_get(patient, "codice_fiscale"));
    dossier_json_t *registration_code = dossier_store_code_make(x->config->keyring, x->pool);
    dossier_json_t *result;
    int rc;

    if (!activation_code || !registration_code) {
        return dossier_problem(x, "internal", NULL);
    }
    /* for an open registration whose mobile is corrected by this */
    dossier_json_set_value(arguments, "registration_code", registration_code);
    if (!dossier_call(&rc, &result, x, &dossier_fn.acceptance_put, arguments)) {
        return rc;
    }
    return dossier_json_get_bool(arguments, "dry_run", 0)
               ? answer_preview(x, result, warnings)
               : answer_stored(x, result, warnings, activation_code);
}

int dossier_integration_acceptance_put(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *arguments = dossier_integration_arguments(x);
    dossier_json_t *warnings;
    dossier_json_t *body;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    dossier_integration_check_id(fields, "external_id", x->param[0]);
    dossier_json_set_bool(arguments, "dry_run", dossier_query_true(fields, x, "dry_run"));
    warnings = dossier_integration_acceptance_read(arguments, fields, body, x->language);
    if (!dossier_fields_ok(fields)) {
        dossier_json_t *members = dossier_json_object(x->pool);

        dossier_json_set_value(members, "warnings", warnings);
        return dossier_problem_fields_with(x, fields, members);
    }
    return put_checked(x, arguments, warnings);
}

int dossier_integration_activation_code_post(dossier_exchange_t *x)
{
    dossier_json_t *arguments;
    dossier_json_t *result;
    const char *codice_fiscale;
    const char *code;
    int rc;

    if (!dossier_body_empty(&rc, x) || !(arguments = dossier_integration_named(&rc, x)) ||
        !dossier_call(&rc, &result, x, &dossier_fn.acceptance_get, arguments)) {
        return rc;
    }
    codice_fiscale = dossier_json_get(result, "codice_fiscale");
    code = codice_fiscale ? make_activation(arguments, x, codice_fiscale) : NULL;
    if (!code) {
        return dossier_problem(x, "internal", NULL);
    }
    if (!dossier_call(&rc, &result, x, &dossier_fn.acceptance_new_code, arguments)) {
        return rc;
    }
    dossier_json_set(result, "activation_code", code);
    return dossier_answer_ok(x, result, HTTP_CREATED);
}
