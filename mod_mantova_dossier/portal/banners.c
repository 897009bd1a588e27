/* What the operator tells everybody, before the login too. */
#include "store/banners.h"

#include "portal/portal.h"

/* Every page asks with every screen: its browser does so once a minute. */
#define FRESH "private, max-age=60"

int dossier_portal_banner_list(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status =
        dossier_store_banner_list(&result, x->db, x->config->facility_id, x->address, x->pool);

    if (status == APR_SUCCESS) {
        apr_table_setn(x->r->err_headers_out, "Cache-Control", FRESH);
    }
    return dossier_answer_result(x, status, result, HTTP_OK);
}
