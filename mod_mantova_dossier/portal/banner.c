/* What the operator tells everybody, before the login too. */
#include "http/call.h"
#include "portal/portal.h"

/* Every page asks with every screen: its browser does so once a minute. */
#define FRESH "private, max-age=60"

int dossier_portal_banner_list(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    int rc;

    dossier_json_set(arguments, "facility", x->config->facility_id);
    if (!dossier_call(&rc, &result, x, &dossier_fn.banner_list, arguments)) {
        return rc;
    }
    apr_table_setn(x->r->err_headers_out, "Cache-Control", FRESH);
    return dossier_answer_ok(x, result, HTTP_OK);
}
