/*
 * multipart/form-data (RFC 7578, RFC 2046) as a stream: a push parser that copies nothing but
 * headers and never holds a part whole. Free of httpd, so that it can be fuzzed on its own.
 */
#ifndef DOSSIER_BASE_MULTIPART_H
#define DOSSIER_BASE_MULTIPART_H

#include <apr_pools.h>

typedef struct dossier_multipart_t dossier_multipart_t;

typedef struct {
    /* A part starts. name and content_type are NULL when not said. Anything but APR_SUCCESS stops
       the parser and is handed back by feed(). */
    apr_status_t (*part)(void *context, const char *name, const char *content_type);
    apr_status_t (*data)(void *context, const char *data, apr_size_t length);
    apr_status_t (*end)(void *context);
} dossier_multipart_events_t;

/* content_type is the request's header. NULL when it is not a multipart/form-data with a boundary of 1
   to 70 allowed characters: *fault says which (see below). */
dossier_multipart_t *dossier_multipart_make(const char **fault, const char *content_type,
                                            const dossier_multipart_events_t *events, void *context,
                                            apr_pool_t *pool);

/* APR_EINVAL: malformed (headers or preamble over 8 KiB, a header said twice, more than 8 parts, a
   part in base64 or quoted-printable). Preamble and epilogue are skipped. */
apr_status_t dossier_multipart_feed(dossier_multipart_t *parser, const char *data,
                                    apr_size_t length);
/* APR_SUCCESS when the closing boundary was seen, APR_EOF when the body was cut short. */
apr_status_t dossier_multipart_finish(dossier_multipart_t *parser);

/* What is wrong, after APR_EINVAL or APR_EOF: "boundary_missing", "boundary_long",
   "boundary_characters" (all of the request's header), "boundary_absent" (no line of the body
   begins with it), "boundary_line" (more stands behind one), "line_ends" (no CR), "part_headers",
   "header_repeated", "transfer_encoding", "disposition" (quotes of a name), "parts_many",
   "cut_off". */
const char *dossier_multipart_fault(const dossier_multipart_t *parser);

#endif
