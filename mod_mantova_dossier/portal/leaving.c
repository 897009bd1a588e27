/* Leaving, a step at a time: the service of a dossier off and on, its history wiped, the account
   deleted. A download that has begun goes on to its end: it holds key and file. */
#include "http/obsolete.h"
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t service_shape[] = {
    {"enabled", DOSSIER_FIELD_BOOL, 0, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_leaving_service_set(dossier_exchange_t *x)
{
    dossier_json_t *body;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments || !(body = dossier_body_read(&rc, x, service_shape)) ||
        !dossier_portal_password_again(&rc, arguments, x, dossier_json_get(body, "password"))) {
        return rc;
    }
    dossier_json_set_bool(arguments, "enabled", dossier_json_get_bool(body, "enabled", 0));
    return dossier_call_answer(x, &dossier_fn.leaving_service_set, arguments, HTTP_OK);
}

/* By the password in the body. After the call the keys are destroyed: whatever becomes of the
   files, nothing is left to read. */
static int destroy(int *rc, dossier_exchange_t *x, const dossier_function_t *function,
                   dossier_json_t *arguments)
{
    dossier_json_t *result;

    if (!dossier_portal_password_read(rc, arguments, x) ||
        !dossier_call(rc, &result, x, function, arguments)) {
        return 0;
    }
    dossier_obsolete_drop(x, result);
    return 1;
}

int dossier_portal_leaving_documents_wipe(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    return arguments && destroy(&rc, x, &dossier_fn.leaving_documents_wipe, arguments)
               ? dossier_answer_empty(x)
               : rc;
}

int dossier_portal_leaving_account_delete(dossier_exchange_t *x)
{
    int rc;

    return destroy(&rc, x, &dossier_fn.leaving_account_delete, dossier_call_arguments(x))
               ? dossier_portal_session_gone(x)
               : rc;
}
