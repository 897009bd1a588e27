#include "integration/publication_upload.h"

#include <httpd.h>
#include <apr_strings.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <string.h>

#include "base/digest.h"
#include "base/multipart.h"
#include "config/vault_match.h"
#include "http/unread.h"
#include "integration/publication_file.h"
#include "integration/publication_metadata.h"
#include "integration/shared.h"

#define READ_AT_ONCE (64 * 1024)
#define MAX_METADATA (64 * 1024)
#define MAX_FRAMING (128 * 1024) /* the metadata, part headers, boundaries */
#define SHORT (1024 * 1024)      /* a body that costs less than to ask about it first */

typedef enum { PART_NONE, PART_METADATA, PART_FILE } part_t;

/* Why nothing comes of it; set once, answered when reading has stopped. */
typedef struct {
    const char *outcome;
    const char *fault;  /* of the body's form */
    int malformed_json; /* the metadata */
    dossier_json_t *result;
    apr_status_t db_status;
    int filter_answered;
} refusal_t;

typedef struct {
    dossier_exchange_t *x;
    dossier_json_t *arguments; /* of the calls of the database */
    int dry_run;               /* everything is checked, and nothing stored */
    int unasked;               /* the body is short, and was not asked about first */
    const char *sha256;        /* as the metadata have it; NULL: not said */
    dossier_fields_t *fields;
    refusal_t refusal;
    part_t part;
    int metadata_seen;
    int ended; /* the whole body was read */
    apr_off_t received;
    dossier_digest_claims_t *claims; /* of the whole body: Content-Digest */
    char *metadata;
    apr_size_t metadata_length;
    dossier_publication_file_t *file; /* NULL: the part has not come */
} state_t;

static apr_status_t refuse(state_t *state, const char *outcome)
{
    state->refusal.outcome = outcome;
    return APR_EGENERAL;
}

static apr_status_t refuse_form(state_t *state, const char *fault)
{
    state->refusal.fault = fault;
    return refuse(state, "malformed_multipart");
}

static apr_status_t refuse_field(state_t *state, const char *field, const char *code)
{
    dossier_fields_error(state->fields, field, code);
    return refuse(state, "invalid_fields");
}

static apr_status_t on_part(void *context, const char *name, const char *content_type)
{
    state_t *state = context;

    (void)content_type; /* the content decides */
    if (name && !strcmp(name, "metadata") && !state->metadata_seen) {
        state->part = PART_METADATA;
        state->metadata_seen = 1;
        state->metadata = apr_palloc(state->x->pool, MAX_METADATA);
        return APR_SUCCESS;
    }
    if (name && !strcmp(name, "file") && !state->file) {
        state->part = PART_FILE;
        state->file =
            dossier_publication_file_make(state->x, state->fields, state->sha256, !state->dry_run);
        return state->metadata_seen ? APR_SUCCESS : refuse_field(state, "metadata", "order");
    }
    if (!name) {
        return refuse_form(state, "part_name");
    }
    if (!strcmp(name, "metadata") || !strcmp(name, "file")) {
        return refuse_form(state, "part_repeated");
    }
    return refuse_field(state, dossier_fields_shown(name, "part"), "unknown");
}

static apr_status_t metadata_data(state_t *state, const char *data, apr_size_t length)
{
    if (length > MAX_METADATA - state->metadata_length) {
        return refuse(state, "too_large");
    }
    memcpy(state->metadata + state->metadata_length, data, length);
    state->metadata_length += length;
    return APR_SUCCESS;
}

/* Which vault the file would go to; one that cannot be read or sealed for has no id. */
static const char *vault_id(dossier_exchange_t *x)
{
    const char *id;

    return dossier_vault_match_ready(x->r->server, x->pool) &&
                   dossier_vault_identity_id(&id, x->config->vault, x->pool) == APR_SUCCESS
               ? id
               : NULL;
}

/* The refusals that need no bytes of the file. */
static apr_status_t ask(state_t *state)
{
    dossier_exchange_t *x = state->x;
    dossier_json_t *result;

    dossier_json_set(state->arguments, "vault", vault_id(x));
    state->refusal.db_status = dossier_db_call(&result, x->db,
                                               state->dry_run ? &dossier_fn.publication_dry_run
                                                              : &dossier_fn.publication_prepare,
                                               state->arguments, x->pool);
    if (state->refusal.db_status != APR_SUCCESS) {
        return APR_EGENERAL;
    }
    if (!dossier_db_outcome_is(result, "ok")) {
        const char *outcome = dossier_json_get(result, "outcome");

        dossier_vault_match_refused(result, x->r->server, x->pool);
        state->refusal.result = result;
        return refuse(state, outcome ? outcome : "internal");
    }
    return APR_SUCCESS;
}

