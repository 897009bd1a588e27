#include "http/session.h"

#include <httpd.h>
#include <apr_optional.h>
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_request.h>
#include <mod_session.h>
#include <util_cookies.h>

#include <dlfcn.h>
#include <string.h>

#include "base/secrets.h"
#include "store/db.h"

APLOG_USE_MODULE(mantova_dossier);

#define COOKIE "__Host-dossier"
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define DEVICE_COOKIE "__Host-dossier-device"
#define DEVICE_RULES COOKIE_RULES "; Max-Age=34560000" /* 400 days, the longest browsers take */
#define TOKEN_LENGTH 43                                /* 256 bits in base64url */

/* What one request knows of its session. */
typedef struct {
    session_rec *record;
    apr_status_t status;    /* of the look-up in the database */
    const char *set_cookie; /* to be sent; NULL: nothing */
    const char *device;     /* its token; NULL: nobody asked */
} state_t;

/* Internal redirects and subrequests share the state of the request the client made. */
static state_t *state_of(request_rec *r)
{
    state_t *state;

    while (r->prev || r->main) {
        r = r->prev ? r->prev : r->main;
    }
    state = ap_get_module_config(r->request_config, &mantova_dossier_module);
    if (!state) {
        state = apr_pcalloc(r->pool, sizeof(*state));
        ap_set_module_config(r->request_config, &mantova_dossier_module, state);
    }
    return state;
}

static const char *cookie_token(request_rec *r, const char *cookie)
{
    const char *token = NULL;

    if (ap_cookie_read(r, cookie, &token, 0) != APR_SUCCESS || !token ||
        strlen(token) != TOKEN_LENGTH) {
        return NULL;
    }
    return token;
}

static session_rec *load_record(state_t *state, request_rec *r)
{
    session_rec *record = apr_pcalloc(r->pool, sizeof(*record));
    const char *token = cookie_token(r, COOKIE);
    dossier_json_t *arguments = dossier_json_object(r->pool);
    dossier_json_t *result = NULL;

    record->pool = r->pool;
    record->entries = apr_table_make(r->pool, 4);
    if (!token) {
        return record;
    }
    dossier_json_set(arguments, "token_hash", dossier_secrets_sha256(token, TOKEN_LENGTH, r->pool));
    state->status = dossier_db_call(&result, dossier_db_make(r->server, r->pool),
                                    &dossier_fn.session_load, arguments, r->pool);
    if (state->status == APR_SUCCESS && dossier_json_get(result, "account_id")) {
        apr_table_set(record->entries, "account", dossier_json_get(result, "account_id"));
        apr_table_set(record->entries, "session", dossier_json_get(result, "session_id"));
        if (dossier_json_get_bool(result, "consents_due", 1)) {
            apr_table_setn(record->entries, "consents_due", "1");
        }
    }
    return record;
}

/* Hook session_load. A database that is away is not an error here, only at the route that needs an
   account: mod_session would log a line for each static file. */
static apr_status_t on_session_load(request_rec *r, session_rec **record)
{
    state_t *state;

    if (!dossier_config_is_on(r->server)) {
        return DECLINED;
    }
    state = state_of(r);
    if (!state->record) {
        state->record = load_record(state, r);
    }
    *record = state->record;
    return OK;
}

/* Each time again, so that its days begin again. */
static void add_device_cookie(request_rec *r, const state_t *state)
{
    apr_table_addn(r->err_headers_out, "Set-Cookie",
                   apr_pstrcat(r->pool, DEVICE_COOKIE "=", state->device, DEVICE_RULES, NULL));
}

/* Hook session_save, called before the headers leave. The row was written by the SQL function that
   opened or closed the session: what is left is to tell the browser. */
static apr_status_t on_session_save(request_rec *r, session_rec *record)
{
    state_t *state;

    if (!dossier_config_is_on(r->server)) {
        return DECLINED;
    }
    state = state_of(r);
    if (record->dirty && state->set_cookie) {
        apr_table_addn(r->err_headers_out, "Set-Cookie", state->set_cookie);
        state->set_cookie = NULL;
        if (state->device) {
            add_device_cookie(r, state);
        }
    }
    return OK;
}

/* Registering for mod_session's hooks means calling functions that live in mod_session.so, which
   Debian loads after us (by alphabet): so they are looked up once every module is loaded. */
int dossier_session_register_hooks(apr_pool_t *log)
{
    void (*on_load)(ap_HOOK_session_load_t *, const char *const *, const char *const *, int);
    void (*on_save)(ap_HOOK_session_save_t *, const char *const *, const char *const *, int);

    *(void **)&on_load = dlsym(RTLD_DEFAULT, "ap_hook_session_load");
    *(void **)&on_save = dlsym(RTLD_DEFAULT, "ap_hook_session_save");
    if (!on_load || !on_save) {
        ap_log_perror(
            APLOG_MARK, APLOG_EMERG, 0, log,
            "DOS0021: mod_session is not loaded, and login state needs it: add LoadModule "
            "session_module (a2enmod session on Debian)");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    on_load(on_session_load, NULL, NULL, APR_HOOK_MIDDLE);
    on_save(on_session_save, NULL, NULL, APR_HOOK_MIDDLE);
    return OK;
}

dossier_session_token_t dossier_session_token(apr_pool_t *pool)
{
    dossier_session_token_t token;

    token.token = dossier_secrets_token(pool);
    token.token_hash = dossier_secrets_sha256(token.token, TOKEN_LENGTH, pool);
    return token;
}

static session_rec *record_of(dossier_exchange_t *x)
{
    APR_OPTIONAL_FN_TYPE(ap_session_load) *load = APR_RETRIEVE_OPTIONAL_FN(ap_session_load);
    session_rec *record = NULL;

    if (load) {
        load(x->r, &record);
    }
    if (!record) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, x->r,
                      "DOS0020: no session for %s: put `Session On` in <Location \"/api/v1\">",
                      x->r->uri);
    }
    return record;
}

static void send_cookie(dossier_exchange_t *x, const char *cookie)
{
    session_rec *record = record_of(x);

    if (record) {
        state_of(x->r)->set_cookie = cookie;
        record->dirty = 1;
    }
}

const char *dossier_session_device(dossier_exchange_t *x)
{
    state_t *state = state_of(x->r);

    if (!state->device) {
        state->device = cookie_token(x->r, DEVICE_COOKIE);
    }
    if (!state->device) {
        state->device = dossier_secrets_token(x->pool);
    }
    return dossier_secrets_sha256(state->device, TOKEN_LENGTH, x->pool);
}

void dossier_session_keep_device(dossier_exchange_t *x)
{
    dossier_session_device(x);
    add_device_cookie(x->r, state_of(x->r));
}

void dossier_session_adopt(dossier_exchange_t *x, const dossier_session_token_t *token)
{
    send_cookie(x, apr_pstrcat(x->pool, COOKIE "=", token->token, COOKIE_RULES, NULL));
}

void dossier_session_drop(dossier_exchange_t *x)
{
    send_cookie(x, COOKIE "=" COOKIE_RULES "; Max-Age=0");
}

apr_status_t dossier_session_load(dossier_exchange_t *x)
{
    session_rec *record = record_of(x);
    state_t *state = state_of(x->r);

    if (!record) {
        return APR_ENOTIMPL;
    }
    if (state->status != APR_SUCCESS) {
        return state->status;
    }
    x->account_id = apr_table_get(record->entries, "account");
    x->session_id = apr_table_get(record->entries, "session");
    x->consents_due = apr_table_get(record->entries, "consents_due") != NULL;
    return APR_SUCCESS;
}
