/*
 * The bytes of a document. httpd's own filters do ranges and conditions over the vault's bucket,
 * which is decrypted and verified a chunk at a time while it leaves.
 *
 * A plain GET opens the row by one call, which marks the reading; if the file then cannot be read, a
 * second one takes that back. Where a condition or a range may keep the bytes here, the row is asked
 * twice: first to look, then, when bytes are really about to leave, to mark the reading. A 304, a
 * HEAD, a range beyond the end or a damaged file is not a reading. If a later answer names another
 * file than the first, the document was replaced in between, and all begins again with the new one.
 */
#include <httpd.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_ssl.h>
#include <util_filter.h>

#include <errno.h>
#include <string.h>

#include "config/vault_match.h"
#include "domain/media_type.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "store/vault.h"

APLOG_USE_MODULE(mantova_dossier);

/* Not every browser shows a PDF in a sandbox (Chromium 156 does), and in none does a PDF act for
   the site it came from. */
#define POLICY_SANDBOX                                                                             \
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
#define POLICY_PDF                                                                                 \
    "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"

typedef struct {
    const char *id;
    const char *disposition; /* "inline" or "attachment" */
    const char *title;
    const char *media_type;
    const char *extension;
    dossier_vault_receipt_t receipt;
    apr_int64_t version;
    int is_new; /* before this reading */
} content_t;

/* ?disposition=; NULL: answered. */
static const char *read_disposition(int *rc, dossier_exchange_t *x)
{
    const char *asked = dossier_query(x, "disposition");

    if (!asked || !strcmp(asked, "attachment")) {
        return "attachment";
    }
    if (!strcmp(asked, "inline")) {
        return "inline";
    }
    *rc = dossier_problem_field(x, "disposition", "choice");
    return NULL;
}

/* Answered: it cannot be read, or no longer. Replaced: to be looked at from the beginning. */
typedef enum { ANSWERED, REPLACED, STANDS } standing_t;

/* Whether the row lets us go on; arguments: account and document, and what the caller has set. */
static standing_t ask_row(int *rc, dossier_json_t **result, dossier_exchange_t *x,
                          const dossier_function_t *function, dossier_json_t *arguments)
{
    apr_status_t status = dossier_db_call(result, x->db, function, arguments, x->pool);

    if (status == APR_SUCCESS && dossier_db_outcome_is(*result, "document_replaced")) {
        return REPLACED;
    }
    if (!dossier_call_succeeded(rc, x, status, *result)) {
        apr_table_unset(x->r->headers_out, "ETag");
        return ANSWERED;
    }
    return STANDS;
}

/* Looks at the row, or marks the reading. `seen`: the object it named before; NULL: the first look.
 */
static standing_t open_row(int *rc, content_t *content, dossier_exchange_t *x, const char *seen,
                           int read)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;
    dossier_json_t *document;
    standing_t standing;

    dossier_json_set(arguments, "document_id", content->id);
    dossier_json_set(arguments, "object_id", seen);
    dossier_json_set_bool(arguments, "read", read);
    standing = ask_row(rc, &result, x, &dossier_fn.document_open, arguments);
    if (standing != STANDS) {
        return standing;
    }
    content->receipt = dossier_store_receipt_read(dossier_json_get_value(result, "receipt"));
    document = dossier_json_get_value(result, "document");
    content->title = dossier_json_get(document, "title");
    content->media_type = dossier_json_get(document, "media_type");
    content->version = dossier_json_get_int(document, "version", 0);
    content->is_new = dossier_json_get_bool(document, "new", 0);
    if (!content->title || !content->media_type || !content->receipt.object_id ||
        !content->receipt.sha256) {
        *rc = dossier_problem(x, "internal", NULL);
        return ANSWERED;
    }
    return STANDS;
}

/* A problem is not a representation of the document: it goes without the document's validator. */
static int refuse(dossier_exchange_t *x, const char *outcome)
{
    apr_table_unset(x->r->headers_out, "ETag");
    return dossier_problem(x, outcome, NULL);
}

/* "FIRST-" or "FIRST-LAST", well formed, with FIRST behind the end. */
static int starts_beyond(const char *range, apr_off_t size)
{
    apr_off_t first;
    apr_off_t last;
    char *end;

    if (!apr_isdigit(*range) || apr_strtoff(&first, range, &end, 10) != APR_SUCCESS ||
        *end++ != '-' || first < size) {
        return 0;
    }
    return !*end || (apr_isdigit(*end) && apr_strtoff(&last, end, &end, 10) == APR_SUCCESS &&
                     !*end && last >= first);
}

/* 1 when the Range header, as httpd's byte-range filter would read it, asks for nothing that is in
   the document. A malformed header is ignored there, and the whole is sent. */
static int range_beyond_end(request_rec *r, apr_off_t size)
{
    const char *ranges = apr_table_get(r->headers_in, "Range");

    if (!ranges || ap_cstr_casecmpn(ranges, "bytes=", 6) ||
        ap_condition_if_range(r, r->headers_out) == AP_CONDITION_NOMATCH) {
        return 0;
    }
    ranges += 6;
    do {
        if (!starts_beyond(ap_getword(r->pool, &ranges, ','), size)) {
            return 0;
        }
    } while (*ranges);
    return 1;
}

