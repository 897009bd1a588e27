#include "portal/steps.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>

#include "base/secrets.h"
#include "base/typed.h"
#include "domain/contacts.h"
#include "store/accounts.h"
#include "store/sessions.h"

APLOG_USE_MODULE(mantova_dossier);

#define USER_AGENT_MAX 200

const char *dossier_portal_id(int *rc, dossier_exchange_t *x)
{
    if (x->param[0] && dossier_secrets_is_uuid(x->param[0])) {
        return x->param[0];
    }
    *rc = dossier_problem(x, "not_found", NULL);
    return NULL;
}

dossier_json_t *dossier_portal_arguments(int *rc, dossier_exchange_t *x, const char *name)
{
    const char *id = dossier_portal_id(rc, x);

    return id ? dossier_json_set(dossier_call_arguments(x), name, id) : NULL;
}

dossier_json_t *dossier_portal_object(const dossier_json_t *body, const char *name)
{
    dossier_json_t *value = dossier_json_get_value(body, name);

    return value && dossier_json_type(value) == DOSSIER_JSON_OBJECT ? value : NULL;
}

void dossier_portal_consent_check(dossier_fields_t *fields, dossier_json_t *consent,
                                  const char *kind)
{
    static const dossier_field_t shape[] = {
        {"notice", DOSSIER_FIELD_STRING, 20, 1},
        {"version", DOSSIER_FIELD_STRING, 20, 1},
        {NULL, DOSSIER_FIELD_STRING, 0, 0},
    };
    const char *notice;

    dossier_fields_check(fields, consent, shape, "consent");
    notice = dossier_json_get(consent, "notice"); /* only now: the check may trim it */
    if (notice && strcmp(notice, kind)) {
        dossier_fields_error(fields, "consent.notice", "choice");
    }
}

const char *dossier_portal_password_hash(int *rc, dossier_exchange_t *x, const char *password,
                                         dossier_worker_caller_t caller, const char *who)
{
    dossier_worker_t *worker = dossier_worker_acquire(x, caller, who);
    const char *hash = NULL;
    apr_status_t status;

    if (!worker) {
        *rc = dossier_problem(x, "busy", NULL);
        return NULL;
    }
    status = dossier_password_hash(&hash, password, x->pool);
    dossier_worker_release(worker);
    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, status, x->r,
                      "DOS0201: a password could not be hashed: each hash needs 46 MiB, give the "
                      "host more memory or lower DossierPasswordWorkers");
        *rc = dossier_problem(x, "busy", NULL);
        return NULL;
    }
    return hash;
}

/* A header may hold any byte: what is not printable ASCII becomes "?". */
static const char *user_agent(dossier_exchange_t *x)
{
    const char *sent = apr_table_get(x->r->headers_in, "User-Agent");
    char *clean = apr_pstrndup(x->pool, sent ? sent : "", USER_AGENT_MAX);

    for (char *c = clean; *c; c++) {
        *c = *c < ' ' || *c > '~' ? '?' : *c;
    }
    return clean;
}

dossier_json_t *dossier_portal_session_argument(dossier_exchange_t *x,
                                                const dossier_session_token_t *token)
{
    return dossier_store_session_new(token->token_hash, dossier_session_device(x), user_agent(x),
                                     x->pool);
}

/* A browser holds one session: the one it came with ends when it gets another. If the database is
   away by now, the time without a request ends it. */
static void close_former(dossier_exchange_t *x)
{
    dossier_json_t *result;

    if (dossier_session_load(x) == APR_SUCCESS && x->session_id) {
        dossier_store_session_close(&result, x->db, x->session_id, x->account_id, x->address,
                                    x->pool);
    }
}

int dossier_portal_session_answer(dossier_exchange_t *x, const dossier_session_token_t *token,
                                  dossier_json_t *result, int status)
{
    dossier_json_t *body = dossier_json_object(x->pool);

    close_former(x);
    dossier_session_adopt(x, token);
    dossier_json_set_value(body, "account", dossier_json_get_value(result, "account"));
    return dossier_answer(x, status, body);
}

int dossier_portal_session_gone(dossier_exchange_t *x)
{
    dossier_session_drop(x);
    apr_table_setn(x->r->headers_out, "Clear-Site-Data", "\"cache\", \"storage\"");
    return dossier_answer_empty(x);
}

const char *dossier_portal_login_spelling(const char **kind, const char *typed, apr_pool_t *pool)
{
    const char *login;

    if (strchr(dossier_typed_code(typed, pool), '@')) {
        *kind = "email";
        login = dossier_email_parse(typed, pool);
    } else {
        *kind = "mobile";
        login = dossier_mobile_parse(typed, pool);
    }
    if (!login) {
        login = apr_pstrcat(pool, "!", dossier_secrets_sha256(typed, strlen(typed), pool), NULL);
    }
    return login;
}
