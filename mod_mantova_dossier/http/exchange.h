/*
 * One request to a route, as handlers see it: who calls, what was sent, and how to answer.
 * A handler reads like the guide: parse, check, one call (http/call.h), answer.
 */
#ifndef DOSSIER_HTTP_EXCHANGE_H
#define DOSSIER_HTTP_EXCHANGE_H

#include <httpd.h>

#include "base/fields.h"
#include "base/json.h"
#include "config/config.h"
#include "store/db.h"

typedef struct {
    request_rec *r;
    apr_pool_t *pool;
    const dossier_config_t *config;
    dossier_db_t *db;
    const char *language; /* "it" or "en", of Accept-Language */
    const char *address;  /* the client's, as httpd (and mod_remoteip) knows it */
    const char *pattern;  /* the route's, for the log; NULL: no route */
    const char *param[2]; /* what the pattern's {…} matched, decoded, in order */

    /* by access class; NULL otherwise. Of a session that its first call judges: from then on */
    const char *account_id;
    const char *session_id;
    const char *integrator_id;
    const char *key_id; /* of the key it came with */
} dossier_exchange_t;

typedef int (*dossier_handler_t)(dossier_exchange_t *x);

/* The JSON body by its shape, at most 64 KiB. NULL: already answered (400, 413, 422) and *rc is
   what the handler returns. A NULL shape: any object. */
dossier_json_t *dossier_body_read(int *rc, dossier_exchange_t *x, const dossier_field_t *shape);
/* A body {}, for what needs no more than the route. 0: answered. */
int dossier_body_empty(int *rc, dossier_exchange_t *x);

/* The same by a check of the handler's own, for nested objects together with the body; it fills
   `arguments` in from them. */
typedef void dossier_body_check_t(dossier_fields_t *fields, dossier_json_t *arguments,
                                  dossier_exchange_t *x, dossier_json_t *body);
dossier_json_t *dossier_body_checked(int *rc, dossier_json_t *arguments, dossier_exchange_t *x,
                                     dossier_body_check_t *check);

/* The body as it came, at most 64 KiB, and held against Content-Digest. 0: already answered, *rc is
 * what the handler returns. */
int dossier_body_text(int *rc, const char **text, apr_size_t *length, dossier_exchange_t *x);

/* One query parameter, decoded; NULL when absent. */
const char *dossier_query(dossier_exchange_t *x, const char *name);
/* 1 for "true", 0 for "false" and when absent; anything else is a field error "choice". */
int dossier_query_true(dossier_fields_t *fields, dossier_exchange_t *x, const char *name);
/* One parameter of any "a=1&b=2". */
const char *dossier_form_value(const char *pairs, const char *name, apr_pool_t *pool);

/* Answers; each returns what the handler returns. Nothing is cached anywhere. */
int dossier_answer(dossier_exchange_t *x, int status, dossier_json_t *body);
int dossier_answer_json(dossier_exchange_t *x, int status, const char *text); /* as it stands */
int dossier_answer_empty(dossier_exchange_t *x);                              /* 204 */
/* 200 with something that is not JSON; what is not said of it in headers_out is as with JSON. */
int dossier_answer_bytes(dossier_exchange_t *x, const char *media_type, const char *bytes,
                         apr_size_t length);

/* How the desk of this site is reached, as answers hold it; NULL: not known (DossierContact). */
dossier_json_t *dossier_answer_desk(const dossier_exchange_t *x);

/* RFC 9457 by the outcome's name: type, title, status and log level stand in http/problem.c.
   `result` may be NULL; its `retry_after` (seconds) and `limit` (how many the window takes)
   become headers. An outcome without an entry
   is a defect: 500. */
int dossier_problem(dossier_exchange_t *x, const char *outcome, dossier_json_t *result);
/* The same, with the code of what exactly is wrong (`fault`) and its sentence as the detail. */
int dossier_problem_fault(dossier_exchange_t *x, const char *outcome, const char *fault);
int dossier_problem_fields(dossier_exchange_t *x, const dossier_fields_t *fields); /* 422 */
/* The same of one field. */
int dossier_problem_field(dossier_exchange_t *x, const char *field, const char *code);
/* The same with further members (warnings, say). */
int dossier_problem_fields_with(dossier_exchange_t *x, const dossier_fields_t *fields,
                                dossier_json_t *members);
/* A body, or the part of one, that is not a JSON object: 400 which names a member that is there twice,
   and the part. part: NULL for a whole body. */
int dossier_problem_json(dossier_exchange_t *x, const char *text, apr_size_t length,
                         const char *part);
/* The database did not answer (see store/db.h): 503 with Retry-After, or 500. */
int dossier_problem_db(dossier_exchange_t *x, apr_status_t status);

/* The members of a result that is "ok" or "created", its `tag` as ETag. */
int dossier_answer_ok(dossier_exchange_t *x, dossier_json_t *result, int status);

/* The sentence for a field error or warning code, in the caller's language. */
const char *dossier_message(const char *language, const char *code);
const char *dossier_message_of(const char *language, const dossier_field_error_t *error,
                               apr_pool_t *pool);

#endif