/* The file is not what was stored: gone, cut short, or a chunk that does not verify. */
static int is_damage(apr_status_t status)
{
    return status == APR_EMISMATCH || APR_STATUS_IS_ENOENT(status) || APR_STATUS_IS_EOF(status);
}

/* If-Match and its kin, and a range that has nothing to give. 0: *rc is what the handler returns.
 */
static int conditions_hold(int *rc, dossier_exchange_t *x, const content_t *content)
{
    request_rec *r = x->r;

    apr_table_setn(r->headers_out, "ETag",
                   apr_psprintf(x->pool, "\"%s\"", content->receipt.sha256));
    *rc = ap_meets_conditions(r);
    if (*rc == HTTP_PRECONDITION_FAILED) {
        *rc = refuse(x, "precondition_failed");
        return 0;
    }
    if (*rc != OK) {
        return 0; /* 304, which httpd writes */
    }
    if (!r->header_only && range_beyond_end(r, content->receipt.size)) {
        apr_table_setn(r->err_headers_out, "Content-Range",
                       apr_psprintf(x->pool, "bytes */%" APR_OFF_T_FMT, content->receipt.size));
        *rc = refuse(x, "range_not_satisfiable");
        return 0;
    }
    return 1;
}

/* APR words APR_EMISMATCH as "passwords do not match", and AP_FILTER_ERROR not at all. */
static apr_status_t loggable(apr_status_t status)
{
    return status == APR_EMISMATCH || status == AP_FILTER_ERROR ? APR_SUCCESS : status;
}

/* Why the vault did not give the document. */
static int refuse_damaged(dossier_exchange_t *x, const content_t *content, apr_status_t status)
{
    const char *object_id = content->receipt.object_id;

    if ((is_damage(status) || status == APR_NOTFOUND) &&
        !dossier_vault_match_stands(x->r->server, x->pool)) {
        return refuse(x, "unavailable"); /* not this file is missing: all of them are, or keys */
    }
    if (is_damage(status)) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ALERT, loggable(status), x->r,
            "DOS0204: document %s, vault object %s, is %s: restore that file of DossierVault "
            "from a backup, or have the facility publish the document again",
            content->id, object_id, APR_STATUS_IS_ENOENT(status) ? "missing" : "damaged");
        return refuse(x, "document_damaged");
    }
    if (status == APR_NOTFOUND) {
        ap_log_rerror(APLOG_MARK, APLOG_ALERT, 0, x->r,
                      "DOS0205: document %s is wrapped with key \"%s\", which is not in "
                      "DossierKeyFile: put the line of that key back and reload httpd",
                      content->id, content->receipt.key_id);
        return refuse(x, "document_key_missing");
    }
    ap_log_rerror(APLOG_MARK, APLOG_ALERT, status, x->r,
                  "DOS0206: document %s, vault object %s, could not be read: check the disk and "
                  "the permissions of DossierVault",
                  content->id, object_id);
    return refuse(x, "unavailable");
}

/* Opens the sealed file and verifies its beginning, while a problem can still be answered. What was
   verified is what will be sent. */
static apr_status_t open_file(apr_bucket_brigade **brigade, dossier_exchange_t *x,
                              content_t *content)
{
    apr_bucket_alloc_t *list = x->r->connection->bucket_alloc;
    dossier_vault_reader_t *reader;
    const char *head;
    apr_size_t length;
    apr_status_t status =
        dossier_vault_read_begin(&reader, x->config->vault, &content->receipt, x->pool);

    if (status != APR_SUCCESS) {
        return status;
    }
    *brigade = apr_brigade_create(x->pool, list);
    APR_BRIGADE_INSERT_TAIL(*brigade, dossier_vault_bucket_create(reader, list));
    status = apr_bucket_read(APR_BRIGADE_FIRST(*brigade), &head, &length, APR_BLOCK_READ);
    if (status == APR_SUCCESS) {
        length = length < DOSSIER_MEDIA_TYPE_HEAD ? length : DOSSIER_MEDIA_TYPE_HEAD;
        content->extension = dossier_media_type_extension(
            content->media_type, (const unsigned char *)head, length, x->pool);
    }
    return status;
}

static void set_headers(dossier_exchange_t *x, const content_t *content)
{
    request_rec *r = x->r;
    int pdf = !strcmp(content->media_type, "application/pdf");
    int shows = !strcmp(content->disposition, "inline") &&
                (pdf || !strncmp(content->media_type, "image/", 6));

    r->status = HTTP_OK;
    ap_set_content_type(r, content->media_type);
    ap_set_content_length(r, content->receipt.size);
    ap_set_accept_ranges(r);
    apr_table_setn(r->headers_out, "Content-Disposition",
                   dossier_content_disposition(shows ? "inline" : "attachment", content->title,
                                               content->extension, x->pool));
    apr_table_setn(r->err_headers_out, "Content-Security-Policy",
                   shows && pdf ? POLICY_PDF : POLICY_SANDBOX);
}

