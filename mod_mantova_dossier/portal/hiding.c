/* Taking a document out of sight, and seeing what was. Only who knows the password learns that
   there is anything. */
#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"

int dossier_portal_hiding_set(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"hidden", DOSSIER_FIELD_BOOL, 0, 1},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_json_t *body;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "document_id");

    if (!arguments || !(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    dossier_json_set_bool(arguments, "hidden", dossier_json_get_bool(body, "hidden", 0));
    return dossier_call_answer(x, &dossier_fn.hiding_set, arguments, HTTP_OK);
}

int dossier_portal_hiding_list(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments || !dossier_portal_password_read(&rc, arguments, x)) {
        return rc;
    }
    return dossier_call_answer(x, &dossier_fn.hiding_list, arguments, HTTP_OK);
}
