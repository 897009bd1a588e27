/* problem+json (RFC 9457): the one place where an outcome becomes an answer and a log line. */
#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>

#include <string.h>

#include "base/meters.h"
#include "http/answer.h"
#include "http/session.h"

APLOG_USE_MODULE(mantova_dossier);

#define RETRY_AFTER_OUTAGE 5 /* seconds; PostgreSQL restarts in less */

static const char *type_urn(const char *outcome, apr_pool_t *pool)
{
    char *name = apr_pstrdup(pool, outcome);

    for (char *c = name; *c; c++) {
        *c = *c == '_' ? '-' : *c;
    }
    return apr_pstrcat(pool, "urn:mantova-dossier:problem:", name, NULL);
}

/* What is worth a warning and is in anybody's hands, or would be said by everybody. DOSSIER_LINES: it is not. */
static dossier_line_t line_of(const char *outcome)
{
    return !strcmp(outcome, "busy")                    ? DOSSIER_LINE_BUSY
           : !strcmp(outcome, "not_acceptable_origin") ? DOSSIER_LINE_FOREIGN_ORIGIN
           : !strcmp(outcome, "unavailable")           ? DOSSIER_LINE_UNAVAILABLE
                                                       : DOSSIER_LINES;
}

/* Ids only: no name, number, code or token ever stands in a log. */
void dossier_problem_log(const dossier_exchange_t *x, const dossier_problem_t *problem)
{
    const char *who = x->account_id ? x->account_id : x->integrator_id;
    dossier_line_t line = line_of(problem->outcome);
    const char *more = "";
    uint64_t left_out = 0;

    if (line != DOSSIER_LINES && !dossier_meters_line(&left_out, line, apr_time_now())) {
        return;
    }
    if (left_out) {
        more = apr_psprintf(x->pool, "; %" APR_UINT64_T_FMT " more since the last such line",
                            left_out);
    }
    ap_log_rerror(APLOG_MARK, problem->level | APLOG_NOERRNO, 0, x->r,
                  "DOS0010: %s %s answered %d %s, caller %s%s", x->r->method,
                  x->pattern ? x->pattern : "(no route)", problem->status, problem->outcome,
                  who ? who : "unknown", more);
}

static void retry_headers(dossier_exchange_t *x, const dossier_problem_t *problem,
                          const dossier_json_t *result)
{
    apr_int64_t seconds = result ? dossier_json_get_int(result, "retry_after", 0) : 0;
    apr_int64_t limit = result ? dossier_json_get_int(result, "limit", 0) : 0;

    if (!seconds && problem->status == HTTP_SERVICE_UNAVAILABLE) {
        seconds = RETRY_AFTER_OUTAGE;
    }
    if (seconds > 0) {
        const char *text = apr_psprintf(x->pool, "%" APR_INT64_T_FMT, seconds);

        apr_table_setn(x->r->err_headers_out, "Retry-After", text);
        if (problem->status == HTTP_TOO_MANY_REQUESTS) {
            apr_table_setn(x->r->err_headers_out, "RateLimit-Remaining", "0");
            apr_table_setn(x->r->err_headers_out, "RateLimit-Reset", text);
        }
    }
    if (limit > 0) {
        apr_table_setn(x->r->err_headers_out, "RateLimit-Limit",
                       apr_psprintf(x->pool, "%" APR_INT64_T_FMT, limit));
    }
}

/* How to show a key, unless it was said already (RFC 9110, 15.5.2). */
static void challenge(dossier_exchange_t *x, const dossier_problem_t *problem)
{
    if (!strcmp(problem->outcome, "key_refused") &&
        !apr_table_get(x->r->err_headers_out, "WWW-Authenticate")) {
        apr_table_setn(x->r->err_headers_out, "WWW-Authenticate", "Bearer realm=\"integration\"");
    }
}

static int copy_member(void *body, const char *key, dossier_json_t *value)
{
    if (strcmp(key, "outcome") && strcmp(key, "limit")) {
        dossier_json_set_value(body, key, value);
    }
    return 1;
}

/* Whoever is sent to the desk is told where it is; hospital systems know. */
static void add_desk(dossier_exchange_t *x, dossier_json_t *body, const char *detail)
{
    dossier_json_t *desk = x->integrator_id ? NULL : dossier_answer_desk(x);

    if (desk && dossier_desk_named(detail)) {
        dossier_json_set_value(body, "desk", desk);
    }
}

