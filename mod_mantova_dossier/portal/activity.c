/* Who did what with an account's data. */
#include "portal/list_query.h"
#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t query_shape[] = {
    DOSSIER_LIST_PARAMETERS,
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

int dossier_portal_activity_list(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *arguments = dossier_call_arguments(x);

    dossier_portal_list_query(arguments, fields, x, query_shape);
    return dossier_fields_ok(fields)
               ? dossier_call_answer(x, &dossier_fn.activity_list, arguments, HTTP_OK)
               : dossier_problem_fields(x, fields);
}
