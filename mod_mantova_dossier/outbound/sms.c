/* SMS: one HTTP request per message, from the templates of DossierSmsGateway. */
#include "outbound/courier.h"

#include <string.h>
#include <strings.h>

#include <apr_strings.h>

#include "domain/template.h"

static const char *content_type_of(const dossier_sms_gateway_t *gateway)
{
    for (int i = 0; i < gateway->headers->nelts; i++) {
        const char *header = APR_ARRAY_IDX(gateway->headers, i, const char *);
        if (strncasecmp(header, "Content-Type:", 13) == 0) {
            return header + 13;
        }
    }
    return NULL;
}

/* The body is JSON when its header says so or, without a header, when it starts like an object. */
static int body_is_json(const dossier_sms_gateway_t *gateway)
{
    const char *type = content_type_of(gateway);
    if (type) {
        return strstr(type, "json") != NULL;
    }
    const char *body = gateway->body + strspn(gateway->body, " \t\r\n");
    return *body == '[' || (*body == '{' && body[1 + strspn(body + 1, " \t\r\n")] == '"');
}

static struct curl_slist *make_headers(const dossier_sms_gateway_t *gateway,
                                       const dossier_template_value_t *values, apr_pool_t *pool)
{
    struct curl_slist *list = NULL;
    for (int i = 0; i < gateway->headers->nelts; i++) {
        const char *header = APR_ARRAY_IDX(gateway->headers, i, const char *);
        dossier_wire_append(
            &list, dossier_template_expand(header, values, DOSSIER_TEMPLATE_HEADER, pool), pool);
    }
    if (gateway->body && !content_type_of(gateway) && body_is_json(gateway)) {
        dossier_wire_append(&list, "Content-Type: application/json", pool);
    }
    return list;
}

/* "Never" is only what the gateway says of this very message. */
static dossier_outbox_outcome_t judge(CURLcode result, long status)
{
    if (result != CURLE_OK) {
        return DOSSIER_OUTBOX_RETRY;
    }
    if (status >= 200 && status < 300) {
        return DOSSIER_OUTBOX_SENT;
    }
    int never = status >= 400 && status < 500 && status != 408 && status != 429;
    return never ? DOSSIER_OUTBOX_FAILED : DOSSIER_OUTBOX_RETRY;
}

static void on_done(void *context, CURLcode result, long status)
{
    dossier_delivery_t *delivery = context;
    dossier_outbox_outcome_t outcome = judge(result, status);
    const char *error = NULL;
    if (result != CURLE_OK) {
        error = apr_psprintf(delivery->pool, "curl %d, %s", result, curl_easy_strerror(result));
    } else if (outcome != DOSSIER_OUTBOX_SENT) {
        error = apr_psprintf(delivery->pool, "HTTP status %ld", status);
    }
    dossier_delivery_settle(delivery, outcome, error);
}

static CURL *make_request(const dossier_courier_t *courier, const dossier_delivery_t *delivery)
{
    const dossier_sms_gateway_t *gateway = courier->config->sms;
    apr_pool_t *pool = delivery->pool;
    const dossier_template_value_t values[] = {{"to", delivery->message->to},
                                               {"text", delivery->text},
                                               {"id", delivery->message->id},
                                               {NULL, NULL}};
    struct curl_slist *headers = make_headers(gateway, values, pool);
    CURL *easy = dossier_wire_easy(
        courier->wire, dossier_template_expand(gateway->url, values, DOSSIER_TEMPLATE_URL, pool),
        "http,https", pool);
    if (!easy) {
        return NULL;
    }
    CURLcode failed = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (gateway->body || strcmp(gateway->method, "POST") == 0) {
        const char *body = dossier_template_expand(
            gateway->body ? gateway->body : "", values,
            gateway->body && body_is_json(gateway) ? DOSSIER_TEMPLATE_JSON : DOSSIER_TEMPLATE_URL,
            pool);
        failed = failed ? failed : curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
        failed = failed ? failed : curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, gateway->method);
    }
    return failed ? NULL : easy;
}

void dossier_sms_take(dossier_courier_t *courier, dossier_delivery_t *delivery)
{
    CURL *easy = make_request(courier, delivery);
    if (!easy || !dossier_wire_start(courier->wire, easy, on_done, delivery)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, "out of memory");
    }
}
