/* Who did what with an account's data. */
#include "store/activity.h"

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
    dossier_json_t *sent;
    dossier_json_t *result;
    apr_status_t status;
    int limit;

    sent = dossier_portal_list_query(&limit, fields, x, query_shape);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_activity_list(&result, x->db, x->account_id, limit,
                                         dossier_json_get(sent, "cursor"), x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
