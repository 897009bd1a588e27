#include "integration/upload.h"

#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>

#include <errno.h>
#include <string.h>

#include "domain/media_type.h"
#include "domain/secrets.h"
#include "http/multipart.h"
#include "http/unread.h"
#include "integration/document_metadata.h"
#include "integration/shared.h"

APLOG_USE_MODULE(mantova_dossier);

#define READ_AT_ONCE (64 * 1024)
#define MAX_METADATA (64 * 1024)
#define MAX_FRAMING (128 * 1024) /* the metadata, part headers, boundaries */
#define SNIFF_LENGTH 4096

typedef enum { PART_NONE, PART_METADATA, PART_FILE } part_t;

/* Why nothing comes of it; set once, answered when reading has stopped. */
typedef struct {
    const char *outcome;
    dossier_json_t *result;
    apr_status_t db_status;
    int filter_answered;
} refusal_t;

typedef struct {
    dossier_exchange_t *x;
    dossier_upload_t *upload;
    dossier_fields_t *fields;
    refusal_t refusal;
    part_t part;
    int metadata_seen;
    int file_seen;
    int ended; /* the whole body was read */
    apr_off_t received;
    char *metadata;
    apr_size_t metadata_length;
    unsigned char head[SNIFF_LENGTH]; /* the file's first bytes, until its type is known */
    apr_size_t head_length;
    apr_off_t size;
    dossier_vault_writer_t *writer;
} state_t;

static apr_status_t refuse(state_t *state, const char *outcome)
{
    state->refusal.outcome = outcome;
    return APR_EGENERAL;
}

static apr_status_t refuse_field(state_t *state, const char *field, const char *code)
{
    dossier_fields_error(state->fields, field, code);
    return refuse(state, "invalid_fields");
}

static int storage_is_full(apr_status_t status)
{
    return APR_STATUS_IS_ENOSPC(status) || status == EDQUOT;
}

