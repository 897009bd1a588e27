/* The notices people consent to, as they stand today or as they once were. */
#include <string.h>

#include "http/call.h"
#include "portal/portal.h"

int dossier_portal_notice_get(dossier_exchange_t *x)
{
    const char *kind = x->param[0];
    dossier_json_t *arguments;

    if (strcmp(kind, "portal") && strcmp(kind, "dossier")) {
        return dossier_problem(x, "not_found", NULL);
    }
    arguments = dossier_call_arguments(x);
    dossier_json_set(arguments, "kind", kind);
    dossier_json_set(arguments, "version", dossier_query(x, "version"));
    return dossier_call_answer(x, &dossier_fn.notice_get, arguments, HTTP_OK);
}
