/* The type of a document by its content, never by what the sender says. */
#ifndef DOSSIER_DOMAIN_MEDIA_TYPE_H
#define DOSSIER_DOMAIN_MEDIA_TYPE_H

#include <apr_pools.h>

/* The first bytes (all that matters is in the first 4096). Answers "application/pdf",
   "application/pkcs7-mime" (.p7m: CMS SignedData in DER, or PEM/base64 of it), "image/jpeg",
   "image/png", "application/zip" (whether it is a DICOM archive is seen at its end: content.h), or
   NULL: not accepted. */
const char *dossier_media_type_sniff(const unsigned char *head, apr_size_t length);

/* "pdf", "jpg", "png", "zip", and by what a .p7m holds "pdf.p7m", "xml.p7m", "jpg.p7m" and the
   like; NULL: no type of a document. The first DOSSIER_MEDIA_TYPE_HEAD bytes tell, or fewer. */
enum { DOSSIER_MEDIA_TYPE_HEAD = 4096 };
const char *dossier_media_type_extension(const char *media_type, const unsigned char *head,
                                         apr_size_t length, apr_pool_t *pool);

/* A file's name in UTF-8, made from a title: nothing in it that a file system takes amiss. */
const char *dossier_file_name(const char *title, const char *extension, apr_pool_t *pool);

/* Content-Disposition (RFC 6266, RFC 8187): an ASCII fallback and a UTF-8 name, made from a title.
 */
const char *dossier_content_disposition(const char *kind, const char *title, const char *extension,
                                        apr_pool_t *pool);

#endif
