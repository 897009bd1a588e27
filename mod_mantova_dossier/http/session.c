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
#include <stdatomic.h>
#include <string.h>

#include "base/secrets.h"
#include "store/db.h"

APLOG_USE_MODULE(mantova_dossier);

#define COOKIE "__Host-dossier"
#define COOKIE_RULES "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define DEVICE_COOKIE "__Host-dossier-device"
#define DEVICE_RULES COOKIE_RULES "; Max-Age=34560000" /* 400 days, the longest browsers take */
#define TOKEN_LENGTH 43                                /* 256 bits in base64url */

#define SEEN_PAUSE apr_time_from_sec(30)

/* What one request knows of its session. */
typedef struct {
    session_rec *record;
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

/* Hook session_load. Nothing is asked of the database here: what a request asks it for judges the session too. */
static apr_status_t on_session_load(request_rec *r, session_rec **record)
{
    state_t *state;

    if (!dossier_config_is_on(r->server)) {
        return DECLINED;
    }
    state = state_of(r);
    if (!state->record) {
        state->record = apr_pcalloc(r->pool, sizeof(*state->record));
        state->record->pool = r->pool;
        state->record->entries = apr_table_make(r->pool, 1);
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

/* Where it cannot be noted, as in a database that takes no changes, not each request tries. */
static void note_seen(dossier_exchange_t *x)
{
    static atomic_llong failed;
    dossier_db_answer_t answer;
    dossier_json_t *arguments = dossier_json_object(x->pool);

    if (apr_time_now() < failed + SEEN_PAUSE) {
        return;
    }
    dossier_json_set(arguments, "session_id", x->session_id);
    if (dossier_db_ask(&answer, x->db, &dossier_fn.session_seen, arguments, x->pool) !=
        APR_SUCCESS) {
        failed = apr_time_now();
    }
}

/* The session stands. */
static void on_stands(void *context, const char *session)
{
    dossier_exchange_t *x = context;
    const dossier_json_t *known =
        session ? dossier_json_parse(session, strlen(session), x->pool) : NULL;

    x->account_id = dossier_json_get(known, "account_id");
    x->session_id = dossier_json_get(known, "session_id");
    if (dossier_json_get_bool(known, "seen_due", 1)) {
        note_seen(x);
    }
}

apr_status_t dossier_session_expect(dossier_exchange_t *x, const char *shown, int while_due)
{
    const char *token = cookie_token(x->r, COOKIE);
    dossier_json_t *arguments = dossier_json_object(x->pool);

    if (!record_of(x)) {
        return APR_ENOTIMPL;
    }
    if (!token) {
        return APR_NOTFOUND;
    }
    dossier_json_set(arguments, "token_hash", dossier_secrets_sha256(token, TOKEN_LENGTH, x->pool));
    dossier_json_set(arguments, "shown", shown);
    dossier_json_set_bool(arguments, "while_due", while_due);
    dossier_db_in_session(x->db, &dossier_fn.session_load, arguments, on_stands, x);
    return APR_SUCCESS;
}

int dossier_session_settle(int *rc, dossier_exchange_t *x)
{
    dossier_db_answer_t answer;
    apr_status_t status = dossier_db_judge(&answer, x->db, x->pool);

    if (status != APR_SUCCESS) {
        *rc = dossier_problem_db(x, status);
    } else if (strcmp(answer.outcome, "ok")) {
        *rc = dossier_problem(x, answer.outcome, NULL);
    } else {
        return 1;
    }
    return 0;
}
