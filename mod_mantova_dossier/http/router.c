#include "http/router.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>

#include <stdlib.h>
#include <string.h>

#include "base/meters.h"
#include "config/vault_match.h"
#include "http/access.h"
#include "http/answer.h"
#include "http/language.h"
#include "http/problem_page.h"
#include "http/query.h"
#include "http/unread.h"

#define MAX_PARAMS 2

/* "/a/{x}/b" against "/a/1/b": segment by segment, an empty one never matches a {…}. */
static int matches(const char *pattern, const char *path, const char **params, apr_pool_t *pool)
{
    int count = 0;

    while (*pattern && *path) {
        if (*pattern == '{') {
            apr_size_t length = strcspn(path, "/");

            if (!length || count == MAX_PARAMS) {
                return 0;
            }
            params[count++] = apr_pstrmemdup(pool, path, length);
            path += length;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *path++) {
            return 0;
        }
    }
    return !*pattern && !*path;
}

static int serves(const dossier_route_t *route, const request_rec *r)
{
    return !strcmp(route->method, r->header_only ? "GET" : r->method);
}

/* The route of this method; NULL with *allow set when the path exists for other methods only. */
static const dossier_route_t *find(dossier_exchange_t *x, const dossier_route_t *routes,
                                   const char *path, const char **allow)
{
    for (const dossier_route_t *route = routes; route->method; route++) {
        const char *params[MAX_PARAMS] = {NULL, NULL};

        if (!matches(route->pattern, path, params, x->pool)) {
            continue;
        }
        if (serves(route, x->r)) {
            memcpy(x->param, params, sizeof(params));
            return route;
        }
        *allow = *allow ? apr_pstrcat(x->pool, *allow, ", ", route->method, NULL) : route->method;
        if (!strcmp(route->method, "GET")) {
            *allow = apr_pstrcat(x->pool, *allow, ", HEAD", NULL);
        }
    }
    return NULL;
}

static dossier_exchange_t *exchange_make(request_rec *r)
{
    dossier_exchange_t *x = apr_pcalloc(r->pool, sizeof(*x));

    x->r = r;
    x->pool = r->pool;
    x->config = dossier_config_get(r->server);
    x->db = dossier_db_make(r->server, r->pool);
    x->language = dossier_language_choose(apr_table_get(r->headers_in, "Accept-Language"), r->pool);
    x->address = r->useragent_ip;
    return x;
}

/* httpd says 400 of headers beyond its limits over HTTP/1.1, 431 over HTTP/2. */
static int headers_too_large(const request_rec *r)
{
    const char *notes = apr_table_get(r->notes, "error-notes");

    return notes && (!strncmp(notes, "Size of a request header", 24) ||
                     !strncmp(notes, "The number of request header fields", 35));
}

/* Errors that httpd itself finds (a malformed request line, a header too long) come here through
   `ErrorDocument … /api/v1/problems/<status>`, an internal redirect that no client can make. */
static int httpd_problem(dossier_exchange_t *x, const char *status)
{
    static const struct {
        int status;
        const char *outcome;
    } known[] = {
        {400, "bad_request"},         {401, "unauthenticated"},
        {403, "forbidden"},           {404, "not_found"},
        {405, "method_not_allowed"},  {408, "request_timeout"},
        {412, "precondition_failed"}, {413, "too_large"},
        {414, "uri_too_long"},        {416, "range_not_satisfiable"},
        {431, "headers_too_large"},   {503, "unavailable"},
    };

    if (headers_too_large(x->r->prev)) {
        return dossier_problem_page(x, "headers_too_large");
    }
    for (apr_size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].status == atoi(status)) {
            return dossier_problem_page(x, known[i].outcome);
        }
    }
    return dossier_problem_page(x, "internal");
}

/* What anybody may read tells nothing of a person, and the health answer says what is wrong. 0:
 * answered. */
static int admitted(int *rc, dossier_exchange_t *x, const dossier_route_t *route)
{
    int admitted = 1;
    apr_status_t status = APR_SUCCESS;

    if (route->access != DOSSIER_ACCESS_ANYONE || strcmp(route->method, "GET")) {
        status = dossier_vault_match_admit(&admitted, x->r->server, x->pool);
    }
    if (status != APR_SUCCESS) {
        *rc = dossier_problem_db(x, status);
    } else if (!admitted) {
        *rc = dossier_problem(x, "unavailable", NULL);
    }
    return status == APR_SUCCESS && admitted;
}

static int answer(dossier_exchange_t *x, const dossier_route_t *route, const char *path,
                  const char *allow)
{
    dossier_fields_t *fields;
    int rc;

    if (x->r->prev && !strncmp(path, "/problems/", 10)) {
        return httpd_problem(x, path + 10);
    }
    if (!route) {
        if (allow) {
            apr_table_setn(x->r->err_headers_out, "Allow", allow);
        }
        return dossier_problem(x, allow ? "method_not_allowed" : "not_found", NULL);
    }
    x->pattern = route->pattern;
    rc = dossier_access_check(x, route);
    if (rc != OK) {
        return rc == DONE ? OK : rc;
    }
    if (!admitted(&rc, x, route)) {
        return rc;
    }
    fields = dossier_fields_make(x->pool);
    dossier_query_check(fields, x->r->args, route->query);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    return route->handler(x);
}

int dossier_route(request_rec *r, const dossier_route_t *routes)
{
    apr_size_t prefix = strlen(DOSSIER_API_PREFIX);
    const dossier_route_t *route;
    dossier_exchange_t *x;
    const char *allow = NULL;
    const char *path = r->uri + prefix;
    int rc;

    if (strncmp(r->uri, DOSSIER_API_PREFIX, prefix) || (*path && *path != '/')) {
        return DECLINED;
    }
    x = exchange_make(r);
    dossier_answer_common_headers(r);
    route = find(x, routes, path, &allow);
    rc = dossier_unread_leave(x, answer(x, route, path, allow));
    dossier_meters_answer(route ? (unsigned)(route - routes) : DOSSIER_TIMER_NO_ROUTE,
                          ap_is_HTTP_VALID_RESPONSE(rc) ? rc : r->status,
                          apr_time_now() - r->request_time);
    return rc;
}
