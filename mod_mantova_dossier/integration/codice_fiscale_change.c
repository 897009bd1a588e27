/* A provisional codice fiscale that became a definitive one, or a change of it. */
#include <apr_strings.h>

#include "integration/acceptance_body.h"
#include "integration/integration.h"
#include "integration/shared.h"
#include "store/acceptances.h"

static const dossier_field_t shape[] = {{"facility", DOSSIER_FIELD_STRING, 64, 1},
                                        {"former_codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
                                        {"patient", DOSSIER_FIELD_OBJECT, 0, 1},
                                        {NULL, DOSSIER_FIELD_STRING, 0, 0}};

/* What an acceptance is only warned of is refused here: a typo would show a stranger's documents.
 */
static void read_patient(dossier_acceptance_t *change, dossier_fields_t *fields,
                         dossier_json_t *patient)
{
    apr_array_header_t *codes = apr_array_make(fields->pool, 4, sizeof(const char *));

    dossier_integration_patient_read(codes, change, fields, patient);
    if (!change->birth_date) {
        dossier_fields_error(fields, "patient.birth_date", "required");
    }
    for (int i = 0; i < codes->nelts; ++i) {
        const char *code = APR_ARRAY_IDX(codes, i, const char *);

        dossier_fields_error(fields, apr_pstrcat(fields->pool, "patient.", code, NULL), code);
    }
}

/* The former codice fiscale; NULL with a field error. */
static const char *read_change(dossier_acceptance_t *change, dossier_fields_t *fields,
                               dossier_json_t *body)
{
    dossier_json_t *patient = dossier_json_get_value(body, "patient");
    dossier_cf_t former = {.text = NULL};

    dossier_fields_check(fields, body, shape, NULL);
    if (dossier_json_type(patient) == DOSSIER_JSON_OBJECT) {
        read_patient(change, fields, patient);
    }
    change->facility = dossier_json_get(body, "facility");
    return dossier_integration_codice_fiscale(&former, fields, "former_codice_fiscale",
                                              dossier_json_get(body, "former_codice_fiscale"))
               ? former.text
               : NULL;
}

static int answer_dry_run(dossier_exchange_t *x, const dossier_json_t *result)
{
    dossier_json_t *body = dossier_json_object(x->pool);

    dossier_json_set_bool(body, "dry_run", 1);
    dossier_json_set(body, "would",
                     dossier_json_get_bool(result, "changed", 0) ? "update" : "nothing");
    dossier_json_set_value(body, "errors", dossier_json_array(x->pool));
    dossier_json_set_value(body, "warnings", dossier_json_array(x->pool));
    return dossier_answer(x, HTTP_OK, body);
}

int dossier_integration_codice_fiscale_change(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_acceptance_t change = {.key = dossier_integration_key(x)};
    dossier_json_t *result;
    dossier_json_t *body;
    const char *former;
    apr_status_t status;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    change.dry_run = dossier_query_true(fields, x, "dry_run");
    former = read_change(&change, fields, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    status = dossier_store_codice_fiscale_change(&result, x->db, &change, former, x->pool);
    if (status == APR_SUCCESS && change.dry_run && dossier_db_outcome_is(result, "ok")) {
        return answer_dry_run(x, result);
    }
    return dossier_answer_result(x, status, result, HTTP_OK);
}
