/*
 * A ZIP archive written as a stream, to be read as one as well: every entry is deflated, so that a
 * reader without the directory sees where it ends, and its lengths and checksum follow in a data
 * descriptor. Nothing is kept but a line per entry. ZIP64 is used where an entry, the archive or
 * the number of entries needs it. (libarchive takes names in the process's locale only, and httpd
 * runs in "C".)
 */
#ifndef DOSSIER_BASE_ZIP_H
#define DOSSIER_BASE_ZIP_H

#include <apr_pools.h>
#include <apr_time.h>

typedef struct dossier_zip_t dossier_zip_t;

/* Takes the archive's bytes in order; anything but APR_SUCCESS ends the archive. */
typedef apr_status_t dossier_zip_sink_t(void *context, const void *bytes, apr_size_t length);

dossier_zip_t *dossier_zip_begin(dossier_zip_sink_t *sink, void *context, apr_pool_t *pool);

/* Begins an entry, ending the one before. name: UTF-8 with "/" between folders, at most 65535
   bytes. at: its date, as the clocks of the place show it, as if they were set to UTC. size: how long it will be, for what is
   compressed already and is only framed; -1: unknown, but shorter than 4 GiB, and text to be
   compressed. */
apr_status_t dossier_zip_entry(dossier_zip_t *zip, const char *name, apr_time_t at, apr_off_t size);
apr_status_t dossier_zip_write(dossier_zip_t *zip, const void *bytes, apr_size_t length);
/* Ends the last entry and writes the directory. Without it no reader takes the archive for whole.
 */
apr_status_t dossier_zip_finish(dossier_zip_t *zip);

#endif
