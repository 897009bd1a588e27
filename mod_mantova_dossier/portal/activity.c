/* Who did what with an account's data. */
#include "portal/portal.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "portal/steps.h"
#include "store/activity.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 100

static const dossier_field_t query_shape[] = {
    {"limit", DOSSIER_FIELD_STRING, 20, 0},
    {"cursor", DOSSIER_FIELD_STRING, 500, 0},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

static int read_limit(dossier_fields_t *fields, const char *text)
{
    char *end;
    apr_int64_t limit;

    if (!text) {
        return LIMIT_DEFAULT;
    }
    limit = apr_strtoi64(text, &end, 10);
    if (!apr_isdigit(*text) || *end || limit < 1 || limit > LIMIT_MAX) {
        dossier_fields_error(fields, "limit", "range");
        return LIMIT_DEFAULT;
    }
    return (int)limit;
}

int dossier_portal_activity_list(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *sent = dossier_json_object(x->pool);
    dossier_json_t *result;
    apr_status_t status;
    int limit;

    for (const dossier_field_t *field = query_shape; field->name; field++) {
        const char *value = dossier_query(x, field->name);

        if (value) {
            dossier_json_set(sent, field->name, value);
        }
    }
    dossier_fields_check(fields, sent, query_shape, NULL);
    limit = read_limit(fields, dossier_json_get(sent, "limit"));
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_activity_list(&result, x->db, x->account_id, limit,
                                         dossier_json_get(sent, "cursor"), x->pool);
    return dossier_answer_result(x, status, result, HTTP_OK);
}