/* A file that turns out damaged on the way must never look like a short document: the connection
   (the stream, in HTTP/2) is cut. A client that went away is nobody's concern. */
static int cut_connection(dossier_exchange_t *x, const content_t *content, apr_status_t status)
{
    conn_rec *connection = x->r->connection;

    /* mod_ssl turns a failed read of a small bucket into AP_FILTER_ERROR, and says why */
    if (is_damage(status) || status == APR_FROM_OS_ERROR(EIO) ||
        (status == AP_FILTER_ERROR && !connection->aborted)) {
        ap_log_rerror(
            APLOG_MARK, APLOG_ALERT, loggable(status), x->r,
            "DOS0207: document %s, vault object %s, proved damaged while it was sent, and the "
            "connection was cut: restore that file of DossierVault from a backup, or have "
            "the facility publish the document again",
            content->id, content->receipt.object_id);
    }
    connection->keepalive = AP_CONN_CLOSE;
    connection->aborted = 1;
    return OK;
}

static int send_document(dossier_exchange_t *x, const content_t *content,
                         apr_bucket_brigade *brigade)
{
    conn_rec *connection = x->r->connection;
    apr_bucket_alloc_t *list = connection->bucket_alloc;
    apr_status_t status;

    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(list));
    status = ap_pass_brigade(x->r->output_filters, brigade);
    if (status == APR_SUCCESS && !connection->master && !connection->aborted &&
        !ap_ssl_conn_is_ssl(connection)) {
        /* The end may still wait unread: have it read while we can tell what went wrong. TLS has
         * read all that it encrypted. */
        apr_brigade_cleanup(brigade);
        APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_flush_create(list));
        status = ap_pass_brigade(connection->output_filters, brigade);
    }
    if (status == AP_FILTER_ERROR && ap_is_HTTP_ERROR(x->r->status)) {
        return AP_FILTER_ERROR; /* a filter has answered in our place */
    }
    return status == APR_SUCCESS ? OK : cut_connection(x, content, status);
}

/* Whether the bytes will leave as soon as the file proves sound. */
static int is_plain_get(const request_rec *r)
{
    static const char *const conditions[] = {"If-Match",          "If-None-Match",
                                             "If-Modified-Since", "If-Unmodified-Since",
                                             "If-Range",          "Range"};

    for (apr_size_t i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
        if (apr_table_get(r->headers_in, conditions[i])) {
            return 0;
        }
    }
    return !r->header_only;
}

/* The reading was marked, and did not take place. */
static standing_t take_back(int *rc, const content_t *content, dossier_exchange_t *x,
                            apr_status_t status)
{
    dossier_json_t *arguments = dossier_call_arguments(x);
    dossier_json_t *result;

    dossier_json_set(arguments, "document_id", content->id);
    dossier_json_set(arguments, "object_id", content->receipt.object_id);
    dossier_json_set_int(arguments, "version", content->version);
    dossier_json_set_bool(arguments, "new", content->is_new);
    dossier_json_set(arguments, "failure",
                     is_damage(status)        ? "document_damaged"
                     : status == APR_NOTFOUND ? "document_key_missing"
                                              : "unavailable");
    return ask_row(rc, &result, x, &dossier_fn.document_unread, arguments);
}

/* Once through row and file. Whatever the file was found to be, only the row knows whether it is
   still the document's. */
static standing_t try_content(int *rc, content_t *content, dossier_exchange_t *x)
{
    apr_bucket_brigade *brigade;
    int plain = is_plain_get(x->r);
    standing_t standing = open_row(rc, content, x, NULL, plain);
    apr_status_t status;

    if (standing != STANDS || !conditions_hold(rc, x, content)) {
        return standing;
    }
    status = open_file(&brigade, x, content);
    if (plain && status != APR_SUCCESS) {
        standing = take_back(rc, content, x, status);
    } else if (!plain && (status != APR_SUCCESS || !x->r->header_only)) {
        standing = open_row(rc, content, x, content->receipt.object_id, status == APR_SUCCESS);
    }
    if (standing != STANDS) {
        return standing;
    }
    if (status != APR_SUCCESS) {
        *rc = refuse_damaged(x, content, status);
        return ANSWERED;
    }
    set_headers(x, content);
    /* httpd keeps the length that was set when a HEAD has no body */
    *rc = x->r->header_only ? OK : send_document(x, content, brigade);
    return ANSWERED;
}

int dossier_portal_document_content(dossier_exchange_t *x)
{
    content_t content = {.id = NULL};
    int rc;

    content.id = dossier_portal_id(&rc, x);
    if (!content.id || !(content.disposition = read_disposition(&rc, x))) {
        return rc;
    }
    for (int look = 0; look < DOSSIER_PORTAL_LOOKS; look++) {
        if (try_content(&rc, &content, x) != REPLACED) {
            return rc;
        }
    }
    return refuse(x, "busy");
}
