/*
 * All the data of an account as one ZIP archive, written while it leaves: the documents, each
 * opened again when its turn comes and decrypted a chunk at a time, then what was done with them,
 * then the data. What goes wrong on the way cuts the connection: half an archive must not look
 * whole.
 */
#include <httpd.h>
#include <apr_strings.h>
#include <http_log.h>
#include <http_protocol.h>

#include <string.h>

#include "base/zip.h"
#include "config/vault_match.h"
#include "domain/date.h"
#include "domain/media_type.h"
#include "portal/portal.h"
#include "portal/steps.h"
#include "store/vault.h"

APLOG_USE_MODULE(mantova_dossier);

#define CHUNK ((apr_size_t)64 * 1024)
#define ACTIVITY_PAGE 100

typedef struct {
    dossier_exchange_t *x;
    dossier_zip_t *zip;
    dossier_json_t *document_arguments; /* of document_open */
    apr_pool_t *pool;                   /* cleared after each document and page */
    char *chunk;
} export_t;

static apr_status_t send_bytes(void *context, const void *bytes, apr_size_t length)
{
    return ap_rwrite(bytes, (int)length, context) < 0 ? APR_ECONNABORTED : APR_SUCCESS;
}

static apr_status_t write_text(export_t *e, const char *text)
{
    return dossier_zip_write(e->zip, text, strlen(text));
}

/* Looks at the row, or (`leaves`) notes that the document leaves, which is not a reading; *document is
   how it is described now. `seen`: the object it named before; APR_EBUSY: not any more. *receipt
   has no object_id when it can no longer be read. */
static apr_status_t look(dossier_vault_receipt_t *receipt, dossier_json_t **document, export_t *e,
                         const char *id, const char *seen, int leaves)
{
    dossier_json_t *arguments = e->document_arguments;
    dossier_json_t *result;
    apr_status_t status;

    *receipt = (dossier_vault_receipt_t){.object_id = NULL};
    dossier_json_set(arguments, "document_id", id);
    dossier_json_set(arguments, "object_id", seen);
    dossier_json_set_bool(arguments, "exported", leaves);
    status = dossier_db_call(&result, e->x->db, &dossier_fn.document_open, arguments, e->pool);
    if (status == APR_SUCCESS && dossier_db_outcome_is(result, "document_replaced")) {
        return APR_EBUSY;
    }
    if (status == APR_SUCCESS && dossier_db_outcome_is(result, "ok")) {
        *document = dossier_json_get_value(result, "document");
        *receipt = dossier_store_receipt_read(dossier_json_get_value(result, "receipt"));
    }
    return status;
}

/* Begins the document's entry. Its name there, told as `file` with the data, has a number, so that
   no two are the same. */
static apr_status_t begin_entry(export_t *e, dossier_json_t *document, int number, apr_off_t size,
                                apr_size_t length)
{
    const char *extension = dossier_media_type_extension(
        dossier_json_get(document, "media_type"), (const unsigned char *)e->chunk, length, e->pool);
    const char *file =
        apr_psprintf(e->pool, "documents/%03d %s", number,
                     dossier_file_name(dossier_json_get(document, "title"), extension, e->pool));
    apr_time_t issued;

    dossier_json_set(document, "file", file);
    if (!dossier_time_parse(&issued, dossier_json_get(document, "issued_at"))) {
        issued = e->x->r->request_time;
    }
    return dossier_zip_entry(e->zip, file, dossier_time_in_rome(issued), size);
}

static apr_status_t copy_document(export_t *e, dossier_vault_reader_t *reader,
                                  dossier_json_t *document, int number, apr_off_t size)
{
    apr_off_t offset = 0;
    apr_size_t length;
    apr_status_t status;

    do {
        length = CHUNK;
        status = dossier_vault_read(reader, offset, e->chunk, &length);
        if (status == APR_SUCCESS && offset == 0) {
            status = begin_entry(e, document, number, size, length);
        }
        if (status == APR_SUCCESS && length) {
            status = dossier_zip_write(e->zip, e->chunk, length);
        }
        offset += (apr_off_t)length;
    } while (status == APR_SUCCESS && length);
    return status;
}

/* Once through row and file; *reader is NULL when the document has ended meanwhile. Whatever the
   file was found to be, only the row knows whether it is still the document's: APR_EBUSY if not. */
static apr_status_t try_document(dossier_vault_reader_t **reader, dossier_vault_receipt_t *receipt,
                                 dossier_json_t **document, export_t *e, const char *id)
{
    dossier_vault_receipt_t now;
    apr_status_t again;
    apr_status_t status = look(receipt, document, e, id, NULL, 0);

    *reader = NULL;
    if (status != APR_SUCCESS || !receipt->object_id) {
        return status;
    }
    status = dossier_vault_read_begin(reader, e->x->config->vault, receipt, e->pool);
    again = look(&now, document, e, id, receipt->object_id, status == APR_SUCCESS);
    if (again != APR_SUCCESS) {
        return again;
    }
    if (!now.object_id) {
        *reader = NULL;
        return APR_SUCCESS;
    }
    return status;
}