static apr_status_t refuse_storage(state_t *state, apr_status_t status)
{
    ap_log_rerror(APLOG_MARK, APLOG_ERR, status, state->x->r,
                  "DOS0303: a document could not be written; check room, rights and disk of the "
                  "folder of DossierVault");
    return refuse(state, storage_is_full(status) ? "storage_full" : "storage_failed");
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
    if (name && !strcmp(name, "file") && !state->file_seen) {
        state->part = PART_FILE;
        state->file_seen = 1;
        return state->metadata_seen ? APR_SUCCESS : refuse_field(state, "metadata", "order");
    }
    if (!name || !strcmp(name, "metadata") || !strcmp(name, "file")) {
        return refuse(state, "malformed_multipart");
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

/* The refusals that need no bytes of the file. */
static apr_status_t metadata_end(state_t *state)
{
    dossier_exchange_t *x = state->x;
    dossier_json_t *metadata = dossier_json_parse(state->metadata, state->metadata_length, x->pool);
    dossier_json_t *result;

    if (!metadata || dossier_json_type(metadata) != DOSSIER_JSON_OBJECT) {
        return refuse(state, "malformed_json");
    }
    dossier_integration_metadata_read(&state->upload->publication, state->fields, metadata);
    if (!dossier_fields_ok(state->fields)) {
        return refuse(state, "invalid_fields");
    }
    state->refusal.db_status =
        dossier_store_document_prepare(&result, x->db, &state->upload->publication, x->pool);
    if (state->refusal.db_status != APR_SUCCESS) {
        return APR_EGENERAL;
    }
    if (!dossier_integration_outcome_is(result, "ok")) {
        const char *outcome = dossier_json_get(result, "outcome");

        state->refusal.result = result;
        return refuse(state, outcome ? outcome : "internal");
    }
    return APR_SUCCESS;
}

/* The type is known or refused now, and what was held back goes to the vault. */
static apr_status_t begin_file(state_t *state)
{
    dossier_exchange_t *x = state->x;
    apr_status_t status;

    state->upload->media_type = dossier_media_type_sniff(state->head, state->head_length);
    if (!state->upload->media_type) {
        return refuse(state, "document_type");
    }
    status = dossier_vault_write_begin(&state->writer, x->config->vault,
                                       dossier_secrets_uuid(x->pool), x->pool);
    if (status == APR_SUCCESS) {
        status = dossier_vault_write(state->writer, state->head, state->head_length);
    }
    return status == APR_SUCCESS ? status : refuse_storage(state, status);
}

static apr_status_t file_data(state_t *state, const char *data, apr_size_t length)
{
    apr_status_t status;

    state->size += (apr_off_t)length;
    if (state->size > state->x->config->max_document_size) {
        return refuse(state, "too_large");
    }
    if (!state->writer) {
        apr_size_t room = SNIFF_LENGTH - state->head_length;
        apr_size_t taken = length < room ? length : room;

        memcpy(state->head + state->head_length, data, taken);
        state->head_length += taken;
        if (state->head_length < SNIFF_LENGTH) {
            return APR_SUCCESS;
        }
        status = begin_file(state);
        if (status != APR_SUCCESS) {
            return status;
        }
        data += taken;
        length -= taken;
    }
    status = length ? dossier_vault_write(state->writer, data, length) : APR_SUCCESS;
    return status == APR_SUCCESS ? status : refuse_storage(state, status);
}

static apr_status_t on_data(void *context, const char *data, apr_size_t length)
{
    state_t *state = context;

    return state->part == PART_METADATA ? metadata_data(state, data, length)
                                        : file_data(state, data, length);
}

static apr_status_t on_end(void *context)
{
    state_t *state = context;

    if (state->part == PART_METADATA) {
        return metadata_end(state);
    }
    if (!state->size) {
        return refuse_field(state, "file", "empty");
    }
    return state->writer ? APR_SUCCESS : begin_file(state); /* a small file */
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
        status = dossier_multipart_feed(parser, data, length);
        if (status != APR_SUCCESS) {
            return status == APR_EINVAL ? refuse(state, "malformed_multipart") : status;
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
        return refuse(state, "malformed_multipart");
    }
    return APR_SUCCESS;
}

static apr_status_t check_parts(state_t *state)
{
    if (!state->metadata_seen) {
        refuse_field(state, "metadata", "required");
    }
    if (!state->file_seen) {
        refuse_field(state, "file", "required");
    }
    return dossier_fields_ok(state->fields) ? APR_SUCCESS : APR_EGENERAL;
}

/* What can be said before the body is read. */
static apr_status_t check_request(state_t *state)
{
    const request_rec *r = state->x->r;
    const char *stated = apr_table_get(r->headers_in, "Content-Length");

    dossier_integration_check_id(state->fields, "external_id", state->x->param[0]);
    if (!dossier_fields_ok(state->fields)) {
        return refuse(state, "invalid_fields");
    }
    if (stated && apr_atoi64(stated) > state->x->config->max_document_size + MAX_FRAMING) {
        return refuse(state, "too_large");
    }
    return APR_SUCCESS;
}

static apr_status_t receive(state_t *state)
{
    dossier_multipart_t *parser;
    apr_status_t status = check_request(state);

    if (status != APR_SUCCESS) {
        return status;
    }
    parser = dossier_multipart_make(apr_table_get(state->x->r->headers_in, "Content-Type"), &events,
                                    state, state->x->pool);
    if (!parser) {
        return refuse(state, "malformed_multipart");
    }
    status = read_body(state, parser);
    if (status == APR_SUCCESS) {
        status = check_parts(state);
    }
    if (status == APR_SUCCESS) {
        status = dossier_vault_write_finish(state->writer, &state->upload->receipt);
        if (status != APR_SUCCESS) {
            status = refuse_storage(state, status);
        }
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
    return dossier_problem(x, refusal->outcome ? refusal->outcome : "bad_request", refusal->result);
}

int dossier_integration_upload_receive(dossier_upload_t *upload, dossier_exchange_t *x, int *rc)
{
    state_t *state = apr_pcalloc(x->pool, sizeof(*state));

    memset(upload, 0, sizeof(*upload));
    upload->publication.key.integrator_id = x->integrator_id;
    upload->publication.key.external_id = x->param[0];
    upload->publication.key.address = x->address;
    state->x = x;
    state->upload = upload;
    state->fields = dossier_fields_make(x->pool);
    if (receive(state) == APR_SUCCESS) {
        return 1;
    }
    if (state->writer) {
        dossier_vault_write_abort(state->writer);
    }
    *rc = answer_refusal(state);
    if (!state->ended) {
        *rc = dossier_unread_leave(x, *rc);
    }
    return 0;
}