/* Of a short body the publication itself says whether it is taken: it asks all of this again. Where
   the vault is not well nothing is written before it was asked. */
static int is_short(const state_t *state)
{
    const request_rec *r = state->x->r;
    const char *stated = apr_table_get(r->headers_in, "Content-Length");

    return stated && apr_atoi64(stated) <= SHORT && !state->dry_run &&
           dossier_vault_match_word() == DOSSIER_VAULT_OK &&
           dossier_vault_match_ready(r->server, state->x->pool);
}

static apr_status_t metadata_end(state_t *state)
{
    dossier_exchange_t *x = state->x;
    dossier_json_t *said = dossier_json_parse(state->metadata, state->metadata_length, x->pool);

    if (!said || dossier_json_type(said) != DOSSIER_JSON_OBJECT) {
        state->refusal.malformed_json = 1;
        return APR_EGENERAL;
    }
    dossier_json_set_value(state->arguments, "metadata",
                           dossier_publication_metadata_read(&state->sha256, state->fields, said));
    if (!dossier_fields_ok(state->fields)) {
        return refuse(state, "invalid_fields");
    }
    state->unasked = is_short(state);
    return state->unasked ? APR_SUCCESS : ask(state);
}

static apr_status_t refuse_unless(state_t *state, const char *outcome)
{
    return outcome ? refuse(state, outcome) : APR_SUCCESS;
}

static apr_status_t on_data(void *context, const char *data, apr_size_t length)
{
    state_t *state = context;

    return state->part == PART_METADATA
               ? metadata_data(state, data, length)
               : refuse_unless(state, dossier_publication_file_data(state->file, data, length));
}

static apr_status_t on_end(void *context)
{
    state_t *state = context;

    return state->part == PART_METADATA
               ? metadata_end(state)
               : refuse_unless(state, dossier_publication_file_end(state->file));
}

static const dossier_multipart_events_t events = {on_part, on_data, on_end};

static apr_status_t feed_brigade(state_t *state, dossier_multipart_t *parser,
                                 apr_bucket_brigade *brigade)
{
    for (apr_bucket *bucket = APR_BRIGADE_FIRST(brigade); bucket != APR_BRIGADE_SENTINEL(brigade);
         bucket = APR_BUCKET_NEXT(bucket)) {
        const char *data;
        apr_size_t length;
        apr_status_t status;

        if (APR_BUCKET_IS_EOS(bucket)) {
            state->ended = 1;
            dossier_unread_ended(state->x->r);
            return APR_SUCCESS;
        }
        if (APR_BUCKET_IS_METADATA(bucket)) {
            continue;
        }
        status = apr_bucket_read(bucket, &data, &length, APR_BLOCK_READ);
        if (status != APR_SUCCESS) {
            return status;
        }
        state->received += (apr_off_t)length;
        if (state->received > state->x->config->max_document_size + MAX_FRAMING) {
            return refuse(state, "too_large");
        }
        dossier_digest_claims_add(state->claims, data, length);
        status = dossier_multipart_feed(parser, data, length);
        if (status != APR_SUCCESS) {
            return status == APR_EINVAL ? refuse_form(state, dossier_multipart_fault(parser))
                                        : status;
        }
    }
    return APR_SUCCESS;
}

/* The body did not arrive: cut, too slow, or longer than httpd itself allows. */
static void refuse_unread(state_t *state, apr_status_t status)
{
    if (status == AP_FILTER_ERROR) {
        state->refusal.filter_answered = 1;
    } else if (APR_STATUS_IS_TIMEUP(status)) {
        refuse(state, "request_timeout");
    } else if (APR_STATUS_IS_ENOSPC(status)) {
        refuse(state, "too_large");
    } else {
        refuse(state, "bad_request");
    }
}

/* A chunked body states no length, and a stated one may lie: read to the end, within the cap. */
static apr_status_t read_body(state_t *state, dossier_multipart_t *parser)
{
    request_rec *r = state->x->r;
    apr_bucket_brigade *brigade = apr_brigade_create(state->x->pool, r->connection->bucket_alloc);

    while (!state->ended) {
        apr_status_t status = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES,
                                             APR_BLOCK_READ, READ_AT_ONCE);

        if (status == APR_SUCCESS && APR_BRIGADE_EMPTY(brigade)) {
            status = APR_EOF;
        }
        if (status != APR_SUCCESS) {
            refuse_unread(state, status);
            return APR_EGENERAL;
        }
        status = feed_brigade(state, parser, brigade);
        apr_brigade_cleanup(brigade);
        if (status != APR_SUCCESS) {
            return status;
        }
    }
    if (dossier_multipart_finish(parser) != APR_SUCCESS) {
        return refuse_form(state, dossier_multipart_fault(parser));
    }
    return APR_SUCCESS;
}