static void log_failure(const export_t *e, const char *id, const dossier_vault_receipt_t *receipt,
                        apr_status_t status)
{
    if (status == APR_NOTFOUND) {
        ap_log_rerror(APLOG_MARK, APLOG_ALERT, 0, e->x->r,
                      "DOS0208: document %s could not be exported, and the connection was cut: it "
                      "is wrapped with key \"%s\", which is not in DossierKeyFile: put the line "
                      "of that key back and reload httpd",
                      id, receipt->key_id);
        return;
    }
    ap_log_rerror(APLOG_MARK, APLOG_ALERT, status == APR_EMISMATCH ? APR_SUCCESS : status, e->x->r,
                  "DOS0280: document %s, vault object %s, could not be exported%s, and the "
                  "connection was cut: restore that file of DossierVault from a backup, or have "
                  "the facility publish the document again",
                  id, receipt->object_id ? receipt->object_id : "-",
                  status == APR_EMISMATCH ? " because it is damaged" : "");
}

/* The document, as it is described now, gets the name of its entry in the archive as `file`, null
   when it is not in it. */
static apr_status_t write_document(dossier_json_t **document, export_t *e, int number)
{
    const char *id = dossier_json_get(*document, "id");
    dossier_vault_receipt_t receipt;
    dossier_vault_reader_t *reader = NULL;
    apr_status_t status = APR_EBUSY;

    for (int looks = 0; looks < DOSSIER_PORTAL_LOOKS && status == APR_EBUSY; looks++) {
        status = try_document(&reader, &receipt, document, e, id);
    }
    dossier_json_set(*document, "file", NULL);
    if (status == APR_SUCCESS && reader) {
        status = copy_document(e, reader, *document, number, receipt.size);
    }
    if (status != APR_SUCCESS && !e->x->r->connection->aborted) {
        log_failure(e, id, &receipt, status);
    }
    return status;
}

/* *described: the documents as they were when their bytes went out. */
static apr_status_t write_documents(dossier_json_t **described, export_t *e,
                                    const dossier_json_t *documents)
{
    apr_status_t status = APR_SUCCESS;

    *described = dossier_json_array(e->x->pool);
    for (apr_size_t i = 0; i < dossier_json_length(documents) && status == APR_SUCCESS; i++) {
        dossier_json_t *document = dossier_json_at(documents, i);

        status = write_document(&document, e, (int)i + 1);
        dossier_json_append(*described, document);
        apr_pool_clear(e->pool);
    }
    return status;
}

/* Up to two years of lines: a page at a time. */
static apr_status_t write_activity(export_t *e)
{
    dossier_json_t *arguments =
        dossier_json_set_int(dossier_call_arguments(e->x), "limit", ACTIVITY_PAGE);
    apr_status_t status =
        dossier_zip_entry(e->zip, "activity.json", dossier_time_in_rome(e->x->r->request_time), -1);
    const char *next;
    const char *before = "[";

    do {
        dossier_json_t *result;
        dossier_json_t *lines;

        apr_pool_clear(e->pool);
        if (status == APR_SUCCESS) {
            status =
                dossier_db_call(&result, e->x->db, &dossier_fn.activity_list, arguments, e->pool);
        }
        if (status != APR_SUCCESS) {
            return status;
        }
        lines = dossier_json_get_value(result, "activity");
        for (apr_size_t i = 0; i < dossier_json_length(lines) && status == APR_SUCCESS; i++) {
            const char *line = dossier_json_text(dossier_json_at(lines, i), e->pool);

            status = write_text(e, apr_pstrcat(e->pool, before, "\n", line, NULL));
            before = ",";
        }
        next = dossier_json_get(result, "next");
        dossier_json_set(arguments, "cursor", next);
    } while (next);
    return status == APR_SUCCESS ? write_text(e, *before == ',' ? "\n]\n" : "[]\n") : status;
}

static apr_status_t write_archive(export_t *e, dossier_json_t *result)
{
    dossier_json_t *data = dossier_json_get_value(result, "data");
    dossier_json_t *documents;
    apr_status_t status =
        write_documents(&documents, e, dossier_json_get_value(result, "documents"));

    if (status == APR_SUCCESS) {
        status = write_activity(e);
    }
    if (status == APR_SUCCESS) {
        dossier_json_set_value(data, "documents", documents);
        status =
            dossier_zip_entry(e->zip, "data.json", dossier_time_in_rome(e->x->r->request_time), -1);
    }
    if (status == APR_SUCCESS) {
        status = write_text(e, dossier_json_text(data, e->pool));
    }
    return status == APR_SUCCESS ? dossier_zip_finish(e->zip) : status;
}

int dossier_portal_export(dossier_exchange_t *x)
{
    request_rec *r = x->r;
    export_t e = {.x = x};
    dossier_json_t *result = NULL;
    int rc;

    if (!r->header_only && !dossier_vault_match_stands(x->r->server, x->pool)) {
        return dossier_problem(x, "unavailable", NULL);
    }
    if (!r->header_only &&
        !dossier_call(&rc, &result, x, &dossier_fn.export_begin, dossier_call_arguments(x))) {
        return rc;
    }
    r->status = HTTP_OK;
    ap_set_content_type(r, "application/zip");
    apr_table_setn(r->headers_out, "Content-Disposition",
                   dossier_content_disposition("attachment", "Mantova Dossier", "zip", x->pool));
    if (r->header_only) {
        return OK;
    }
    e.zip = dossier_zip_begin(send_bytes, r, x->pool);
    e.document_arguments = dossier_call_arguments(x);
    e.chunk = apr_palloc(x->pool, CHUNK);
    apr_pool_create(&e.pool, x->pool);
    if (write_archive(&e, result) != APR_SUCCESS) {
        r->connection->keepalive = AP_CONN_CLOSE;
        r->connection->aborted = 1;
    }
    return OK;
}
