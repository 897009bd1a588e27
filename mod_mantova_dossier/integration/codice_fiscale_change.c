/* A provisional codice fiscale that became a definitive one, or a change of it. */
#include <apr_strings.h>

#include "integration/acceptance_body.h"
#include "integration/integration.h"
#include "integration/shared.h"

static const dossier_field_t shape[] = {{"facility", DOSSIER_FIELD_STRING, 64, 1},
                                        {"former_codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
                                        {"patient", DOSSIER_FIELD_OBJECT, 0, 1},
                                        {NULL, DOSSIER_FIELD_STRING, 0, 0}};

/* What an acceptance is only warned of is refused here: a typo would show a stranger's documents.
 */
static dossier_json_t *read_patient(dossier_fields_t *fields, dossier_json_t *said)
{
    apr_array_header_t *codes = apr_array_make(fields->pool, 4, sizeof(const char *));
    dossier_json_t *patient = dossier_integration_patient_read(codes, fields, said);

    if (!dossier_json_get(patient, "birth_date")) {
        dossier_fields_error(fields, "patient.birth_date", "required");
    }
    for (int i = 0; i < codes->nelts; i++) {
        const char *code = APR_ARRAY_IDX(codes, i, const char *);

        dossier_fields_error(fields, apr_pstrcat(fields->pool, "patient.", code, NULL), code);
    }
    return patient;
}

static void read_change(dossier_json_t *arguments, dossier_fields_t *fields, dossier_json_t *body)
{
    dossier_json_t *said = dossier_json_get_value(body, "patient");
    dossier_cf_t former;

    dossier_fields_check(fields, body, shape, NULL);
    if (dossier_json_type(said) == DOSSIER_JSON_OBJECT) {
        dossier_json_set_value(arguments, "patient", read_patient(fields, said));
    }
    dossier_json_set(arguments, "facility", dossier_json_get(body, "facility"));
    if (dossier_cf_check(&former, fields, "former_codice_fiscale",
                         dossier_json_get(body, "former_codice_fiscale"))) {
        dossier_json_set(arguments, "former_codice_fiscale", former.text);
    }
}

static int answer_preview(dossier_exchange_t *x, const dossier_json_t *result)
{
    dossier_json_t *answer = dossier_json_object(x->pool);

    dossier_integration_preview(
        answer, dossier_json_get_bool(result, "changed", 0) ? "update" : "nothing", NULL, x->pool);
    return dossier_answer(x, HTTP_OK, answer);
}

int dossier_integration_codice_fiscale_change(dossier_exchange_t *x)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *arguments = dossier_integration_arguments(x);
    dossier_json_t *result;
    dossier_json_t *body;
    int dry_run;
    int rc;

    body = dossier_body_read(&rc, x, NULL);
    if (!body) {
        return rc;
    }
    dry_run = dossier_query_true(fields, x, "dry_run");
    dossier_json_set_bool(arguments, "dry_run", dry_run);
    read_change(arguments, fields, body);
    if (!dossier_fields_ok(fields)) {
        return dossier_problem_fields(x, fields);
    }
    if (!dossier_call(&rc, &result, x, &dossier_fn.codice_fiscale_change, arguments)) {
        return rc;
    }
    return dry_run ? answer_preview(x, result) : dossier_answer_ok(x, result, HTTP_OK);
}
