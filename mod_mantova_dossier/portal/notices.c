/* The notices people consent to, as they stand today or as they once were. */
#include "store/notices.h"

#include <string.h>

#include "portal/portal.h"

int dossier_portal_notice_get(dossier_exchange_t *x)
{
    const char *kind = x->param[0];
    dossier_json_t *result;
    apr_status_t status;

    if (strcmp(kind, "portal") && strcmp(kind, "dossier")) {
        return dossier_problem(x, "not_found", NULL);
    }
    status = dossier_store_notice_get(&result, x->db, kind, dossier_query(x, "version"), x->address,
                                      x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
