/* Taking a document out of sight, and seeing what was. Only who knows the password learns that
   there is anything. */
#include "store/concealment.h"

#include "portal/password_again.h"
#include "portal/portal.h"
#include "portal/steps.h"

int dossier_portal_document_hide(dossier_exchange_t *x)
{
    static const dossier_field_t shape[] = {{"hidden", DOSSIER_FIELD_BOOL, 0, 1},
                                            {NULL, DOSSIER_FIELD_STRING, 0, 0}};
    dossier_json_t *body;
    dossier_json_t *result;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id || !(body = dossier_body_read(&rc, x, shape))) {
        return rc;
    }
    status =
        dossier_store_document_hide(&result, x->db, x->account_id, id,
                                    dossier_json_get_bool(body, "hidden", 0), x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_hidden_documents(dossier_exchange_t *x)
{
    dossier_json_t *result;
    const char *proof;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id || !(proof = dossier_portal_password_read(&rc, x))) {
        return rc;
    }
    status = dossier_store_hidden_documents(&result, x->db, x->account_id, id, proof, x->address,
                                            x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
