/* What SMS providers call: the callback route of DossierSmsReceipts. */
#include <apr_lib.h>
#include <apr_strings.h>

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secrets.h"
#include "http/call.h"
#include "integration/integration.h"

/* Where a provider's fields stand. */
typedef struct {
    dossier_exchange_t *x;
    const char *pairs;    /* of a query or form; NULL: JSON */
    dossier_json_t *json; /* NULL: no JSON */
} fields_t;

/* "data.status": a member of a member; a number takes that element of a list. */
static dossier_json_t *json_at(dossier_json_t *value, const char *path, apr_pool_t *pool)
{
    while (value && *path) {
        char *name = apr_pstrmemdup(pool, path, strcspn(path, "."));
        path += strlen(name);
        path += *path == '.';
        value = dossier_json_type(value) == DOSSIER_JSON_ARRAY
                    ? dossier_json_at(value, (apr_size_t)atoi(name))
                    : dossier_json_get_value(value, name);
    }
    return value;
}

/* Texts and numbers as texts; NULL: there is no such field. */
static const char *field(const fields_t *fields, const char *name)
{
    apr_pool_t *pool = fields->x->pool;
    dossier_json_t *holder;
    const char *text;
    dossier_json_t *value;

    if (fields->pairs) {
        return dossier_form_value(fields->pairs, name, pool);
    }
    value = json_at(fields->json, name, pool);
    if (!value) {
        return NULL;
    }
    text = dossier_json_text(value, pool);
    if (dossier_json_type(value) != DOSSIER_JSON_STRING) {
        return text;
    }
    holder = dossier_json_set_value(dossier_json_object(pool), "value", value);
    return dossier_json_get(holder, "value");
}

/* 1 when the fields can be asked for; else *rc is the answer. */
static int read_fields(int *rc, fields_t *fields, dossier_exchange_t *x)
{
    const char *type = apr_table_get(x->r->headers_in, "Content-Type");
    const char *text;
    apr_size_t length;

    fields->x = x;
    fields->pairs = x->r->args ? x->r->args : "";
    fields->json = NULL;
    if (x->r->method_number == M_GET) {
        return 1;
    }
    if (!dossier_body_text(rc, &text, &length, x)) {
        return 0;
    }
    if (type && !strncasecmp(type, "application/json", 16)) {
        fields->pairs = NULL;
        fields->json = dossier_json_parse(text, length, x->pool);
    } else if (length) {
        fields->pairs = apr_pstrmemdup(x->pool, text, length);
    }
    return 1;
}

static int matches(const ap_regex_t *regex, const char *text)
{
    return ap_regexec(regex, text, 0, NULL, 0) == 0;
}

/* Which receipt the status is; NULL: it says nothing final ("sent", "queued"). */
static const char *receipt_of(const dossier_sms_receipts_t *receipts, const char *status)
{
    if (matches(receipts->delivered, status)) {
        return "delivered";
    }
    return matches(receipts->undelivered, status) ? "undelivered" : NULL;
}

/* Who the receipt is about: our id or, when none was asked back from the provider, its own. */
static const char *read_reference(dossier_fields_t *errors, const fields_t *fields,
                                  const dossier_sms_receipts_t *receipts)
{
    const char *name = receipts->reference ? receipts->reference : receipts->message_id;
    const char *id = field(fields, name);

    if (!id || !*id || (receipts->reference && !dossier_secrets_is_uuid(id))) {
        dossier_fields_error(errors, name, id && *id ? "characters" : "required");
    }
    return id;
}

/* The same receipt again changes nothing. */
static int store(dossier_exchange_t *x, const char *id, const char *receipt)
{
    int by_reference = x->config->receipts->reference != NULL;
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;

    dossier_json_set(arguments, "reference", by_reference ? id : NULL);
    dossier_json_set(arguments, "provider_id", by_reference ? NULL : id);
    dossier_json_set(arguments, "receipt", receipt);
    return dossier_call(&rc, &result, x, &dossier_fn.outbox_receipt, arguments)
               ? dossier_answer_empty(x)
               : rc;
}

int dossier_integration_receipt(dossier_exchange_t *x)
{
    const dossier_sms_receipts_t *receipts = x->config->receipts;
    dossier_fields_t *errors = dossier_fields_make(x->pool);
    fields_t fields;
    const char *receipt;
    const char *id;
    const char *status;
    int rc;

    if (!read_fields(&rc, &fields, x)) {
        return rc;
    }
    id = read_reference(errors, &fields, receipts);
    status = field(&fields, receipts->status);
    if (!status || !*status) {
        dossier_fields_error(errors, receipts->status, "required");
    }
    if (!dossier_fields_ok(errors)) {
        return dossier_problem_fields(x, errors);
    }
    receipt = receipt_of(receipts, status);
    return receipt ? store(x, id, receipt) : dossier_answer_empty(x);
}
