/*
 * A ZIP archive written as a stream: nothing is kept but a line per entry. Entries are stored, not
 * compressed, and their length and checksum follow them in data descriptors. ZIP64 is used where
 * an entry, the archive or the number of entries needs it. (libarchive takes names in the process's
 * locale only, and httpd runs in "C".)
 */
#ifndef DOSSIER_DOMAIN_ZIP_H
#define DOSSIER_DOMAIN_ZIP_H

#include <apr_pools.h>

typedef struct dossier_zip_t dossier_zip_t;

/* Takes the archive's bytes in order; anything but APR_SUCCESS ends the archive. */
typedef apr_status_t dossier_zip_sink_t(void *context, const void *bytes, apr_size_t length);

dossier_zip_t *dossier_zip_begin(dossier_zip_sink_t *sink, void *context, apr_pool_t *pool);

/* Begins an entry, ending the one before. name: UTF-8 with "/" between folders, at most 65535
   bytes. size: how long it will be, -1: unknown, but shorter than 4 GiB. */
apr_status_t dossier_zip_entry(dossier_zip_t *zip, const char *name, apr_off_t size);
apr_status_t dossier_zip_write(dossier_zip_t *zip, const void *bytes, apr_size_t length);
/* Ends the last entry and writes the directory. Without it no reader takes the archive for whole.
 */
apr_status_t dossier_zip_finish(dossier_zip_t *zip);

#endif
