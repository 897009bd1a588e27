#include "portal/password_again.h"

#include "base/secrets.h"
#include "base/text.h"
#include "base/typed.h"
#include "portal/steps.h"

#define PASSWORD_MAX 128 /* characters; no longer one can have been set */

dossier_login_verdict_t dossier_portal_password_judge(const char **rehash, dossier_exchange_t *x,
                                                      const char *stored, const char *password,
                                                      dossier_worker_caller_t caller,
                                                      const char *who)
{
    dossier_worker_t *worker = dossier_worker_acquire(x, caller, who);
    dossier_password_verdict_t verdict;

    *rehash = NULL;
    if (!worker) {
        return DOSSIER_LOGIN_NOT_JUDGED;
    }
    if (dossier_text_length(dossier_typed_secret(password, x->pool)) > PASSWORD_MAX) {
        stored = NULL;
        password = "";
    }
    verdict = dossier_password_verify(stored, password, x->pool);
    if (verdict == DOSSIER_PASSWORD_RIGHT_REHASH &&
        dossier_password_hash(rehash, password, x->pool) != APR_SUCCESS) {
        *rehash = NULL; /* the old one stays right; the next login tries again */
    }
    dossier_worker_release(worker);
    if (verdict == DOSSIER_PASSWORD_NO_MEMORY) {
        return DOSSIER_LOGIN_NOT_JUDGED;
    }
    return verdict == DOSSIER_PASSWORD_WRONG ? DOSSIER_LOGIN_WRONG : DOSSIER_LOGIN_RIGHT;
}

int dossier_portal_password_again(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                  const char *password)
{
    dossier_login_verdict_t verdict;
    dossier_json_t *begun;
    dossier_json_t *result;
    const char *rehash;
    const char *proof;
    apr_status_t status =
        dossier_store_password_begin(&begun, x->db, x->account_id, x->address, x->pool);

    if (!dossier_call_succeeded(rc, x, status, begun)) {
        return 0;
    }
    proof = dossier_json_get(begun, "proof");
    verdict = dossier_portal_password_judge(&rehash, x, dossier_json_get(begun, "password_hash"),
                                            password, DOSSIER_WORKER_KNOWN, x->account_id);
    status = dossier_store_password_finish(&result, x->db, x->account_id, proof, verdict,
                                           x->address, x->pool);
    if (verdict == DOSSIER_LOGIN_NOT_JUDGED) {
        *rc = dossier_problem(x, "busy", NULL);
        return 0;
    }
    dossier_json_set(arguments, "proof", proof);
    return dossier_call_succeeded(rc, x, status, result);
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
