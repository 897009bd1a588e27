/* What a dossier holds: the list of one patient's documents, and what is known of one. */
#include "store/documents.h"

#include "domain/dates.h"
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

static const char *read_date(dossier_fields_t *fields, const char *name, const char *text)
{
    dossier_date_t date;

    if (text && !dossier_date_parse(&date, text)) {
        dossier_fields_error(fields, name, "date");
    }
    return text;
}

static dossier_fields_t *read_query(dossier_document_query_t *query, dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *sent = dossier_portal_list_query(&query->limit, fields, x, query_shape);

    query->cursor = dossier_json_get(sent, "cursor");
    query->type = dossier_json_get(sent, "type");
    query->facility = dossier_json_get(sent, "facility");
    query->from = read_date(fields, "from", dossier_json_get(sent, "from"));
    query->to = read_date(fields, "to", dossier_json_get(sent, "to"));
    return fields;
}

int dossier_portal_document_list(dossier_exchange_t *x)
{
    dossier_document_query_t query = {.account_id = x->account_id, .address = x->address};
    dossier_fields_t *fields;
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    query.patient_id = dossier_portal_id(&rc, x);
    if (!query.patient_id) {
        return rc;
    }
    fields = read_query(&query, x);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_document_list(&result, x->db, &query, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}

int dossier_portal_document_get(dossier_exchange_t *x)
{
    dossier_json_t *result;
    apr_status_t status;
    int rc;
    const char *id = dossier_portal_id(&rc, x);

    if (!id) {
        return rc;
    }
    status = dossier_store_document_get(&result, x->db, x->account_id, id, x->address, x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
