/* Where an account is logged in, and ending it from elsewhere. */
#include "store/sessions.h"

#include <string.h>

#include "http/session.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"

int dossier_portal_session_list(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status = dossier_store_session_list(&result, x->db, x->account_id, x->session_id,
                                                     x->address, x->pool);

    return dossier_answer_result(x, status, result, HTTP_OK);
}

/* ended NULL: all others. */
static int end(dossier_exchange_t *x, const char *ended)
{
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!dossier_portal_empty_read(&rc, x)) {
        return rc;
    }
    status = dossier_store_session_end(&result, x->db, x->account_id, x->session_id, ended,
                                       x->address, x->pool);
    if (!dossier_call_succeeded(&rc, x, status, result)) {
        return rc;
    }
    if (ended && !strcmp(ended, x->session_id)) {
        dossier_session_drop(x);
    }
    return dossier_answer_empty(x);
}

int dossier_portal_session_end(dossier_exchange_t *x)
{
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    return id ? end(x, id) : rc;
}

int dossier_portal_session_end_others(dossier_exchange_t *x)
{
    return end(x, NULL);
}
