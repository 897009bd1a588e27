/* Writing an answer: JSON, never cached, with the headers every answer of the portal carries. */
#include "http/answer.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include <string.h>

#include "http/session.h"

static const struct {
    const char *name;
    const char *value;
} common_headers[] = {
    {"Cache-Control", "private, no-store"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Strict-Transport-Security", "max-age=31536000; includeSubDomains"},
    {NULL, NULL},
};

/* In err_headers_out: they also leave with errors that httpd writes by itself, and mod_headers'
   `always` table replaces them instead of adding a second line. */
void dossier_answer_common_headers(request_rec *r)
{
    for (int i = 0; common_headers[i].name; i++) {
        apr_table_setn(r->err_headers_out, common_headers[i].name, common_headers[i].value);
    }
}

static int write_answer(dossier_exchange_t *x, int status, const char *media_type,
                        const char *bytes, apr_size_t length)
{
    request_rec *r = x->r;
    int rc;

    if (!dossier_session_settle(&rc, x)) {
        return rc;
    }
    r->status = status;
    ap_set_content_type(r, media_type);
    ap_set_content_length(r, (apr_off_t)length);
    if (!r->header_only) {
        ap_rwrite(bytes, (int)length, r);
    }
    return OK;
}

int dossier_answer_text(dossier_exchange_t *x, int status, const char *media_type, const char *text)
{
    return write_answer(x, status, media_type, text, strlen(text));
}

int dossier_answer_bytes(dossier_exchange_t *x, const char *media_type, const char *bytes,
                         apr_size_t length)
{
    return write_answer(x, HTTP_OK, media_type, bytes, length);
}

int dossier_answer_json(dossier_exchange_t *x, int status, const char *text)
{
    return dossier_answer_text(x, status, "application/json", text);
}

int dossier_answer(dossier_exchange_t *x, int status, dossier_json_t *body)
{
    return dossier_answer_json(x, status, dossier_json_text(body, x->pool));
}

dossier_json_t *dossier_answer_desk(const dossier_exchange_t *x)
{
    const dossier_desk_t *desk = x->config->desk;
    dossier_json_t *hours;
    dossier_json_t *body;

    if (!desk) {
        return NULL;
    }
    hours = dossier_json_object(x->pool);
    dossier_json_set(hours, "it", dossier_desk_hours(desk, 0));
    dossier_json_set(hours, "en", dossier_desk_hours(desk, 1));
    body = dossier_json_object(x->pool);
    dossier_json_set(body, "telephone", desk->telephone);
    dossier_json_set_value(body, "hours", hours);
    dossier_json_set(body, "address", desk->address);
    return body;
}

int dossier_answer_empty(dossier_exchange_t *x)
{
    x->r->status = HTTP_NO_CONTENT;
    return OK;
}

int dossier_answer_ok(dossier_exchange_t *x, dossier_json_t *result, int status)
{
    const char *tag = dossier_json_get(result, "tag");

    dossier_json_remove(result, "outcome");
    if (tag) {
        apr_table_setn(x->r->headers_out, "ETag", apr_pstrcat(x->pool, "\"", tag, "\"", NULL));
        dossier_json_remove(result, "tag");
    }
    return dossier_answer(x, status, result);
}
