#include "http/call.h"

#include <string.h>

static void add(dossier_json_t *arguments, const char *name, const char *value)
{
    if (value) {
        dossier_json_set(arguments, name, value);
    }
}

dossier_json_t *dossier_call_arguments(dossier_exchange_t *x)
{
    dossier_json_t *arguments = dossier_json_object(x->pool);

    add(arguments, "account_id", x->account_id);
    add(arguments, "session_id", x->session_id);
    add(arguments, "integrator_id", x->integrator_id);
    add(arguments, "key_id", x->key_id);
    add(arguments, "address", x->address);
    return arguments;
}

static int is_success(const char *outcome)
{
    return !strcmp(outcome, "ok") || !strcmp(outcome, "created");
}

int dossier_call_succeeded(int *rc, dossier_exchange_t *x, apr_status_t status,
                           dossier_json_t *result)
{
    const char *outcome = status == APR_SUCCESS ? dossier_json_get(result, "outcome") : NULL;

    if (status != APR_SUCCESS) {
        *rc = dossier_problem_db(x, status);
    } else if (!outcome) {
        *rc = dossier_problem(x, "internal", NULL);
    } else if (is_success(outcome)) {
        return 1;
    } else {
        *rc = dossier_problem(x, outcome, result);
    }
    return 0;
}

int dossier_call(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                 const dossier_function_t *function, dossier_json_t *arguments)
{
    apr_status_t status = dossier_db_call(result, x->db, function, arguments, x->pool);

    return dossier_call_succeeded(rc, x, status, *result);
}

int dossier_call_answer(dossier_exchange_t *x, const dossier_function_t *function,
                        dossier_json_t *arguments, int status)
{
    dossier_db_answer_t answer;
    apr_status_t asked = dossier_db_ask(&answer, x->db, function, arguments, x->pool);

    if (asked != APR_SUCCESS) {
        return dossier_problem_db(x, asked);
    }
    if (!is_success(answer.outcome)) {
        return dossier_problem(
            x, answer.outcome,
            answer.body ? dossier_json_parse(answer.body, strlen(answer.body), x->pool) : NULL);
    }
    return dossier_answer_json(x, status, answer.body ? answer.body : "{}");
}
