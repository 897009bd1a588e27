/* Whose portal this is: the facility of the virtual host, for the entry page. */
#include "portal/portal.h"

int dossier_portal_facility_get(dossier_exchange_t *x)
{
    dossier_json_t *body = dossier_json_object(x->pool);

    dossier_json_set(body, "id", x->config->facility_id);
    dossier_json_set(body, "name", x->config->facility_name);
    dossier_json_set(body, "colour", x->config->facility_colour);
    dossier_json_set(body, "logo", x->config->facility_logo);
    dossier_json_set_value(body, "desk", dossier_answer_desk(x));
    return dossier_answer(x, HTTP_OK, body);
}
