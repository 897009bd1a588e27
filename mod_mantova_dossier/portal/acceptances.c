/* The visits of a patient: the reports of each may be online, or be collected at the desk. */
#include "base/secrets.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "store/pickup.h"

int dossier_portal_acceptance_list(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id) {
        return rc;
    }
    status = dossier_store_acceptance_list(&result, x->db, x->account_id, id, x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_acceptance_pickup(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"online_pickup", DOSSIER_FIELD_BOOL, 0, 1},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_pickup_t pickup = {.account_id = x->account_id, .address = x->address};
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    pickup.patient_id = dossier_portal_id(&rc, x);
    if (!pickup.patient_id) {
        return rc;
    }
    if (!dossier_secrets_is_uuid(x->param[1])) {
        return dossier_problem(x, "not_found", NULL);
    }
    if (!(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    pickup.acceptance_id = x->param[1];
    pickup.online_pickup = dossier_json_get_bool(body, "online_pickup", 1);
    status = dossier_store_acceptance_pickup(&result, x->db, &pickup, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
