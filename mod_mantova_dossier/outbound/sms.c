/* SMS: one HTTP request per message, from the templates of DossierSmsGateway. */
#include <apr_strings.h>

#include <string.h>
#include <strings.h>

#include "base/template.h"
#include "outbound/courier.h"

static const char *content_type_of(const dossier_sms_gateway_t *gateway)
{
    for (int i = 0; i < gateway->headers->nelts; i++) {
        const char *header = APR_ARRAY_IDX(gateway->headers, i, const char *);
        if (!strncasecmp(header, "Content-Type:", 13)) {
            return header + 13;
        }
    }
    return NULL;
}

/* The body is JSON when its header says so or, without a header, when it starts like an object. */
static int body_is_json(const dossier_sms_gateway_t *gateway)
{
    const char *type = content_type_of(gateway);
    const char *body;

    if (type) {
        return strstr(type, "json") != NULL;
    }
    body = gateway->body + strspn(gateway->body, " \t\r\n");
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

/* What a request is answered with is judged by it. */
typedef struct {
    dossier_delivery_t *delivery;
    const dossier_sms_gateway_t *gateway;
    const dossier_wire_answer_t *answer;
} request_t;

/* "Never" is only what the gateway says of this very message. A wrong password, path or form of the
   request is ours to put right, and loses nothing meanwhile. */
static int is_about_message(long status)
{
    static const long statuses[] = {400, 413, 414, 422};
    for (apr_size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (status == statuses[i]) {
            return 1;
        }
    }
    return 0;
}

static int matches(const ap_regex_t *regex, const char *text)
{
    return ap_regexec(regex, text, 0, NULL, 0) == 0;
}

/* The provider's id in its answer; NULL when there is none. */
static const char *message_id(const request_t *request, apr_pool_t *pool)
{
    ap_regmatch_t match[2];
    const char *text = request->answer->text;
    if (!request->gateway->message_id ||
        ap_regexec(request->gateway->message_id, text, 2, match, 0) != 0 || match[1].rm_so < 0) {
        return NULL;
    }
    return apr_pstrmemdup(pool, text + match[1].rm_so, match[1].rm_eo - match[1].rm_so);
}

static void on_done(void *context, CURLcode result, long status)
{
    request_t *request = context;
    dossier_delivery_t *delivery = request->delivery;
    apr_pool_t *pool = delivery->pool;
    const ap_regex_t *accepted = request->gateway->accepted;

    if (result != CURLE_OK) {
        dossier_delivery_trouble(
            delivery, apr_psprintf(pool, "curl %d, %s", result, curl_easy_strerror(result)));
    } else if (status < 200 || status >= 300) {
        const char *error = apr_psprintf(pool, "HTTP status %ld", status);
        if (is_about_message(status)) {
            dossier_delivery_settle(delivery, DOSSIER_OUTBOX_FAILED, error);
        } else {
            dossier_delivery_trouble(delivery, error);
        }
    } else if (accepted && !matches(accepted, request->answer->text)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY,
                                "the answer does not say that it was accepted");
    } else {
        delivery->result.provider_id = message_id(request, pool);
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_SENT, NULL);
    }
}

/* {to}, {digits}, {text}, {id}, and the secrets. */
static const dossier_template_value_t *values_of(const dossier_courier_t *courier,
                                                 const dossier_delivery_t *delivery)
{
    const char *to = delivery->message->to;
    const dossier_template_value_t own[] = {{"to", to},
                                            {"digits", to + (*to == '+')},
                                            {"text", delivery->text},
                                            {"id", delivery->message->id}};
    apr_array_header_t *values = apr_array_make(delivery->pool, 8, sizeof(*own));

    for (apr_size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        APR_ARRAY_PUSH(values, dossier_template_value_t) = own[i];
    }
    for (const dossier_template_value_t *secret = courier->config->secrets; secret->name;
         secret++) {
        APR_ARRAY_PUSH(values, dossier_template_value_t) = *secret;
    }
    APR_ARRAY_PUSH(values, dossier_template_value_t) = (dossier_template_value_t){NULL, NULL};
    return (const dossier_template_value_t *)(void *)values->elts;
}

static CURL *make_request(const dossier_courier_t *courier, const dossier_delivery_t *delivery)
{
    const dossier_sms_gateway_t *gateway = courier->config->sms;
    const dossier_template_value_t *values = values_of(courier, delivery);
    apr_pool_t *pool = delivery->pool;
    struct curl_slist *headers = make_headers(gateway, values, pool);
    CURL *easy = dossier_wire_easy(
        courier->wire, dossier_template_expand(gateway->url, values, DOSSIER_TEMPLATE_URL, pool),
        "http,https", pool);
    CURLcode failed;

    if (!easy) {
        return NULL;
    }
    failed = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (gateway->body || strcmp(gateway->method, "GET")) {
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
    request_t *request = apr_pcalloc(delivery->pool, sizeof(*request));
    CURL *easy = make_request(courier, delivery);

    request->delivery = delivery;
    request->gateway = courier->config->sms;
    if (easy) {
        request->answer = dossier_wire_keep(easy, delivery->pool);
        dossier_wire_limit(easy, dossier_delivery_patience(delivery, request->gateway->timeout));
    }
    if (!easy || !dossier_wire_start(courier->wire, easy, on_done, request)) {
        dossier_delivery_settle(delivery, DOSSIER_OUTBOX_RETRY, "out of memory");
    }
}
