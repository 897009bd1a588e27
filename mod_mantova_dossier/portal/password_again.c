#include "portal/password_again.h"

#include <httpd.h>
#include <http_log.h>

#include "base/secrets.h"
#include "base/text.h"
#include "base/typed.h"
#include "domain/password_policy.h"

APLOG_USE_MODULE(mantova_dossier);

int dossier_portal_password_hash(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                 const char *password, dossier_worker_caller_t caller,
                                 const char *who)
{
    dossier_worker_t *worker = dossier_worker_acquire(x, caller, who);
    const char *hash = NULL;
    apr_status_t status;

    if (!worker) {
        *rc = dossier_problem(x, "busy", NULL);
        return 0;
    }
    status = dossier_password_hash(&hash, password, x->pool);
    dossier_worker_release(worker);
    if (status != APR_SUCCESS) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, status, x->r,
                      "DOS0201: a password could not be hashed: each hash needs 46 MiB, give the "
                      "host more memory or lower DossierPasswordWorkers");
        *rc = dossier_problem(x, "busy", NULL);
        return 0;
    }
    dossier_json_set(arguments, "password_hash", hash);
    return 1;
}

int dossier_portal_password_judge(dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *stored, const char *password,
                                  dossier_worker_caller_t caller, const char *who)
{
    dossier_worker_t *worker = dossier_worker_acquire(x, caller, who);
    dossier_password_verdict_t verdict;
    const char *rehash;

    if (!worker) {
        return 0;
    }
    if (dossier_text_length(dossier_typed_secret(password, x->pool)) > DOSSIER_PASSWORD_MAX) {
        /* no such one can have been set */
        stored = NULL;
        password = "";
    }
    verdict = dossier_password_verify(stored, password, x->pool);
    if (verdict == DOSSIER_PASSWORD_RIGHT_REHASH &&
        dossier_password_hash(&rehash, password, x->pool) == APR_SUCCESS) {
        dossier_json_set(arguments, "rehash", rehash); /* else the next login tries again */
    }
    dossier_worker_release(worker);
    if (verdict == DOSSIER_PASSWORD_NO_MEMORY) {
        return 0;
    }
    dossier_json_set_bool(arguments, "right", verdict != DOSSIER_PASSWORD_WRONG);
    return 1;
}

/* The proof becomes good, or not. 0: answered. */
static int finish(int *rc, dossier_exchange_t *x, const dossier_json_t *begun, const char *password)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;

    dossier_json_set(arguments, "proof", dossier_json_get(begun, "proof"));
    if (!dossier_portal_password_judge(arguments, x, dossier_json_get(begun, "password_hash"),
                                       password, DOSSIER_WORKER_KNOWN, x->account_id)) {
        dossier_db_call(&result, x->db, &dossier_fn.password_finish, arguments, x->pool);
        *rc = dossier_problem(x, "busy", NULL);
        return 0;
    }
    return dossier_call(rc, &result, x, &dossier_fn.password_finish, arguments);
}

int dossier_portal_password_again(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *password)
{
    dossier_json_t *begun;

    if (!dossier_call(rc, &begun, x, &dossier_fn.password_begin, dossier_call_arguments(x)) ||
        !finish(rc, x, begun, password)) {
        return 0;
    }
    dossier_json_set(arguments, "proof", dossier_json_get(begun, "proof"));
    return 1;
}

int dossier_portal_password_read(int *rc, dossier_json_t *arguments, dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {
        {"password", DOSSIER_FIELD_SECRET, 0, 1},
        {NULL, DOSSIER_FIELD_STRING, 0, 0},
    };
    dossier_json_t *body = dossier_body_read(rc, x, shape);

    return body &&
           dossier_portal_password_again(rc, arguments, x, dossier_json_get(body, "password"));
}
