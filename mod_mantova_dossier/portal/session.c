/* Logging in and out, who is logged in, where else, and ending it from here. */
#include "http/session.h"

#include <string.h>

#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"

static const dossier_field_t login_shape[] = {
    {"login", DOSSIER_FIELD_STRING, 254, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* Counts the attempt as a failure until it is finished. NULL: answered. */
static dossier_json_t *begin_login(int *rc, dossier_exchange_t *x, const char *typed)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;

    dossier_portal_login_spelling(arguments, typed, x->pool);
    dossier_json_set(arguments, "device_hash", dossier_session_device(x));
    return dossier_call(rc, &result, x, &dossier_fn.session_begin, arguments) ? result : NULL;
}

int dossier_portal_session_open(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *body;
    dossier_json_t *begun;
    dossier_json_t *result;
    int known;
    int rc;

    body = dossier_body_read(&rc, x, login_shape);
    if (!body || !(begun = begin_login(&rc, x, dossier_json_get(body, "login")))) {
        return rc;
    }
    known = dossier_json_get_bool(begun, "known_device", 0);
    dossier_json_set(arguments, "attempt", dossier_json_get(begun, "attempt"));
    if (!dossier_portal_password_judge(arguments, x, dossier_json_get(begun, "password_hash"),
                                       dossier_json_get(body, "password"),
                                       known ? DOSSIER_WORKER_KNOWN : DOSSIER_WORKER_LOGIN,
                                       known ? dossier_json_get(begun, "account_id") : NULL)) {
        dossier_db_call(&result, x->db, &dossier_fn.session_finish, arguments, x->pool);
        return dossier_problem(x, "busy", NULL);
    }
    return dossier_portal_session_start(x, &dossier_fn.session_finish, arguments, HTTP_OK);
}

int dossier_portal_session_get(dossier_exchange_t *x)
{
    return dossier_call_answer(x, &dossier_fn.session_get, dossier_call_arguments(x), HTTP_OK);
}

int dossier_portal_session_close(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;

    if (!dossier_call(&rc, &result, x, &dossier_fn.session_close, dossier_call_arguments(x))) {
        return rc;
    }
    return dossier_portal_session_gone(x);
}

int dossier_portal_session_list(dossier_exchange_t *x)
{
    return dossier_call_answer(x, &dossier_fn.session_list, dossier_call_arguments(x), HTTP_OK);
}

int dossier_portal_session_end(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "ended");

    if (!arguments || !dossier_body_empty(&rc, x) ||
        !dossier_call(&rc, &result, x, &dossier_fn.session_end, arguments)) {
        return rc;
    }
    if (!strcmp(x->param[0], x->session_id)) {
        dossier_session_drop(x);
    }
    return dossier_answer_empty(x);
}

int dossier_portal_session_end_others(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;

    if (!dossier_body_empty(&rc, x) ||
        !dossier_call(&rc, &result, x, &dossier_fn.session_end, dossier_call_arguments(x))) {
        return rc;
    }
    return dossier_answer_empty(x);
}
