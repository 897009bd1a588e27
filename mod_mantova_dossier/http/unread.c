#include "http/unread.h"

#include <httpd.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <string.h>

/* Of a request whose body is stated and not read to its end; whether its connection may go on then.
 */
#define UNREAD "dossier-unread"
#define MAY_GO_ON "1"
#define ENDS "0"

#define READ_AT_ONCE (64 * 1024)
#define LINGER_MOST apr_time_from_sec(2) /* as long as httpd's own lingering close */
#define LINGER_QUIET apr_time_from_msec(250)
#define LINGER_STEP apr_time_from_msec(10)

/* HTTP/2 need not state a body. */
static int states_body(const request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return apr_table_get(r->headers_in, "Transfer-Encoding") || (length && strcmp(length, "0")) ||
           (r->connection->master && !length && r->method_number != M_GET);
}

void dossier_unread_expect(request_rec *r)
{
    conn_rec *connection = r->connection;

    if (states_body(r)) {
        apr_table_setn(r->notes, UNREAD,
                       connection->master || connection->keepalive == AP_CONN_CLOSE ? ENDS
                                                                                    : MAY_GO_ON);
        connection->keepalive = AP_CONN_CLOSE;
    }
}

void dossier_unread_ended(request_rec *r)
{
    const char *unread = apr_table_get(r->notes, UNREAD);

    if (unread && !strcmp(unread, MAY_GO_ON)) {
        r->connection->keepalive = AP_CONN_UNKNOWN;
    }
    apr_table_unset(r->notes, UNREAD);
}

/* What has arrived since: APR_SUCCESS, APR_EAGAIN when nothing has, anything else when it is over.
 */
static apr_status_t discard_some(request_rec *r, apr_bucket_brigade *brigade)
{
    apr_status_t status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                                         APR_NONBLOCK_READ, READ_AT_ONCE);

    if (status == APR_SUCCESS && APR_BRIGADE_EMPTY(brigade)) {
        return APR_EAGAIN;
    }
    if (status == APR_SUCCESS && APR_BUCKET_IS_EOS(APR_BRIGADE_LAST(brigade))) {
        status = APR_EOF;
    }
    apr_brigade_cleanup(brigade);
    return status;
}

/* HTTP/2 cannot close the connection behind one answer: it resets the stream, and clients that
   learn of the reset while they write lose the answer (curl before 8.0). So it leaves first, and
   the reset waits until the client has stopped sending. */
static void linger(dossier_exchange_t *x)
{
    request_rec *r = x->r;
    apr_bucket_brigade *brigade = apr_brigade_create(x->pool, r->connection->bucket_alloc);
    apr_time_t start = apr_time_now();
    apr_time_t heard = start;
    apr_time_t now = start;

    while (now - start < LINGER_MOST && now - heard < LINGER_QUIET) {
        apr_status_t status = discard_some(r, brigade);

        now = apr_time_now();
        if (status == APR_SUCCESS) {
            heard = now;
        } else if (APR_STATUS_IS_EAGAIN(status)) {
            apr_sleep(LINGER_STEP);
        } else {
            return;
        }
    }
}

int dossier_unread_leave(dossier_exchange_t *x, int rc)
{
    if (apr_table_get(x->r->notes, UNREAD) && x->r->connection->master && rc == OK &&
        ap_rflush(x->r) == 0) {
        linger(x);
    }
    return rc;
}
