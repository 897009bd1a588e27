/* What the judges of content.h have in common: one for each media type. */
#ifndef DOSSIER_DOMAIN_CONTENT_PRIVATE_H
#define DOSSIER_DOMAIN_CONTENT_PRIVATE_H

#include <apr_pools.h>
#include <zlib.h>

typedef struct {
    const char *media_type;
    void *(*make)(apr_pool_t *pool);
    void (*feed)(void *judge, const unsigned char *data, apr_size_t length);
    const char *(*finish)(void *judge); /* as dossier_content_finish() */
} dossier_content_kind_t;

extern const dossier_content_kind_t dossier_content_pdf;
extern const dossier_content_kind_t dossier_content_cms;
extern const dossier_content_kind_t dossier_content_jpeg;
extern const dossier_content_kind_t dossier_content_png;
extern const dossier_content_kind_t dossier_content_zip;

enum { DOSSIER_CONTENT_HEAD = 4096 };

/* The first and the last bytes of what was fed: what is told by an end needs no more. */
typedef struct {
    unsigned char head[DOSSIER_CONTENT_HEAD];
    apr_size_t head_length;
    unsigned char *tail; /* room for two windows */
    apr_size_t tail_length;
    apr_size_t window;
    apr_off_t total; /* of all that was fed; the last byte of the tail is number total - 1 */
} dossier_content_ends_t;

dossier_content_ends_t *dossier_content_ends_make(apr_size_t window, apr_pool_t *pool);
/* A kind's feed(). */
void dossier_content_ends_add(void *ends, const unsigned char *data, apr_size_t length);
/* Everything was fed: the tail is then the last `window` bytes, however they came. */
void dossier_content_ends_close(dossier_content_ends_t *ends);

/* Copies what is wanted of the next bytes: *have grows up to `wanted`. Answers the bytes taken. */
apr_size_t dossier_content_collect(unsigned char *out, apr_size_t *have, apr_size_t wanted,
                                   const unsigned char *data, apr_size_t length);

apr_uint64_t dossier_content_little_endian(const unsigned char *at, int bytes);

/* 0: it cannot. Its memory is the pool's, and goes with it. */
int dossier_content_inflater(z_stream *inflater, int window_bits, apr_pool_t *pool);

/* The entries of an archive, fed with all of it. */
typedef struct dossier_content_zip_entries_t dossier_content_zip_entries_t;

dossier_content_zip_entries_t *dossier_content_zip_entries_make(apr_pool_t *pool);
void dossier_content_zip_entries_add(dossier_content_zip_entries_t *entries,
                                     const unsigned char *data, apr_size_t length);
/* Everything was fed: no entry is damaged, or cut off, as far as they were looked into. */
int dossier_content_zip_entries_good(const dossier_content_zip_entries_t *entries);

#endif
