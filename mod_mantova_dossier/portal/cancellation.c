/* Leaving, a step at a time: the service of a dossier off and on, its history wiped, the account
   deleted. A download that has begun goes on to its end: it holds key and file. */
#include "store/cancellation.h"

#include "http/obsolete.h"
#include "http/session.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t service_shape[] = {
    {"enabled", DOSSIER_FIELD_BOOL, 0, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_service_put(dossier_exchange_t *x)
{
    dossier_cancellation_t cancellation = {.account_id = x->account_id, .address = x->address};
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    dossier_json_t *body;
    apr_status_t status;
    int rc;

    cancellation.patient_id = dossier_portal_id(&rc, x);
    if (!cancellation.patient_id || !(body = dossier_body_read(&rc, x, service_shape))) {
        return rc;
    }
    if (!dossier_portal_password_again(&rc, arguments, x, dossier_json_get(body, "password"))) {
        return rc;
    }
    cancellation.proof = dossier_json_get(arguments, "proof");
    status = dossier_store_service_set(&result, x->db, &cancellation,
                                       dossier_json_get_bool(body, "enabled", 0), x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

/* The keys are destroyed by now: whatever becomes of the files, nothing is left to read. */
static int destroyed(int *rc, dossier_exchange_t *x, apr_status_t status, dossier_json_t *result)
{
    if (!dossier_call_succeeded(rc, x, status, result)) {
        return 0;
    }
    dossier_obsolete_drop(x, result);
    return 1;
}

int dossier_portal_documents_wipe(dossier_exchange_t *x)
{
    dossier_cancellation_t cancellation = {.account_id = x->account_id, .address = x->address};
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    cancellation.patient_id = dossier_portal_id(&rc, x);
    if (!cancellation.patient_id || !dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    cancellation.proof = dossier_json_get(arguments, "proof");
    status = dossier_store_documents_wipe(&result, x->db, &cancellation, x->pool);
    return destroyed(&rc, x, status, result) ? dossier_answer_empty(x) : rc;
}

int dossier_portal_account_delete(dossier_exchange_t *x)
{
    dossier_cancellation_t cancellation = {.account_id = x->account_id, .address = x->address};
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    cancellation.proof = dossier_json_get(arguments, "proof");
    status = dossier_store_account_delete(&result, x->db, &cancellation, x->pool);
    if (!destroyed(&rc, x, status, result)) {
        return rc;
    }
    return dossier_portal_session_gone(x);
}
