#include "portal/steps.h"

#include <apr_strings.h>

#include <string.h>

#include "base/secrets.h"
#include "base/typed.h"
#include "domain/contact.h"
#include "http/session.h"

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

dossier_json_t *dossier_portal_session_argument(dossier_exchange_t *x, const char *token_hash)
{
    dossier_json_t *session = dossier_json_object(x->pool);

    dossier_json_set(session, "token_hash", token_hash);
    dossier_json_set(session, "device_hash", dossier_session_device(x));
    return dossier_json_set(session, "user_agent", user_agent(x));
}

/* A browser holds one session: the one it came with ends when it gets another. If the database is
   away by now, the time without a request ends it. */
static void close_former(dossier_exchange_t *x)
{
    dossier_json_t *result;

    if (dossier_session_expect(x, NULL, 1) == APR_SUCCESS) {
        dossier_db_call(&result, x->db, &dossier_fn.session_close, dossier_call_arguments(x),
                        x->pool);
    }
}

int dossier_portal_session_start(dossier_exchange_t *x, const dossier_function_t *function,
                                 dossier_json_t *arguments, int status)
{
    dossier_session_token_t token = dossier_session_token(x->pool);
    dossier_json_t *body = dossier_json_object(x->pool);
    dossier_json_t *result;
    int rc;

    dossier_json_set_value(arguments, "session",
                           dossier_portal_session_argument(x, token.token_hash));
    if (!dossier_call(&rc, &result, x, function, arguments)) {
        return rc;
    }
    close_former(x);
    dossier_session_adopt(x, &token);
    dossier_json_set_value(body, "account", dossier_json_get_value(result, "account"));
    return dossier_answer(x, status, body);
}

int dossier_portal_session_renew(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                                 const dossier_function_t *function, dossier_json_t *arguments)
{
    dossier_session_token_t token = dossier_session_token(x->pool);

    dossier_json_set(arguments, "token_hash", token.token_hash);
    if (!dossier_call(rc, result, x, function, arguments)) {
        return 0;
    }
    dossier_session_adopt(x, &token);
    return 1;
}

int dossier_portal_session_gone(dossier_exchange_t *x)
{
    dossier_session_drop(x);
    apr_table_setn(x->r->headers_out, "Clear-Site-Data", "\"cache\", \"storage\"");
    return dossier_answer_empty(x);
}

void dossier_portal_login_spelling(dossier_json_t *arguments, const char *typed, apr_pool_t *pool)
{
    int is_email = strchr(dossier_typed_code(typed, pool), '@') != NULL;
    const char *login =
        is_email ? dossier_email_parse(typed, pool) : dossier_mobile_parse(typed, pool);

    if (!login) {
        login = apr_pstrcat(pool, "!", dossier_secrets_sha256(typed, strlen(typed), pool), NULL);
    }
    dossier_json_set(arguments, "kind", is_email ? "email" : "mobile");
    dossier_json_set(arguments, "login", login);
}
