/* What a dossier holds: the list of one patient's documents, and what is known of one. */
#include "domain/date.h"
#include "portal/list_query.h"
#include "portal/portal.h"
#include "portal/steps.h"

static const dossier_field_t query_shape[] = {
    DOSSIER_LIST_PARAMETERS,
    {"type", DOSSIER_FIELD_STRING, 64, 0},
    {"facility", DOSSIER_FIELD_STRING, 64, 0},
    {"from", DOSSIER_FIELD_STRING, 10, 0},
    {"to", DOSSIER_FIELD_STRING, 10, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static const char *read_date(dossier_fields_t *fields, const dossier_json_t *sent, const char *name)
{
    const char *text = dossier_json_get(sent, name);
    dossier_date_t date;

    if (text && !dossier_date_parse(&date, text)) {
        dossier_fields_error(fields, name, "date");
    }
    return text;
}

int dossier_portal_document_list(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *sent;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments) {
        return rc;
    }
    sent = dossier_portal_list_query(arguments, fields, x, query_shape);
    dossier_json_set(arguments, "type", dossier_json_get(sent, "type"));
    dossier_json_set(arguments, "facility", dossier_json_get(sent, "facility"));
    dossier_json_set(arguments, "from", read_date(fields, sent, "from"));
    dossier_json_set(arguments, "to", read_date(fields, sent, "to"));
    return dossier_fields_ok(fields)
               ? dossier_call_answer(x, &dossier_fn.document_list, arguments, HTTP_OK)
               : dossier_problem_fields(x, fields);
}

int dossier_portal_document_get(dossier_exchange_t *x)
{
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "document_id");

    return arguments ? dossier_call_answer(x, &dossier_fn.document_get, arguments, HTTP_OK) : rc;
}