static apr_status_t check_parts(state_t *state)
{
    if (!state->metadata_seen) {
        refuse_field(state, "metadata", "required");
    }
    if (!state->file) {
        refuse_field(state, "file", "required");
    }
    if (!dossier_digest_claims_hold(state->claims)) {
        refuse_field(state, "Content-Digest", "digest");
    }
    return dossier_fields_ok(state->fields) ? APR_SUCCESS : APR_EGENERAL;
}

/* What can be said before the body is read. */
static apr_status_t check_request(state_t *state)
{
    const request_rec *r = state->x->r;
    const char *stated = apr_table_get(r->headers_in, "Content-Length");
    const char *error = dossier_digest_claims_read(
        &state->claims, apr_table_get(r->headers_in, "Content-Digest"), state->x->pool);

    if (error) {
        dossier_fields_error(state->fields, "Content-Digest", error);
    }
    state->dry_run = dossier_query_true(state->fields, state->x, "dry_run");
    dossier_integration_check_id(state->fields, "external_id", state->x->param[0]);
    if (!dossier_fields_ok(state->fields)) {
        return refuse(state, "invalid_fields");
    }
    if (stated && apr_atoi64(stated) > state->x->config->max_document_size + MAX_FRAMING) {
        return refuse(state, "too_large");
    }
    return APR_SUCCESS;
}

static apr_status_t receive_all(state_t *state)
{
    dossier_multipart_t *parser;
    const char *fault;
    apr_status_t status = check_request(state);

    if (status != APR_SUCCESS) {
        return status;
    }
    parser = dossier_multipart_make(&fault, apr_table_get(state->x->r->headers_in, "Content-Type"),
                                    &events, state, state->x->pool);
    if (!parser) {
        return refuse_form(state, fault);
    }
    status = read_body(state, parser);
    if (status == APR_SUCCESS) {
        status = check_parts(state);
    }
    if (status == APR_SUCCESS) {
        status = refuse_unless(state, dossier_publication_file_keep(state->arguments, state->file));
    }
    return status;
}

/* What refuses the metadata comes before what is wrong with the bytes, also where it was not asked
   before them. */
static void ask_after_all(state_t *state)
{
    refusal_t refusal = state->refusal;
    dossier_fields_t *fields = state->fields;

    state->refusal = (refusal_t){.outcome = NULL};
    state->fields = dossier_fields_make(state->x->pool);
    if (ask(state) == APR_SUCCESS) {
        state->refusal = refusal;
        state->fields = fields;
    }
}

static apr_status_t receive(state_t *state)
{
    apr_status_t status = receive_all(state);

    if (status != APR_SUCCESS && state->unasked && !state->refusal.filter_answered) {
        ask_after_all(state);
    }
    return status;
}

static int answer_refusal(state_t *state)
{
    dossier_exchange_t *x = state->x;
    const refusal_t *refusal = &state->refusal;

    if (refusal->filter_answered) {
        return AP_FILTER_ERROR;
    }
    if (refusal->db_status != APR_SUCCESS) {
        return dossier_problem_db(x, refusal->db_status);
    }
    if (!dossier_fields_ok(state->fields)) {
        return dossier_problem_fields(x, state->fields);
    }
    if (refusal->malformed_json) {
        return dossier_problem_json(x, state->metadata, state->metadata_length, "metadata");
    }
    if (refusal->fault) {
        return dossier_problem_fault(x, refusal->outcome, refusal->fault);
    }
    return dossier_problem(x, refusal->outcome ? refusal->outcome : "bad_request", refusal->result);
}

dossier_json_t *dossier_publication_receive(int *rc, int *dry_run, dossier_exchange_t *x)
{
    state_t *state = apr_pcalloc(x->pool, sizeof(*state));

    state->x = x;
    state->arguments = dossier_integration_arguments(x);
    state->fields = dossier_fields_make(x->pool);
    if (receive(state) == APR_SUCCESS) {
        *dry_run = state->dry_run;
        return dossier_json_set_int(state->arguments, "retention_days", x->config->retention_days);
    }
    if (state->file) {
        dossier_publication_file_drop(state->file);
    }
    *rc = answer_refusal(state);
    return NULL;
}
