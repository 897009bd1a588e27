/* Logging in and out, and who is logged in. */
#include "http/session.h"

#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "store/accounts.h"
#include "store/sessions.h"

static const dossier_field_t login_shape[] = {
    {"login", DOSSIER_FIELD_STRING, 254, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* Counts the attempt as a failure until it is finished. NULL: answered. */
static dossier_json_t *begin_login(int *rc, dossier_exchange_t *x, const char *typed)
{
    dossier_json_t *result;
    const char *kind;
    const char *login = dossier_portal_login_spelling(&kind, typed, x->pool);
    apr_status_t status = dossier_store_login_begin(&result, x->db, kind, login,
                                                    dossier_session_device(x), x->address, x->pool);

    return dossier_call_succeeded(rc, x, status, result) ? result : NULL;
}

int dossier_portal_session_open(dossier_exchange_t *x)
{
    dossier_session_token_t token = dossier_session_token(x->pool);
    dossier_login_t login = {.address = x->address};
    dossier_json_t *body;
    dossier_json_t *begun;
    dossier_json_t *result;
    apr_status_t status;
    int known;
    int rc;

    body = dossier_body_read(&rc, x, login_shape);
    if (!body || !(begun = begin_login(&rc, x, dossier_json_get(body, "login")))) {
        return rc;
    }
    known = dossier_json_get_bool(begun, "known_device", 0);
    login.verdict = dossier_portal_password_judge(
        &login.rehash, x, dossier_json_get(begun, "password_hash"),
        dossier_json_get(body, "password"), known ? DOSSIER_WORKER_KNOWN : DOSSIER_WORKER_LOGIN,
        known ? dossier_json_get(begun, "account_id") : NULL);
    login.attempt = dossier_json_get(begun, "attempt");
    login.session = dossier_portal_session_argument(x, &token);
    status = dossier_store_login_finish(&result, x->db, &login, x->pool);
    if (login.verdict == DOSSIER_LOGIN_NOT_JUDGED) {
        return dossier_problem(x, "busy", NULL);
    }
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    return dossier_portal_session_answer(x, &token, result, HTTP_OK);
}

int dossier_portal_session_get(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status = dossier_store_account_get(&result, x->db, x->account_id, x->session_id,
                                                    x->address, x->pool);

    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_session_close(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;
    apr_status_t status = dossier_store_session_close(&result, x->db, x->session_id, x->account_id,
                                                      x->address, x->pool);

    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    return dossier_portal_session_gone(x);
}
