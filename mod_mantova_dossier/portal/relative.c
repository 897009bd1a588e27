/* Relatives: other patients under the account holder's account, who is their parent, guardian or
 * delegate. */
#include <apr_strings.h>

#include <string.h>

#include "portal/person_form.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "portal/verification.h"

static const dossier_field_t relative_shape[] = {
    {"first_name", DOSSIER_FIELD_STRING, 100, 1},
    {"last_name", DOSSIER_FIELD_STRING, 100, 1},
    {"birth_date", DOSSIER_FIELD_STRING, 10, 1},
    {"birth_place", DOSSIER_FIELD_STRING, 100, 1},
    {"codice_fiscale", DOSSIER_FIELD_STRING, 32, 1},
    {"role", DOSSIER_FIELD_STRING, 20, 1},
    {NULL, DOSSIER_FIELD_STRING, 0, 0},
};

/* A minor has parents or a guardian; an adult delegates, or has a guardian. */
static int role_fits(const char *role, int is_minor)
{
    return strcmp(role, is_minor ? "delegate" : "parent");
}

static void check_relative(dossier_fields_t *fields, dossier_json_t *arguments,
                           dossier_exchange_t *x, dossier_json_t *body)
{
    dossier_date_t today = dossier_date_today();
    dossier_date_t birth;
    const char *role;
    int has_birth;

    dossier_fields_check(fields, body, relative_shape, NULL);
    has_birth = dossier_portal_person_check(&birth, fields, body, NULL);
    role = dossier_json_get(body, "role");
    if (role && strcmp(role, "parent") && strcmp(role, "guardian") && strcmp(role, "delegate")) {
        dossier_fields_error(fields, "role", "choice");
    } else if (role && has_birth && !role_fits(role, dossier_date_is_minor(birth, today))) {
        dossier_fields_error(fields, "role", "role_age");
    }
    if (has_birth) {
        dossier_json_set(
            body, "birth_date",
            apr_psprintf(x->pool, "%04d-%02d-%02d", birth.year, birth.month, birth.day));
    }
    dossier_json_set_value(arguments, "relative", body);
}

int dossier_portal_relative_add(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    apr_status_t status;
    int rc;

    if (!dossier_body_checked(&rc, arguments, x, check_relative)) {
        return rc;
    }
    status = dossier_db_call(&result, x->db, &dossier_fn.relative_add, arguments, x->pool);
    if (status == APR_SUCCESS && dossier_db_outcome_is(result, "role_age")) {
        /* by the birth date that the desk knows */
        return dossier_problem_field(x, "role", "role_age");
    }
    return dossier_call_succeeded(&rc, x, status, result)
               ? dossier_answer_ok(x, result, HTTP_CREATED)
               : rc;
}

int dossier_portal_relative_remove(dossier_exchange_t *x)
{
    dossier_json_t *result;
    int rc;
    dossier_json_t *arguments = dossier_portal_arguments(&rc, x, "patient_id");

    if (!arguments || !dossier_body_empty(&rc, x) ||
        !dossier_call(&rc, &result, x, &dossier_fn.relative_remove, arguments)) {
        return rc;
    }
    return dossier_answer_empty(x);
}