/* `members` of the problem besides the five of RFC 9457; may be NULL. */
static int write_problem(dossier_exchange_t *x, const dossier_problem_t *problem,
                         const dossier_json_t *members)
{
    int english = !strcmp(x->language, "en");
    const char *detail = english ? problem->detail_en : problem->detail_it;
    dossier_json_t *body = dossier_json_object(x->pool);
    int rc;

    if (!dossier_session_settle(&rc, x)) { /* of what is wrong no stranger is told */
        return rc;
    }
    dossier_json_set(body, "type", type_urn(problem->outcome, x->pool));
    dossier_json_set(body, "title", english ? problem->title_en : problem->title_it);
    dossier_json_set_int(body, "status", problem->status);
    dossier_json_set(body, "detail", detail);
    add_desk(x, body, detail);
    if (members) {
        dossier_json_each(members, copy_member, body);
    }
    dossier_problem_log(x, problem);
    retry_headers(x, problem, members);
    challenge(x, problem);
    apr_table_setn(x->r->err_headers_out, "Content-Language", english ? "en" : "it");
    return dossier_answer_text(x, problem->status, "application/problem+json",
                               dossier_json_text(body, x->pool));
}

int dossier_problem(dossier_exchange_t *x, const char *outcome, dossier_json_t *result)
{
    const dossier_problem_t *problem = dossier_problem_find(outcome);

    if (!problem) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ERR, 0, x->r,
            "DOS0011: outcome %s has no entry in http/problems.json: the functions in the "
            "database may be newer than this module",
            outcome);
        problem = dossier_problem_find("internal");
        result = NULL;
    }
    return write_problem(x, problem, result);
}

int dossier_problem_fault(dossier_exchange_t *x, const char *outcome, const char *fault)
{
    dossier_json_t *members = dossier_json_object(x->pool);

    dossier_json_set(members, "fault", fault);
    dossier_json_set(members, "detail", dossier_message(x->language, fault));
    return dossier_problem(x, outcome, members);
}

int dossier_problem_fields(dossier_exchange_t *x, const dossier_fields_t *fields)
{
    return dossier_problem_fields_with(x, fields, NULL);
}

int dossier_problem_field(dossier_exchange_t *x, const char *field, const char *code)
{
    dossier_fields_t *fields = dossier_fields_make(x->pool);

    dossier_fields_error(fields, field, code);
    return dossier_problem_fields(x, fields);
}

static dossier_json_t *field_errors(dossier_exchange_t *x, const dossier_fields_t *fields)
{
    dossier_json_t *errors = dossier_json_array(x->pool);

    for (int i = 0; i < fields->errors->nelts; i++) {
        const dossier_field_error_t *error =
            &APR_ARRAY_IDX(fields->errors, i, dossier_field_error_t);
        dossier_json_t *entry = dossier_json_object(x->pool);

        dossier_json_set(entry, "field", error->field);
        dossier_json_set(entry, "code", error->code);
        if (error->max) {
            dossier_json_set_int(entry, "max_length", (apr_int64_t)error->max);
        }
        dossier_json_set(entry, "message", dossier_message_of(x->language, error, x->pool));
        dossier_json_append(errors, entry);
    }
    return errors;
}

int dossier_problem_fields_with(dossier_exchange_t *x, const dossier_fields_t *fields,
                                dossier_json_t *members)
{
    dossier_json_t *body = members ? members : dossier_json_object(x->pool);

    dossier_json_set_value(body, "errors", field_errors(x, fields));
    return write_problem(x, dossier_problem_find("invalid_fields"), body);
}

int dossier_problem_json(dossier_exchange_t *x, const char *text, apr_size_t length,
                         const char *part)
{
    const char *name = dossier_json_repeated(text, length, x->pool);
    const char *code = name ? "repeated" : "json";
    dossier_fields_t *fields = dossier_fields_make(x->pool);
    dossier_json_t *members;

    if (!name && !part) {
        return dossier_problem(x, "malformed_json", NULL);
    }
    name = name ? dossier_fields_shown(name, "name") : NULL;
    dossier_fields_error(fields,
                         !part   ? name
                         : !name ? part
                                 : apr_pstrcat(x->pool, part, ".", name, NULL),
                         code);
    members = dossier_json_object(x->pool);
    dossier_json_set(members, "detail", dossier_message(x->language, code));
    dossier_json_set_value(members, "errors", field_errors(x, fields));
    return dossier_problem(x, "malformed_json", members);
}

int dossier_problem_db(dossier_exchange_t *x, apr_status_t status)
{
    return dossier_problem(x, status == APR_EGENERAL ? "internal" : "unavailable", NULL);
}
