/* Reading a request: the JSON body with a cap in bytes. */
#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <string.h>

#include "base/digest.h"
#include "http/exchange.h"
#include "http/unread.h"
#include "http/workers.h"

#define MAX_JSON_BODY (64 * 1024)

/* A form is 1 KiB: who takes longer keeps a thread from others, at whatever rate bytes come. */
#define WHOLE_WITHIN apr_time_from_sec(10)
#define AT_ONCE apr_time_from_msec(250)
#define WAIT_STEP apr_time_from_msec(5)

typedef struct {
    apr_time_t since;
    dossier_worker_t
        *place; /* among those who wait, of a stranger whose body did not come at once */
} wait_t;

/* What has come, at most `room` bytes. APR_EAGAIN: nothing has. */
static apr_status_t read_some(apr_bucket_brigade *brigade, const request_rec *r, apr_size_t room)
{
    apr_status_t status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                                         APR_NONBLOCK_READ, (apr_off_t)room);

    return status == APR_SUCCESS && APR_BRIGADE_EMPTY(brigade) ? APR_EAGAIN : status;
}

/* APR_TIMEUP: it has taken too long; APR_EBUSY: too many of this address wait already. */
static apr_status_t wait_on(wait_t *wait, dossier_exchange_t *x)
{
    apr_interval_time_t waited = apr_time_now() - wait->since;

    if (waited > WHOLE_WITHIN) {
        return APR_TIMEUP;
    }
    if (waited > AT_ONCE && !wait->place && !x->account_id && !x->integrator_id) {
        wait->place = dossier_worker_await_body(x);
        return wait->place ? APR_SUCCESS : APR_EBUSY;
    }
    return APR_SUCCESS;
}

/* Reads until the end of the body, never trusting a stated length: a chunked body states none. */
static apr_status_t read_all(const char **text, apr_size_t *length, wait_t *wait,
                             dossier_exchange_t *x)
{
    request_rec *r = x->r;
    apr_bucket_brigade *brigade = apr_brigade_create(x->pool, r->connection->bucket_alloc);
    char *buffer = apr_palloc(x->pool, MAX_JSON_BODY + 1);
    apr_size_t used = 0;
    int ended = 0;

    while (!ended) {
        apr_size_t room = MAX_JSON_BODY + 1 - used;
        apr_status_t status = wait_on(wait, x);

        if (status == APR_SUCCESS) {
            status = read_some(brigade, r, room);
        }
        if (APR_STATUS_IS_EAGAIN(status)) {
            apr_sleep(WAIT_STEP);
            continue;
        }
        if (status != APR_SUCCESS) {
            return status;
        }
        ended = !APR_BRIGADE_EMPTY(brigade) && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade));
        status = apr_brigade_flatten(brigade, buffer + used, &room);
        if (status != APR_SUCCESS) {
            return status;
        }
        apr_brigade_cleanup(brigade);
        used += room;
        if (used > MAX_JSON_BODY) {
            return APR_ENOSPC;
        }
    }
    dossier_unread_ended(r);
    *text = buffer;
    *length = used;
    return APR_SUCCESS;
}

static int refuse_unread(dossier_exchange_t *x, apr_status_t status)
{
    if (status == APR_ENOSPC) {
        return dossier_problem(x, "too_large", NULL);
    }
    if (status == AP_FILTER_ERROR) {
        return AP_FILTER_ERROR; /* a filter has answered already */
    }
    if (status == APR_EBUSY) {
        return dossier_problem(x, "busy", NULL);
    }
    if (APR_STATUS_IS_TIMEUP(status)) {
        return dossier_problem(x, "request_timeout", NULL);
    }
    return dossier_problem(x, "bad_request", NULL);
}

/* httpd says it itself where a read may wait, and none does here. Said once, nobody expects it. */
static void invite(request_rec *r)
{
    int status = r->status;

    if (r->expecting_100) {
        r->status = HTTP_CONTINUE;
        ap_send_interim_response(r, 0);
        r->status = status;
    }
}

static apr_status_t read_body(const char **text, apr_size_t *length, dossier_exchange_t *x)
{
    wait_t wait = {.since = apr_time_now()};
    apr_status_t status;

    invite(x->r);
    status = read_all(text, length, &wait, x);
    if (wait.place) {
        dossier_worker_release(wait.place);
    }
    return status;
}

static int stated_too_large(const request_rec *r)
{
    const char *stated = apr_table_get(r->headers_in, "Content-Length");

    return stated && apr_atoi64(stated) > MAX_JSON_BODY;
}

int dossier_body_text(int *rc, const char **text, apr_size_t *length, dossier_exchange_t *x)
{
    apr_status_t status = stated_too_large(x->r) ? APR_ENOSPC : read_body(text, length, x);
    dossier_digest_claims_t *claims;
    const char *error;

    if (status != APR_SUCCESS) {
        *rc = refuse_unread(x, status);
        return 0;
    }
    error = dossier_digest_claims_read(&claims, apr_table_get(x->r->headers_in, "Content-Digest"),
                                       x->pool);
    dossier_digest_claims_add(claims, *text, *length);
    if (error || !dossier_digest_claims_hold(claims)) {
        *rc = dossier_problem_field(x, "Content-Digest", error ? error : "digest");
        return 0;
    }
    return 1;
}

dossier_json_t *dossier_body_read(int *rc, dossier_exchange_t *x, const dossier_field_t *shape)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *body;
    const char *text;
    apr_size_t length;

    if (!dossier_body_text(rc, &text, &length, x)) {
        return NULL;
    }
    body = dossier_json_parse(text, length, x->pool);
    if (!body || dossier_json_type(body) != DOSSIER_JSON_OBJECT) {
        *rc = dossier_problem_json(x, text, length, NULL);
        return NULL;
    }
    if (shape) {
        dossier_fields_check(fields, body, shape, NULL);
    }
    if (!dossier_fields_ok(fields)) {
        *rc = dossier_problem_fields(x, fields);
        return NULL;
    }
    return body;
}

int dossier_body_empty(int *rc, dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{NULL, DOSSIER_FIELD_STRING, 0, 0}};

    return dossier_body_read(rc, x, shape) != NULL;
}

dossier_json_t *dossier_body_checked(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                     dossier_body_check_t *check)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *body = dossier_body_read(rc, x, NULL);

    if (!body) {
        return NULL;
    }
    check(fields, arguments, x, body);
    if (dossier_fields_ok(fields)) {
        return body;
    }
    *rc = dossier_problem_fields(x, fields);
    return NULL;
}
