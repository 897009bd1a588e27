#include "http/access.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>

#include <string.h>

#include "base/secret_file.h"
#include "base/secrets.h"
#include "http/call.h"
#include "http/session.h"
#include "store/db.h"

APLOG_USE_MODULE(mantova_dossier);

#define MAX_KEY_LENGTH 256

static int safe_method(const request_rec *r)
{
    return r->method_number == M_GET; /* HEAD included */
}

/* A browser says where a request comes from; anything but the portal's own pages may read nothing
   it could not read anyway, and may change nothing. SameSite=Strict on the cookie is the other
   half. */
static int same_origin(dossier_exchange_t *x)
{
    const char *origin = apr_table_get(x->r->headers_in, "Origin");
    const char *site = apr_table_get(x->r->headers_in, "Sec-Fetch-Site");
    const char *host = apr_table_get(x->r->headers_in, "Host");

    if (site && strcmp(site, "same-origin") && strcmp(site, "none")) {
        return 0;
    }
    if (!origin) {
        return 1;
    }
    return !strcmp(origin, x->config->public_url) ||
           (host && !strcmp(origin, apr_pstrcat(x->pool, "https://", host, NULL)));
}

static int of_type(const request_rec *r, const char *media_type)
{
    const char *stated = apr_table_get(r->headers_in, "Content-Type");
    apr_size_t length = strlen(media_type);

    return stated && !strncasecmp(stated, media_type, length) &&
           strchr("; \t", stated[length]) != NULL;
}

/* Nothing here unpacks a body: what is compressed would be read as if it were not. */
static int is_encoded(const request_rec *r)
{
    const char *coding = apr_table_get(r->headers_in, "Content-Encoding");

    return coding && *coding && strcasecmp(coding, "identity");
}

static int answered(int rc)
{
    return rc == OK ? DONE : rc;
}

/* The cookie is the browser's, and so of all its tabs: a page left open says whose screen it shows,
   which after a login elsewhere is no longer the account its cookie opens. A client that is not a page
   has one screen at most, and need not say. */
static int check_account(dossier_exchange_t *x, dossier_access_t access)
{
    const char *shown = apr_table_get(x->r->headers_in, "Dossier-Account");
    apr_status_t status = dossier_session_expect(x, shown, access == DOSSIER_ACCESS_SESSION);
    int rc;

    if (status == APR_NOTFOUND) {
        return answered(dossier_problem(x, "unauthenticated", NULL));
    }
    if (status != APR_SUCCESS) {
        return answered(dossier_problem_db(x, status));
    }
    if (safe_method(x->r) && !x->r->header_only) {
        return OK; /* judged by what it asks the database for */
    }
    if (!dossier_session_settle(&rc, x)) {
        return answered(rc);
    }
    dossier_db_stay_in_session(x->db);
    return OK;
}

/* The bearer key (RFC 6750, 2.1), or NULL. */
static const char *bearer_key(const request_rec *r)
{
    const char *header = apr_table_get(r->headers_in, "Authorization");

    if (!header || strncasecmp(header, "Bearer ", 7)) {
        return NULL;
    }
    header += 7;
    header += strspn(header, " ");
    return *header && strlen(header) <= MAX_KEY_LENGTH ? header : NULL;
}

/* Once a day while a key comes to its end: then the system is refused. */
static void warn_of_end(const dossier_exchange_t *x, const dossier_json_t *result)
{
    const char *ending = dossier_json_get(result, "ending");

    if (ending) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, x->r,
                      "DOS0306: key %s of integrator %s is valid until %s: renew it "
                      "(mantova-dossier integrator new-key %s)",
                      x->key_id ? x->key_id : "(no id)", x->integrator_id, ending,
                      x->integrator_id);
    }
}

static int check_integrator(dossier_exchange_t *x)
{
    const char *key = bearer_key(x->r);
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result = NULL;
    apr_status_t status = APR_SUCCESS;

    if (key) {
        dossier_json_set(arguments, "key_hash", dossier_secrets_sha256(key, strlen(key), x->pool));
        status = dossier_db_call(&result, x->db, &dossier_fn.integrator_load, arguments, x->pool);
    }
    if (status != APR_SUCCESS) {
        return answered(dossier_problem_db(x, status));
    }
    x->integrator_id = result ? dossier_json_get(result, "integrator_id") : NULL;
    if (x->integrator_id) {
        x->key_id = dossier_json_get(result, "key_id");
        warn_of_end(x, result);
        return OK;
    }
    return answered(dossier_problem(x, "key_refused", NULL));
}

