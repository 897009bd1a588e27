/* Leaving, a step at a time: the service of a dossier off and on. */
#include "portal/portal.h"

#include "portal/password_again.h"
#include "portal/steps.h"
#include "store/cancellation.h"

static const dossier_field_t service_shape[] = {
    {"enabled", DOSSIER_FIELD_BOOL, 0, 1},
    {"password", DOSSIER_FIELD_SECRET, 0, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_service_put(dossier_exchange_t *x)
{
    dossier_cancellation_t cancellation = {.account_id = x->account_id, .address = x->address};
    dossier_json_t *result;
    dossier_json_t *body;
    apr_status_t status;
    int rc;

    cancellation.patient_id = dossier_portal_id(&rc, x);
    if (!cancellation.patient_id || !(body = dossier_body_read(x, service_shape, &rc))) {
        return rc;
    }
    cancellation.proof = dossier_portal_password_again(&rc, x, dossier_json_get(body, "password"));
    if (!cancellation.proof) {
        return rc;
    }
    status = dossier_store_service_set(&result, x->db, &cancellation,
                                       dossier_json_get_bool(body, "enabled", 0), x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
