/*
 * The bytes of a document judged as they pass: is it whole, and is it what its type promises? By
 * its structure: nothing is decoded in the web server, the data of a PNG or an archive are inflated
 * only to be counted and summed up, memory does not grow with the document, and what viewers
 * forgive (bytes behind the end, a second picture, an update behind the first end) is forgiven.
 */
#ifndef DOSSIER_DOMAIN_CONTENT_H
#define DOSSIER_DOMAIN_CONTENT_H

#include <apr_pools.h>

typedef struct dossier_content_t dossier_content_t;

/* media_type is one that dossier_media_type_sniff() answers. */
dossier_content_t *dossier_content_make(const char *media_type, apr_pool_t *pool);
void dossier_content_feed(dossier_content_t *content, const unsigned char *data, apr_size_t length);

/* NULL: whole. "incomplete": its end is missing. "damaged": its structure is broken. "no_content":
   a signature without the document it signs. "not_dicom": an archive that holds no DICOM. */
const char *dossier_content_finish(dossier_content_t *content);

#endif