/* A provider shows the secret as a password (any user) or as a bearer token: what it can is put
   into the address it is told to call, https://portal:secret@host/... */
static int knows_secret(dossier_exchange_t *x)
{
    const char *secret = dossier_secret_value(x->config->secrets, x->config->receipts->secret);
    const char *shown = bearer_key(x->r);
    const char *password = NULL;

    if (!shown && ap_get_basic_auth_components(x->r, NULL, &password) == APR_SUCCESS) {
        shown = password;
    }
    return shown && dossier_secrets_equal(dossier_secrets_sha256(shown, strlen(shown), x->pool),
                                          dossier_secrets_sha256(secret, strlen(secret), x->pool));
}

static int check_gateway(dossier_exchange_t *x)
{
    if (!x->config->receipts) {
        return answered(dossier_problem(x, "not_found", NULL));
    }
    if (knows_secret(x)) {
        return OK;
    }
    apr_table_setn(x->r->err_headers_out, "WWW-Authenticate", "Basic realm=\"callbacks\"");
    return answered(dossier_problem(x, "key_refused", NULL));
}

static int check_caller(dossier_exchange_t *x, dossier_access_t access)
{
    switch (access) {
    case DOSSIER_ACCESS_ACCOUNT:
    case DOSSIER_ACCESS_SESSION:
        return check_account(x, access);
    case DOSSIER_ACCESS_INTEGRATOR:
        return check_integrator(x);
    case DOSSIER_ACCESS_GATEWAY:
        return check_gateway(x);
    default:
        return OK;
    }
}

/* "*", or tags in quotes with commas between (RFC 9110, 8.8.3); empty members are skipped. */
static int is_condition(const char *text)
{
    int tags = 0;

    if (!strcmp(text, "*")) {
        return 1;
    }
    while (*(text += strspn(text, ", \t"))) {
        text += strncmp(text, "W/", 2) ? 0 : 2;
        text = *text == '"' ? strchr(text + 1, '"') : NULL;
        if (!text) {
            return 0;
        }
        text += 1 + strspn(text + 1, " \t");
        if (*text && *text != ',') {
            return 0;
        }
        tags++;
    }
    return tags > 0;
}

/* A condition that cannot be read would be one that is not there. */
static void check_conditions(dossier_fields_t *fields, const dossier_exchange_t *x)
{
    static const char *const names[] = {"If-Match", "If-None-Match"};

    for (int i = 0; i < 2; i++) {
        const char *stated = apr_table_get(x->r->headers_in, names[i]);

        if (stated && !is_condition(stated)) {
            dossier_fields_error(fields, names[i], "condition_form");
        }
    }
}

/* OK, or answered with the type that is taken. */
static int check_type(dossier_exchange_t *x, dossier_body_t body)
{
    int json = body == DOSSIER_BODY_JSON;
    const char *taken = json ? "application/json" : "multipart/form-data";

    if (body == DOSSIER_BODY_NONE || of_type(x->r, taken)) {
        return OK;
    }
    apr_table_setn(x->r->err_headers_out, "Accept", taken);
    return answered(dossier_problem_fault(x, "unsupported_media_type",
                                          json ? "content_type_json" : "content_type_multipart"));
}

int dossier_access_check(dossier_exchange_t *x, const dossier_route_t *route)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    int rc;

    if (!safe_method(x->r) && !same_origin(x)) {
        return answered(dossier_problem(x, "not_acceptable_origin", NULL));
    }
    rc = check_caller(x, route->access);
    if (rc != OK) {
        return rc;
    }
    rc = check_type(x, route->body);
    if (rc != OK) {
        return rc;
    }
    if (route->body != DOSSIER_BODY_NONE && is_encoded(x->r)) {
        apr_table_setn(x->r->err_headers_out, "Accept-Encoding", "identity");
        return answered(dossier_problem_fault(x, "unsupported_media_type", "content_encoding"));
    }
    if (route->access == DOSSIER_ACCESS_INTEGRATOR) {
        check_conditions(fields, x);
    }
    return dossier_fields_ok(fields) ? OK : answered(dossier_problem_fields(x, fields));
}
