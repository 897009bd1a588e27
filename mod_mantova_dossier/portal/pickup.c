/* The visits of a patient: the reports of each may be online, or be collected at the desk. */
#include "base/secrets.h"
#include "portal/portal.h"
#include "portal/steps.h"

int dossier_portal_pickup_list(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    return arguments ? dossier_call_answer(x, &dossier_fn.pickup_list, arguments, HTTP_OK) : rc;
}

int dossier_portal_pickup_set(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"online_pickup", DOSSIER_FIELD_BOOL, 0, 1},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_json_t *body;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments) {
        return rc;
    }
    if (!dossier_secrets_is_uuid(x->param[1])) {
        return dossier_problem(x, "not_found", NULL);
    }
    if (!(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    dossier_json_set(arguments, "acceptance_id", x->param[1]);
    dossier_json_set_bool(arguments, "online_pickup",
                          dossier_json_get_bool(body, "online_pickup", 1));
    return dossier_call_answer(x, &dossier_fn.pickup_set, arguments, HTTP_OK);
}
